"""Sixty accidents of twelve kinds, done to the new software's files, each remembered with the record that it befell.

They are done to what the new software exports, never to our own frames: whoever compares sees what a user would see.
"""

from __future__ import annotations

import calendar
import csv
import io
import json
import random
import re
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from lxml import etree

from passerelle.switching.difference_kinds import DifferenceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EACH = 5
"""How many of each kind."""
_VISIT, _PERSON = "CIDDHExchangedDocument/ID", "Identifiant dans le SI*"
_HELPED, _HELPER = "ShipToCITradeParty/ID", "DefinedCITradeContact/ID"
_QUANTITY, _SERVICE = "SpecifiedCIDDLSupplyChainTradeDelivery/BilledQuantity", "SpecifiedCITradeProduct/Name"
_RETAINED = ("OccurrenceCISpecifiedPeriod/StartDateTime", "OccurrenceCISpecifiedPeriod/EndDateTime")
_STAMPS = (
    "EffectiveCISpecifiedPeriod/StartDateTime/CertifiedDateTime",
    "EffectiveCISpecifiedPeriod/EndDateTime/CertifiedDateTime",
)
_TOLD = (_VISIT, _HELPED, _HELPER, _QUANTITY, _SERVICE, *_RETAINED, *_STAMPS)
"""Elements of a visit's message that accidents befall, by the end of their paths."""
_ELEMENT = "_element"
_NAMED = re.compile(r"(?:^|-)([a-z_]+)-(\d)[-.]")
"""The contract in the name of a file, whether a move wrote it or the new software exported it."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Defect:
    """One accident: what a comparison should call it, and the record it befell, by its number in both softwares."""

    kind: DifferenceKind
    contract: str
    ref: str


@dataclass(slots=True)
class Holdings:
    """The new software's files, in memory."""

    folder: Path
    rows: dict[str, list[Row]] = field(default_factory=dict)
    """By contract: cells of a CSV file, records, or what messages tell of visits."""
    heads: dict[str, tuple[Path, list[str]]] = field(default_factory=dict)
    messages: dict[Path, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Holdings:
        """Read every file. Each contract is one file here, but visits, which are messages of a month each."""
        held = cls(folder)
        for path in sorted(folder.iterdir()):
            contract = _contract(path)
            if path.suffix == ".xml":
                held.rows.setdefault(contract, []).extend(held.told(path))
                continue
            text = path.read_text("utf-8-sig")
            if path.suffix == ".csv":
                rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
                held.heads[contract] = (path, list(rows[0]))
                held.rows[contract] = list(rows)
            else:
                held.heads[contract] = (path, [])
                held.rows[contract] = [json.loads(line) for line in text.splitlines()]
        return held

    def told(self, path: Path) -> Iterator[Row]:
        """Give what each part of a message tells of its visit."""
        root = self.messages[path] = etree.parse(path).getroot()
        for part in root:
            yield {_ELEMENT: part} | {name: _found(part, name).text or "" for name in _TOLD}

    def write(self) -> None:
        """Write every file back."""
        for contract, (path, head) in self.heads.items():
            if not head:
                lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in self.rows[contract]]
                path.write_text("".join(lines), encoding="utf-8")
                continue
            target = io.StringIO()
            writer = csv.DictWriter(target, head, delimiter=";", lineterminator="\r\n")
            writer.writeheader()
            writer.writerows(self.rows[contract])
            path.write_bytes(target.getvalue().encode("utf-8-sig"))
        kept = {id(row[_ELEMENT]) for row in self.rows["visit/1"]}
        for row in self.rows["visit/1"]:
            for name in _TOLD:
                _found(row[_ELEMENT], name).text = row[name]
        for path, root in self.messages.items():
            for part in [part for part in root if id(part) not in kept]:
                root.remove(part)
            path.write_bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _contract(path: Path) -> str:
    """Tell the contract by the name of a file."""
    named = _NAMED.search(path.name)
    if named is None:
        message = f"no contract in the name {path.name}"
        raise ValueError(message)
    return f"{named[1]}/{named[2]}"


def _found(part: Any, name: str) -> Any:
    """Find an element by the end of its path."""
    return part.find(".//{*}" + "/{*}".join(name.split("/")))


