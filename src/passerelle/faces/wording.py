"""How figures, fates and places are written for people, in both languages."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.vocabulary.language import N_, _, current
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import Concerns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from passerelle.vocabulary.outcomes import Balance
    from passerelle.vocabulary.parcels import Place

FATES: Mapping[str, str] = MappingProxyType(
    {
        Fate.DELIVERED: N_("delivered"),
        Fate.UNCHANGED: N_("unchanged"),
        Fate.DUPLICATE: N_("duplicate"),
        Fate.UNREADABLE: N_("unreadable"),
        Fate.REJECTED: N_("rejected"),
        Fate.WITHHELD: N_("withheld"),
        Fate.REFUSED: N_("refused"),
        Fate.UNKNOWN: N_("outcome unknown"),
        "warning": N_("warning"),
    },
)
PERSONS: Mapping[Concerns, str] = MappingProxyType(
    {
        Concerns.SUPPLIER: N_("the supplier"),
        Concerns.ORGANISATION: N_("the organisation"),
        Concerns.DEVELOPER: N_("the developer of the plugin"),
        Concerns.OPERATOR: N_("the operator"),
    },
)
"""Who can do something about it."""
PARCEL_STATES: Mapping[str, str] = MappingProxyType(
    {"open": N_("open"), "waiting": N_("waiting"), "parked": N_("parked"), "done": N_("finished")},
)
QUARANTINE_STATES: Mapping[str, str] = MappingProxyType(
    {
        "waiting": N_("waiting"),
        "replaying": N_("being replayed"),
        "replayed": N_("replayed"),
        "discarded": N_("discarded"),
        "superseded": N_("replaced by a newer export"),
        "expired": N_("expired"),
    },
)
SUBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "person": N_("person accompanied"),
        "worker": N_("professional"),
        "organisation": N_("organisation"),
        "none": N_("nobody"),
    },
)
SENSITIVITIES: Mapping[str, str] = MappingProxyType(
    {
        "ordinary": N_("ordinary"),
        "identifying": N_("identifying"),
        "special": N_("special category (GDPR art. 9)"),
        "surveillance": N_("traces of a worker"),
    },
)
_SPACES = MappingProxyType({"fr": "\u202f", "en": ","})
"""What stands between thousands."""


def headed(head: str, text: str) -> str:
    """Write what is spoken of, then what is said of it; each language has its own colon."""
    return _("{head}: {text}").format(head=head, text=text) if head else text


def count(number: int) -> str:
    """Write a whole number: `12 345`."""
    return f"{number:,}".replace(",", _SPACES[current()])


def moment(when: datetime | None) -> str:
    """Write a moment in the machine's own time; a dash for none."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M") if when else "–"


def where(place: Place) -> str:
    """Write where something stands: `line 12`, `lines 12 to 14`, with the member that holds it."""
    if place.last_line > place.line:
        words = _("lines {first} to {last}").format(first=place.line, last=place.last_line)
    else:
        words = _("line {line}").format(line=place.line)
    return f"{place.member}, {words}" if place.member else words


def sum_of(balance: Balance) -> str:
    """Write the books as a sum: `received 12 = delivered 10 + rejected 2`."""
    terms = [f"{_(FATES[fate])} {count(balance.fates[fate])}" for fate in Fate if balance.fates.get(fate)]
    return _("received {count} = {terms}").format(count=count(balance.received), terms=" + ".join(terms) or "0")


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write rows under their headers, in columns as wide as needed."""
    lines = [tuple(headers), *(tuple(row) for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
