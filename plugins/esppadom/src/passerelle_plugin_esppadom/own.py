"""Records of other software in ESPPADOM's terms: numbers given by the payer, periods, adjustment codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from passerelle import convert as to

SYSTEM = "esppadom"

Record = Mapping[str, Any]
_SPECIFIED = "esppadom-adjustment"
_BADGES = frozenset({"BDG", "qr_code", "mobile", "phone", "gps"})
"""Stamp methods that are not manual; ESPPADOM writes them all as BDG (badge)."""

_NUMBERED = {"funded_plan": "line_number", "invoice": "number"}
"""By entity: the field that holds the number of which its references are made."""


def number(ref: str | None, related: Record | None = None, *, names: tuple[str, ...] = ()) -> str | None:
    """Return the reference under which the payer knows a record: its ESPPADOM number, else one of its `names`.

    The local number of the other software stands in for both.
    """
    if not ref:
        return ref
    if ref.startswith(f"{SYSTEM}:"):
        # the number that a record states, where one is known: its reference may be a handle by now
        entity = ref.split(":", 2)[1]
        stated = (related or {}).get(_NUMBERED.get(entity, ""))
        return make_ref(entity, str(stated)) if stated else ref
    # All numbers come from the payer's ORDER first (EDESS); without one, ours at least stays the same.
    _system, entity, local = ref.split(":", 2)
    given = next((one["value"] for one in (related or {}).get("identifiers") or () if one["system"] == SYSTEM), "")
    given = given or next((str(related[name]) for name in names if related and related.get(name)), "")
    return make_ref(entity, given or unquote(local))


def make_ref(entity: str, *parts: str) -> str | None:
    """Return the reference that reading these numbers yields; None when they are too long for one."""
    columns = tuple(f"part {place}" for place in range(len(parts)))
    made = to.Ref(columns, system=SYSTEM, entity=entity).parse(dict(zip(columns, parts, strict=True)))
    return made if isinstance(made, str) else None


def local(ref: str | None) -> str:
    """Return the number in a reference of ESPPADOM."""
    return unquote((ref or "").split(":", 2)[-1])


def is_own(record: Record) -> bool:
    """Whether a record comes from an ESPPADOM message; it is then written back unchanged."""
    return str(record["ref"]).startswith(f"{SYSTEM}:")


def party(record: Record, related: Mapping[str, Record], name: str) -> str | None:
    """Return the reference of the party named by a field of a record."""
    return number(record.get(name), related.get(name))


def contact(record: Record, related: Mapping[str, Record], organisation: str | None) -> str | None:
    """Return the reference of a professional, which is only known together with that of the service."""
    own = party(record, related, "professional_ref")
    if own is None or organisation is None or own == record.get("professional_ref"):
        return own
    return make_ref("professional", local(organisation), local(own))


def adjustment(record: Record) -> dict[str, str] | None:
    """Return the adjustment code of a visit without stamp, or cancelled; None where the stamps are retained."""
    if record["status"] in ("cancelled", "missed"):
        return _make_adjustment("SUP")
    arrived, left = record.get("stamped_start"), record.get("stamped_end")
    if arrived and left:
        return None
    # ESPPADOM_EFFECTIVITY_AJUST: COD lacks the departure, COA the arrival, CRE was never stamped.
    return _make_adjustment("COD" if arrived else "COA" if left else "CRE")


def _make_adjustment(code: str) -> dict[str, str]:
    return {"code": code, "system": _SPECIFIED}


def choose_paid_period(record: Record) -> dict[str, Any]:
    """Return the paid period: the retained one, else the planned one; empty while the visit goes on."""
    if record["status"] == "in_progress":
        return {"retained_start": None, "retained_end": None}
    return {
        f"retained_{end}": record.get(f"retained_{end}") or record.get(f"planned_{end}") for end in ("start", "end")
    }


def methods(record: Record) -> dict[str, Any]:
    """Return the methods of the stamps. BDG is the only known code; a manual stamp has no method."""
    badge = {"code": "BDG", "system": "stamp-methods", "original": "BDG"}
    fields = ("stamped_start_method", "stamped_end_method")
    return {name: badge if (record.get(name) or {}).get("code") in _BADGES else None for name in fields}


def quantity(record: Record, start: str | None, end: str | None) -> dict[str, Any]:
    """Return the quantity in hours: as billed, else as long as the retained period."""
    billed, unit = record.get("billed_quantity"), record.get("billed_unit")
    if billed is not None and unit in ("hour", "minute"):
        hours = Decimal(billed) / (60 if unit == "minute" else 1)
    elif billed is None and start and end:
        hours = Decimal((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()) / 3600
    else:
        # A flat rate is no number of hours.
        return {"billed_quantity": None, "billed_unit": None}
    return {"billed_quantity": plain(hours), "billed_unit": "hour"}


def plain(value: Decimal) -> str:
    """Format a number as records do: three decimals at most, without trailing zeros."""
    text = f"{value:.3f}"
    return text.rstrip("0").rstrip(".")


def full_name(person: Record | None, first: str, last: str, *, last_first: bool = False) -> str:
    """Format a name as one text, the last name in capitals."""
    words = [(person or {}).get(first) or "", ((person or {}).get(last) or "").upper()]
    return " ".join(filter(None, reversed(words) if last_first else words))


def add_own_cells(record: Record, cells: Mapping[str, str]) -> dict[str, Any]:
    """Add cells to those carried from ESPPADOM, which take precedence."""
    extra = record.get("extra") or {}
    there = {column: text for column, text in (extra.get(SYSTEM) or {}).items() if text}
    return {"extra": {**extra, SYSTEM: {**{name: text for name, text in cells.items() if text}, **there}}}
