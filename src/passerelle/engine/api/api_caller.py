"""Who asks the live API for something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.contracts.field_meta import Purpose
    from passerelle.stores.tokens import ApiToken


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """Who asks, and for which purpose."""

    token: ApiToken
    purpose: Purpose
