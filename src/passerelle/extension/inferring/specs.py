"""From a match to a converter: what a description would write, with the grounds for it and what is doubtful."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from passerelle.contracts.types import Kind
from passerelle.extension.inferring.lexicon import plain
from passerelle.extension.inferring.lists import guessed
from passerelle.extension.inferring.proposal import CodeTable, Spec
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passerelle.extension.inferring.contents import Evidence
    from passerelle.extension.inferring.slots import Slot

ISO_DAY = "%d/%m/%Y"
_SOME = 2
"""How often a word must come, to be copied into a code table although no list knows it."""


@dataclass(slots=True)
class Making:
    """What one converter needs to be made, and what is noticed meanwhile."""

    slot: Slot
    column: str
    seen: Evidence
    family: str
    day: str = ""
    """For a time of day: the column of its day."""
    day_seen: Evidence | None = None
    tables: list[CodeTable] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def spec(self) -> Spec:
        """Write the converter."""
        if self.slot.part:
            return self._part()
        if self.slot.coded:
            return self._code()
        return _WRITERS.get(self.slot.kind or Kind.TEXT, _text)(self)

    def _part(self) -> Spec:
        if self.slot.field == "telecoms":
            return {"kind": "telecom", "column": self.column, "of": self.slot.part}
        if self.slot.field == "identifiers":
            return {"kind": "identifier", "column": self.column, "system": self.slot.part}
        return {"kind": "address", self.slot.part: self.column}

    def _code(self) -> Spec:
        codes = self.slot.fact.codes if self.slot.fact else ""
        table = self._table(codes)
        if not table.guessed:
            return {"kind": "code", "column": self.column}
        self._ask_about(table)
        return {"kind": "code", "column": self.column, "table": table.file, "system": codes}

    def word(self) -> Spec:
        """Write the converter of one of our own small lists; nothing while none of the words is known."""
        table = self._table(self.slot.fact.codes if self.slot.fact else "")
        if not table.guessed:
            return {}
        self._ask_about(table)
        return {"kind": "word", "column": self.column, "table": table.file}

    def _table(self, codes: str) -> CodeTable:
        """Make the code table of the column, in a file of the field's name."""
        found = guessed(self.seen.words, codes)
        left = tuple(word for word, count in self.seen.words.items() if word not in found and count >= _SOME)
        return CodeTable(f"codes/{self.slot.field}.csv", found, left)

    def _ask_about(self, table: CodeTable) -> None:
        self.tables.append(table)
        if table.undecided:
            self.questions.append(_("Which code does each word stand for that the table does not know?"))

    def unit_is_hour(self) -> bool:
        """Say whether the column's name speaks of hours and not of minutes."""
        words = plain(self.column).split()
        return bool({"h", "heure", "heures", "hours"} & set(words)) and not any(one.startswith("min") for one in words)


def _text(making: Making) -> Spec:
    longest = making.slot.shape.max_length if making.slot.shape else 0
    spec: dict[str, Any] = {"kind": "text", "column": making.column}
    return spec | {"max_length": longest} if longest > 255 else spec


def _ref(making: Making) -> Spec:
    slot = making.slot
    entity = making.family if slot.field == "ref" else slot.fact.reference if slot.fact else ""
    return {"kind": "ref", "column": making.column, "entity": entity or "record"}


def _formats(making: Making) -> list[str]:
    seen = making.day_seen or making.seen
    formats = list(seen.formats) or [ISO_DAY]
    if not seen.formats:
        making.questions.append(_("The column is empty in this file: how does it write a day?"))
    elif seen.ambiguous:
        making.questions.append(_("Every day of this file could be a month as well: does the day come first?"))
    if len(formats) > 1:
        making.questions.append(_("The file writes days in several ways: is that so?"))
    return formats


def _day(making: Making) -> Spec:
    return {"kind": "date", "column": making.column, "formats": _formats(making)}


def _partial_day(making: Making) -> Spec:
    return {"kind": "partial_date", "column": making.column, "formats": _formats(making)}


def _moment(making: Making) -> Spec:
    seen = making.seen
    if seen.share("instant") > 0.9:
        return {"kind": "instant", "column": making.column}
    if making.day:
        formats = [f"{day} {seen.clock or '%H:%M'}" for day in _formats(making)]
        return {"kind": "local_date_time", "column": [making.day, making.column], "formats": formats}
    if seen.kind == "day":
        making.questions.append(_("Only the day is known here: midnight would be wrong; where is the time of day?"))
    formats = _formats(making) if seen.formats else [f"{ISO_DAY} %H:%M"]
    return {"kind": "local_date_time", "column": making.column, "formats": formats}


def _decimal(making: Making) -> dict[str, str]:
    return {} if making.seen.comma else {"decimal": "."}


def _integer(making: Making) -> Spec:
    seen, column = making.seen, making.column
    if not making.slot.fact or making.slot.fact.unit != "min":
        return {"kind": "number", "column": column, "integer": True}
    if seen.share("number") < 0.5 <= seen.share("duration"):
        return {"kind": "duration", "column": column}
    if making.unit_is_hour() or seen.share("integer") < 0.9:
        making.questions.append(_("Are these decimal hours, as 1.5 for an hour and a half?"))
        return {"kind": "minutes", "column": column, "unit": "hours", **_decimal(making)}
    return {"kind": "minutes", "column": column}


def _amount(making: Making) -> Spec:
    return {"kind": "amount", "column": making.column, **_decimal(making)}


def _quantity(making: Making) -> Spec:
    return {"kind": "number", "column": making.column, **_decimal(making)}


def _flag(making: Making) -> Spec:
    yes, no = making.seen.yes or ("Oui",), making.seen.no or ("Non",)
    if not (making.seen.yes and making.seen.no):
        making.questions.append(_("Only one of yes and no is in this file: how is the other one written?"))
    return {"kind": "yes_no", "column": making.column, "yes": list(yes), "no": list(no)}


_WRITERS: Mapping[Kind, Callable[[Making], Spec]] = {
    Kind.URN: _ref,
    Kind.DAY: _day,
    Kind.PARTIAL_DAY: _partial_day,
    Kind.INSTANT: _moment,
    Kind.INTEGER: _integer,
    Kind.AMOUNT: _amount,
    Kind.QUANTITY: _quantity,
    Kind.FLAG: _flag,
    Kind.WORD: Making.word,
}
