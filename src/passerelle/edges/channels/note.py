"""What is sent over a channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ShortText:
    """A text for people: one line that names it, its body, and an id that stays when it is sent again."""

    id: str
    subject: str
    body: str
    moment: datetime
    page: str = ""
    """The same as a page (HTML) that needs nothing else, for channels that carry one; empty: there is none."""