@dataclass(slots=True)
class Accidents:
    """Does the accidents. A record has at most one, so that each is told apart from the others."""

    held: Holdings
    chance: random.Random
    hurt: set[str] = field(default_factory=set)
    done: list[Defect] = field(default_factory=list)

    def pick(self, contract: str, fits: Callable[[Row], bool] = lambda _row: True) -> Row:
        """Draw a record that nothing has befallen yet."""
        rows = self.held.rows[contract]
        start = self.chance.randrange(len(rows))
        for row in (*rows[start:], *rows[:start]):
            if ref_of(row) not in self.hurt and fits(row):
                self.hurt.add(ref_of(row))
                return row
        message = f"no record of {contract} is left for this accident"
        raise LookupError(message)

    def tell(self, kind: DifferenceKind, contract: str, row: Row) -> None:
        """Remember an accident."""
        self.done.append(Defect(kind, contract, ref_of(row)))


def ref_of(row: Row) -> str:
    """Give the number of a row or record: its reference, without the software that opens it."""
    if _VISIT in row:
        return f"visit:{row[_VISIT]}"
    ref: str = row.get(_PERSON) or row["ref"]
    return ref.partition(":")[2]


def injure(folder: Path, seed: int = 60) -> list[Defect]:
    """Do all accidents to the files of a folder, and say what was done."""
    held = Holdings.read(folder)
    accidents = Accidents(held, random.Random(seed))  # noqa: S311  accidents by chance, no secret
    for act in _ACTS:
        act(accidents)
    held.write()
    return accidents.done


def _merge(one: Accidents) -> None:
    """Make one person of two: the second's row goes, all that is theirs is put under the first."""
    for _nth in range(EACH):
        kept, gone = one.pick("person/1"), one.pick("person/1")
        one.held.rows["person/1"].remove(gone)
        for contract, rows in one.held.rows.items():
            if contract not in ("person/1", "visit/1"):
                for row in rows:
                    if row["person_ref"] == gone[_PERSON]:
                        row["person_ref"] = kept[_PERSON]
                        one.hurt.add(ref_of(row))
        one.tell(DifferenceKind.MERGED, "person/1", gone)


def _drop(one: Accidents) -> None:
    for contract in ("visit/1", "visit/1", "interaction/1", "action/1", "person/1"):
        row = one.pick(contract)
        one.held.rows[contract].remove(row)
        one.tell(DifferenceKind.DROPPED, contract, row)


def _shift_month(one: Accidents) -> None:
    for _nth in range(3):
        row = one.pick("visit/1")
        for name in (*_RETAINED, *_STAMPS):
            row[name] = _next_month(datetime.fromisoformat(row[name])).isoformat()
        one.tell(DifferenceKind.SHIFTED_MONTH, "visit/1", row)
    for _nth in range(2):
        row = one.pick("interaction/1", lambda row: "occurred_at" not in row)
        moved = _next_month(datetime.fromisoformat(row["occurred_on"]))
        row["occurred_on"] = f"{moved:%Y-%m-%d}"
        one.tell(DifferenceKind.SHIFTED_MONTH, "interaction/1", row)


def _next_month(day: datetime) -> datetime:
    year, month = day.year + day.month // 12, day.month % 12 + 1
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


def _swap(one: Accidents) -> None:
    """Exchange the persons of two visits of the same length: every total stays the same."""
    for _nth in range(EACH):
        row = one.pick("visit/1")
        other = one.pick("visit/1", lambda two, row=row: _may_swap(row, two))  # type: ignore[misc]  # defaults bind the loop
        row[_HELPED], other[_HELPED] = other[_HELPED], row[_HELPED]
        one.tell(DifferenceKind.SWAPPED, "visit/1", row)


def _may_swap(row: Row, other: Row) -> bool:
    return bool(other[_QUANTITY] == row[_QUANTITY] and other[_HELPED] != row[_HELPED])


def _lose(one: Accidents) -> None:
    for contract, name in (
        *(("person/1", "Téléphone"), ("visit/1", _SERVICE)),
        *(("interaction/1", "place"), ("need/1", "description"), ("action/1", "due_on")),
    ):
        row = one.pick(contract, lambda row, name=name: bool(row.get(name)))  # type: ignore[misc]  # defaults bind the loop
        row[name] = "" if name in ("Téléphone", _SERVICE) else None
        one.tell(DifferenceKind.LOST, contract, row)


def _cut(one: Accidents) -> None:
    for contract, name in (("interaction/1", "synthesis"), ("action/1", "comment"), ("case/1", "summary")):
        for _nth in range(1 if contract == "action/1" else 2):
            row = one.pick(contract, lambda row, name=name: len(row.get(name) or "") > 40)  # type: ignore[misc]  # defaults bind the loop
            row[name] = row[name][:30]
            one.tell(DifferenceKind.TRUNCATED, contract, row)


