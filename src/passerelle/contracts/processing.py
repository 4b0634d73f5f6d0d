"""A processing: to whom a flow sends records, on what basis, for how long, and who was told before."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import Purpose, RecipientKind, Sensitivity
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


_OVERSEAS = frozenset({"GP", "MQ", "GF", "RE", "YT", "MF", "PM", "BL"})
"""French, and under French law: to send there is to send to France."""
_UNION = _OVERSEAS | {
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
    *("IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO"),
}
"""The Union and the rest of the European Economic Area, where RGPD is the law."""


def is_outside_union(country: str) -> bool:
    """Whether sending to a country is a transfer that needs its own ground (RGPD 44 to 49); empty is unknown: no."""
    return bool(country) and country not in _UNION


class Basis(StrEnum):
    """On what a processing rests (RGPD 6, paragraph 1, a to f)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    OBLIGATION = "obligation"
    VITAL = "vital"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTEREST = "legitimate_interest"


NARROWEST_RECIPIENT: Mapping[Purpose, RecipientKind] = MappingProxyType(
    {
        Purpose.SUPPORT: RecipientKind.PARTNER,
        Purpose.PLANNING: RecipientKind.PARTNER,
        Purpose.BILLING: RecipientKind.PAYER,
        Purpose.EFFECTIVITY: RecipientKind.PAYER,
        Purpose.RIGHTS: RecipientKind.PARTNER,
        Purpose.PAY: RecipientKind.AUTHORITY,
        Purpose.STEERING: RecipientKind.PARTNER,
        Purpose.STATISTICS: RecipientKind.PARTNER,
        Purpose.PORTABILITY: RecipientKind.SELF,
    }
)
"""Who counts as the recipient of a flow that names none: of those that the purpose can have, who may have least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who receives the records of a flow."""

    kind: RecipientKind
    name: str = ""
    """Empty: the settings do not say."""
    country: str = ""
    """ISO 3166-1, two letters."""
    secrecy: str = ""
    """The rule of secrecy that binds the recipient: a text, or an article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long records are kept, in days; None where nothing is said."""

    recipient_days: int | None = None
    here_days: int | None = None
    then: str = ""
    """What becomes of them afterwards: `erase` or `archive`."""
    categories: Mapping[Sensitivity, int] = field(default_factory=dict)
    """Days at the recipient of one category of data, where they are other than of the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """Who answers for all processing (RGPD 4, point 7), and how persons reach them; empty where nothing is said."""

    name: str = ""
    address: str = ""
    contact: str = ""
    """Where persons write or telephone to use their rights."""
    representative: str = ""
    dpo: str = ""
    dpo_contact: str = ""
    measures: str = ""
    """Security measures of the organisation itself: access, backups, computers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """Somebody who works on the controller's behalf (RGPD 28)."""

    name: str
    task: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """What the settings declare of one flow, completed by the narrowest reading where they say nothing."""

    purpose: Purpose
    recipient: Recipient
    is_declared: bool = False
    """Whether the settings say anything of the processing: older files do not."""
    basis: Basis | None = None
    basis_text: str = ""
    special_ground: str = ""
    """The letter of RGPD 9, paragraph 2, on which special categories rest; empty when none is stated."""
    special_text: str = ""
    retention: Retention = Retention()
    informed_on: date | None = None
    """When the persons were told."""
    professionals_informed_on: date | None = None
    council_consulted_on: date | None = None
    """When the works council was informed and consulted (code du travail, L. 2312-38)."""
    impact_assessment: str = ""
    """Reference of the impact assessment (RGPD 35)."""
    reference: str = ""
    """Number of the activity in the organisation's own record."""
    in_use_since: date | None = None
    joint_controllers: tuple[str, ...] | None = None
    """Who decides together with the controller (RGPD 26); empty: nobody does; None: nobody said."""
    processors: tuple[Processor, ...] | None = None
    """Who works on the controller's behalf; empty: nobody does; None: nobody said."""
    safeguards: str = ""
    """On what a transfer outside the Union rests (RGPD 44 to 49)."""
    nir_text: str = ""
    """The text that allows the NIR to be used (loi Informatique et Libertés, article 30)."""

    @classmethod
    def of_purpose(cls, purpose: Purpose) -> Processing:
        """Return what counts for a flow that declares nothing: the narrowest recipient of its purpose."""
        return cls(purpose=purpose, recipient=Recipient(kind=NARROWEST_RECIPIENT[purpose]))

    def has_consulted(self, today: date) -> bool:
        """Whether the works council was consulted: a day in the future is none yet."""
        return self.council_consulted_on is not None and self.council_consulted_on <= today
