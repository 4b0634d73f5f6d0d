"""Numbers, lists and codes that documents of MDPH share, whatever their form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import Table, Where
from passerelle import convert as to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

SYSTEM = "mdph"

# Each MDPH has a number below this one, under which its persons, requests and decisions are numbered (SI-SdO, OID).
MDPH = "1.2.250.1.213.7."
NATIONAL = {
    "1.2.250.1.213.1.4.8": ("ins", ""),
    "1.2.250.1.213.1.4.9": ("ins", "nia"),
    "1.2.250.1.213.1.4.10": ("ins", "test"),
    "1.2.250.1.213.1.4.11": ("ins", "demo"),
    "1.2.250.1.213.1.4.13": ("nir", ""),
    "1.2.250.1.213.1.4.14": ("nir", "nia"),
}
"""Root → system and use: INS (NIR, NIA, test, demonstration), and the number as insured person, which is no INS."""
INS_ROOTS = tuple(root for root, (system, _use) in NATIONAL.items() if system == "ins")

# TRE_R327-TypeDecision. The nature of a right (JDV_J400) has two of its codes, and the list before it
# (1.2.250.1.213.3.3.151) figures of its own.
STATUSES = {"1": "open", "2": "refused", "3": "requested", "5": "closed"}
"""Granted, rejected, put off, closed. 4, «nothing more is granted», says nothing about the right there is."""
NATURES = {"1": "1", "2": "2", "3": "3", "6": "2", "7": "3"}

Numbers = list[tuple[str, str]]
"""Numbers with their roots, `urn:oid:` left out."""


def name_by_root(root: str, number: str, entity: str) -> Any:
    """Return the reference of what an MDPH or a national body numbers: both parts, for numbers repeat between MDPH."""
    return to.Ref(("root", "number"), system=SYSTEM, entity=entity, whole=True).parse({"root": root, "number": number})


def choose_number(numbers: Numbers) -> tuple[str, str] | None:
    """Return the number that names a person: that of their MDPH, else their INS, whatever their order."""
    ranked = [one for one in numbers if one[0].startswith(MDPH)]
    ranked += [one for root in INS_ROOTS for one in numbers if one[0] == root]
    return next(iter(ranked), None)


def refer_to_person(columns: Iterable[str], list_numbers: Callable[[to.Row], Numbers]) -> to.PerRecord:
    """Refer to a person by the roots of their numbers."""

    def parse(row: to.Row) -> Any:
        chosen = choose_number(list_numbers(row))
        return name_by_root(*chosen, "person") if chosen else None

    return to.PerRecord(tuple(columns), parse=parse)


def make_code(code: str | None, system: str | None, label: str | None) -> dict[str, Any] | None:
    """Return a code of somebody else's list with its label, as they stand."""
    if not (code or label):
        return None
    return {"code": code, "system": system if code else None, "label": label if code else None, "original": label}


def describe_table(contract: str, fields: dict[str, Any], *, where: tuple[Where, ...] = (), **more: Any) -> Table:
    """Return a table whose columns are all optional: both forms leave empty elements out."""
    converters = [one for entry in fields.values() for one in (entry if isinstance(entry, list) else [entry])]
    read = dict.fromkeys(column for one in converters for column in one.columns)
    read |= dict.fromkeys(column for one in where for column in one.columns)
    carried = tuple(name for name in more.pop("carried", ()) if name not in read)
    return Table(contract=contract, fields=fields, where=where, optional=tuple(read), carried=carried, **more)


def word_of(column: str, words: Mapping[str, str]) -> to.PerRecord:
    """Read a word of a closed list from a code; a code that says nothing about it gives none."""

    def parse(row: to.Row) -> Any:
        return words.get(row[column] or "")

    return to.PerRecord(column, parse=parse)