def _recode(one: Accidents) -> None:
    for contract, name, code in (
        *(("interaction/1", "channel", "mail"), ("need/1", "theme", "mobilite"), ("case/1", "origin", "other")),
        *(("visit/1", _SERVICE, "Garde de nuit"), ("person/1", "Situation", "cdi")),
    ):
        row = one.pick(contract, lambda row, name=name, code=code: _says_another(row[name], code))  # type: ignore[misc]  # defaults bind the loop
        row[name] = code if isinstance(row[name], str) else {**row[name], "code": code, "original": code}
        one.tell(DifferenceKind.CODE, contract, row)


def _says_another(told: Any, code: str) -> bool:
    """Say whether a cell or coded value says something, and not this: both words for employment say the same."""
    said = told["code"] if isinstance(told, dict) else told
    return bool(said) and said != code and {said, code} != {"emploi", "cdi"}


def _change_zone(one: Accidents) -> None:
    """Read local times as if they were Greenwich's: everything is an hour or two late."""
    for _nth in range(3):
        row = one.pick("visit/1")
        for name in (*_RETAINED, *_STAMPS):
            row[name] = (datetime.fromisoformat(row[name]) + timedelta(hours=1)).isoformat()
        one.tell(DifferenceKind.TIME_ZONE, "visit/1", row)
    for _nth in range(2):
        row = one.pick("interaction/1", lambda row: "occurred_at" in row)
        moment = datetime.fromisoformat(row["occurred_at"])
        row["occurred_at"] = (moment + (moment.utcoffset() or timedelta(0))).isoformat()
        one.tell(DifferenceKind.TIME_ZONE, "interaction/1", row)


def _break(one: Accidents) -> None:
    for contract, name in (
        *(("action/1", "need_ref"), ("action/1", "case_ref"), ("interaction/1", "case_ref")),
        *(("need/1", "case_ref"), ("visit/1", _HELPER)),
    ):
        row = one.pick(contract)
        row[name] = f"ailleurs:{'professional' if name == _HELPER else 'case'}:{len(one.done)}"
        one.tell(DifferenceKind.BROKEN, contract, row)


def _double(one: Accidents) -> None:
    for nth, contract in enumerate(("visit/1", "visit/1", "interaction/1", "need/1", "person/1")):
        row = one.pick(contract)
        again = dict(row)
        if contract == "visit/1":
            again[_ELEMENT] = deepcopy(row[_ELEMENT])
            row[_ELEMENT].getparent().append(again[_ELEMENT])
        if contract != "person/1" and nth:
            number = f"double-{nth}"
            again |= {_VISIT: number} if contract == "visit/1" else {"ref": f"nouveau:{contract[:-2]}:{number}"}
        one.held.rows[contract].append(again)
        one.hurt.add(ref_of(again))
        one.tell(DifferenceKind.DUPLICATE, contract, again)


def _round(one: Accidents) -> None:
    for _nth in range(2):
        row = one.pick("visit/1", lambda row: Decimal(row[_QUANTITY]) % 1 != 0)
        row[_QUANTITY] = str(Decimal(row[_QUANTITY]).quantize(Decimal(1), ROUND_HALF_UP))
        one.tell(DifferenceKind.ROUNDED, "visit/1", row)
        row = one.pick("interaction/1")
        row["duration"] = 15 * round(row["duration"] / 15)
        one.tell(DifferenceKind.ROUNDED, "interaction/1", row)
    row = one.pick("visit/1")
    for name in _STAMPS:
        row[name] = row[name][:-2] + "00"
    one.tell(DifferenceKind.ROUNDED, "visit/1", row)


def _forget_no(one: Accidents) -> None:
    """Make «unknown» of «no», and once «no» of «unknown»."""
    for contract, name, no in (
        *(("person/1", "RQTH", "Non"), ("person/1", "RQTH", "Non")),
        *(("interaction/1", "first_contact", False), ("interaction/1", "first_contact", False)),
    ):
        row = one.pick(contract, lambda row, name=name, no=no: row.get(name) == no)  # type: ignore[misc]  # defaults bind the loop
        row[name] = None if no is False else ""
        one.tell(DifferenceKind.NEGATIVE, contract, row)
    row = one.pick("person/1", lambda row: row["RQTH"] == "")
    row["RQTH"] = "Non"
    one.tell(DifferenceKind.NEGATIVE, "person/1", row)


def _acts() -> Iterator[Callable[[Accidents], None]]:
    yield from (_merge, _drop, _shift_month, _swap, _lose, _cut)
    yield from (_recode, _change_zone, _break, _double, _round, _forget_no)


_ACTS = tuple(_acts())
