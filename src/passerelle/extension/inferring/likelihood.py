"""How well the content of a column fits what a field holds, from 0 (cannot be) to 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.contracts.types import FieldKind
from passerelle.extension.inferring.code_guessing import compute_known_share
from passerelle.extension.inferring.name_likeness import has_stem
from passerelle.extension.inferring.parties import is_contact

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.extension.inferring.contents import Evidence
    from passerelle.extension.inferring.slots import ColumnSlot

_EMPTY = 0.5
"""What a column without any value is worth: only its name speaks."""
_CERTAIN = {
    "telecoms.email": "email",
    "telecoms.phone": "phone",
    "telecoms.mobile": "phone",
    "identifiers.nir": "nir",
    "identifiers.siret": "siret",
}
"""Parts that their content proves."""
_NAMING = frozenset({"nom", "prenom", "libell"})
"""Words of headers that tell of a name, and so never of a reference."""


def is_proven_by_content(slot: ColumnSlot, seen: Evidence) -> bool:
    """Whether the content alone tells what the column is."""
    return slot.name in _CERTAIN and seen.share(_CERTAIN[slot.name]) >= 0.9


def compute_fit(slot: ColumnSlot, name: str, seen: Evidence) -> float:
    """Return how well a column's content fits a slot."""
    if slot.kind is FieldKind.URN and (has_stem(name, _NAMING) or is_contact(name, seen)):
        return 0.0
    if not seen.filled:
        return _EMPTY
    if slot.kind is None:
        return float(seen.kind == "day")
    if slot.part:
        return _fit_part(slot, seen)
    if slot.coded:
        return _fit_code(slot, seen)
    return _KINDS.get(slot.kind, _fit_text)(slot, seen)


def _fit_part(slot: ColumnSlot, seen: Evidence) -> float:
    if slot.name in _CERTAIN:
        # Official samples themselves carry wrong keys: the shape counts, a little less.
        kind = _CERTAIN[slot.name]
        return max(seen.share(kind), 0.7 * seen.share(f"{kind}_like"))
    own = {"postcode": "postcode", "commune": "postcode", "finess": "finess"}
    if slot.part in own:
        return seen.share(own[slot.part])
    if slot.part in ("lines", "city", "country"):
        if seen.temporal or seen.share("number") > 0.5 or seen.share("email") > 0.5:
            return 0.0
        # A line may hold anything but figures; towns and countries are letters.
        return 1.0 if slot.part == "lines" else seen.share("letters")
    return seen.share("phone") if slot.part == "fax" else 0.9 * seen.share("id")


def _fit_code(slot: ColumnSlot, seen: Evidence) -> float:
    if seen.temporal or seen.share("email") > 0.5:
        return 0.0
    listed = 0.8 if seen.listed else 0.45
    codes = slot.fact.codes if slot.fact else ""
    return listed + 0.2 * compute_known_share(seen.words, codes) if codes else listed


def _fit_word(slot: ColumnSlot, seen: Evidence) -> float:
    if not seen.listed or seen.temporal:
        return 0.1 * (not seen.temporal)
    known = compute_known_share(seen.words, slot.fact.codes if slot.fact else "")
    # Without one known word there is no table to write: the column may be another field.
    return 0.5 + 0.5 * known if known else 0.1


def _fit_urn(slot: ColumnSlot, seen: Evidence) -> float:
    if seen.temporal or seen.share("email") > 0.5:
        return 0.0
    shape = seen.share("id") if seen.share("letters") < 0.9 or seen.longest <= 8 else 0.1
    if slot.field == "ref":
        return shape * (1.0 if seen.unique else 0.3)
    return shape * (0.9 if seen.unique and seen.rows > 5 else 1.0)


def _fit_day(_slot: ColumnSlot, seen: Evidence) -> float:
    return {"day": 1.0, "moment": 0.9}.get(seen.kind, 0.0)


def _fit_instant(_slot: ColumnSlot, seen: Evidence) -> float:
    if seen.kind == "moment" or seen.share("instant") > 0.9:
        return 1.0
    return 0.95 if seen.clock else 0.3 if seen.kind == "day" else 0.0


def _fit_integer(slot: ColumnSlot, seen: Evidence) -> float:
    if slot.fact and slot.fact.unit == "min":
        return max(seen.share("duration"), seen.share("number"))
    return seen.share("integer")


def _fit_text(slot: ColumnSlot, seen: Evidence) -> float:
    if seen.temporal:
        return 0.1
    if slot.shape and slot.shape.max_length > 255:
        return 0.15 if seen.share("number") > 0.9 else 0.8 if seen.listed else 1.0
    if slot.name.endswith("number") or slot.field in ("support_plan", "payment_request"):
        return max(seen.share("id"), 0.5)
    return 0.3 if seen.share("number") > 0.9 else 0.9


_KINDS: dict[FieldKind, Callable[[ColumnSlot, Evidence], float]] = {
    FieldKind.URN: _fit_urn,
    FieldKind.DAY: _fit_day,
    FieldKind.PARTIAL_DAY: _fit_day,
    FieldKind.INSTANT: _fit_instant,
    FieldKind.INTEGER: _fit_integer,
    # `20240501` is a number too: what reads as days is no figure.
    FieldKind.AMOUNT: lambda _slot, seen: 0.0 if seen.kind else max(seen.share("amount"), seen.share("number")),
    FieldKind.QUANTITY: lambda _slot, seen: 0.0 if seen.kind else seen.share("number"),
    FieldKind.FLAG: lambda _slot, seen: seen.share("flag"),
    FieldKind.WORD: _fit_word,
}
