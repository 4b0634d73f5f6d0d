"""Build the converter of a match as a description writes it, with the questions it raises."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from passerelle.contracts.types import FieldKind
from passerelle.extension.inferring.code_guessing import guess_codes
from passerelle.extension.inferring.contents import YEARS_FROM
from passerelle.extension.inferring.name_likeness import to_plain
from passerelle.extension.inferring.proposal import CodeTable, Spec
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passerelle.extension.inferring.contents import Evidence
    from passerelle.extension.inferring.slots import ColumnSlot

ISO_DAY = "%d/%m/%Y"
_SOME = 2
"""How often a word must come, to be copied into a code table although no list knows it."""


@dataclass(slots=True)
class ConverterBuilder:
    """Builds one converter; collects its code tables and questions meanwhile."""

    slot: ColumnSlot
    column: str
    seen: Evidence
    family: str
    day: str = ""
    """For a time of day: the column of its day."""
    day_seen: Evidence | None = None
    tables: list[CodeTable] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def make_spec(self) -> Spec:
        """Write the converter."""
        if self.slot.part:
            if self.slot.field == "telecoms":
                return {"kind": "telecom", "column": self.column, "of": self.slot.part}
            if self.slot.field == "identifiers":
                return {"kind": "identifier", "column": self.column, "system": self.slot.part}
            return {"kind": "address", self.slot.part: self.column}
        if self.slot.coded:
            codes = self.slot.fact.codes if self.slot.fact else ""
            table = self._make_table(codes)
            if not table.guessed:
                # No list knows its words: they are written out all the same, for a person to code.
                self.tables += [table] * bool(table.undecided)
                return {"kind": "code", "column": self.column}
            self._ask_about(table)
            return {"kind": "code", "column": self.column, "table": table.file, "system": codes}
        return _WRITERS.get(self.slot.kind or FieldKind.TEXT, _make_text)(self)

    def make_word(self) -> Spec:
        """Write the converter of one of our own small lists; nothing while none of the words is known."""
        table = self._make_table(self.slot.fact.codes if self.slot.fact else "")
        if not table.guessed:
            return {}
        self._ask_about(table)
        return {"kind": "word", "column": self.column, "table": table.file}

    def _make_table(self, codes: str) -> CodeTable:
        """Make the code table of the column, in a file of the field's name."""
        guessed = guess_codes(self.seen.words, codes)
        # A word that comes once may be a name typed into the wrong column: only repeated ones are copied out.
        undecided = tuple(word for word, count in self.seen.words.items() if word not in guessed and count >= _SOME)
        return CodeTable(f"codes/{self.slot.field}.csv", guessed, undecided)

    def _ask_about(self, table: CodeTable) -> None:
        self.tables.append(table)
        if table.undecided:
            self.questions.append(_("Which code does each word stand for that the table does not know?"))

    def is_in_hours(self) -> bool:
        """Whether the column's name speaks of hours and not of minutes."""
        words = to_plain(self.column).split()
        return bool({"h", "heure", "heures", "hours"} & set(words)) and not any(one.startswith("min") for one in words)


def _make_text(builder: ConverterBuilder) -> Spec:
    longest = builder.slot.shape.max_length if builder.slot.shape else 0
    spec: dict[str, Any] = {"kind": "text", "column": builder.column}
    return spec | {"max_length": longest} if longest > 255 else spec


def _make_ref(builder: ConverterBuilder) -> Spec:
    slot = builder.slot
    entity = builder.family if slot.field == "ref" else slot.fact.reference if slot.fact else ""
    return {"kind": "ref", "column": builder.column, "entity": entity or "record"}


def _choose_formats(builder: ConverterBuilder) -> list[str]:
    seen = builder.day_seen or builder.seen
    formats = list(seen.formats) or [ISO_DAY]
    if not seen.formats:
        builder.questions.append(_("The column is empty in this file: how does it write a day?"))
    elif seen.ambiguous:
        builder.questions.append(_("Every day of this file could be a month as well: does the day come first?"))
    if len(formats) > 1:
        builder.questions.append(_("The file writes days in several ways: is that so?"))
    return formats


def _add_years(builder: ConverterBuilder, spec: dict[str, Any]) -> Spec:
    """Choose which hundred years two digits stand for: for births those that end this year, and a question."""
    if not any("%y" in form for form in spec["formats"]):
        return spec
    if "birth" not in builder.slot.field:
        return spec | {"years_from": YEARS_FROM}
    builder.questions.append(_("Two digits for the year of birth: is anybody older than a hundred years?"))
    return spec | {"years_from": datetime.now(UTC).year - 99}


def _make_day(builder: ConverterBuilder, kind: str) -> Spec:
    return _add_years(builder, {"kind": kind, "column": builder.column, "formats": _choose_formats(builder)})


def _make_moment(builder: ConverterBuilder) -> Spec:
    seen = builder.seen
    if seen.share("instant") > 0.9:
        return {"kind": "instant", "column": builder.column}
    if builder.day:
        days = [form.partition(" ")[0] for form in _choose_formats(builder)]
        if builder.day_seen and builder.day_seen.kind == "moment":
            # A day that a spreadsheet or a database wrote with midnight behind it cannot be joined to a time.
            builder.questions.append(_("The day carries a time of its own: which of both times counts?"))
        formats = [f"{day} {clock}" for day in days for clock in (seen.clocks or ("%H:%M",))]
        return _add_years(
            builder, {"kind": "local_date_time", "column": [builder.day, builder.column], "formats": formats}
        )
    if seen.kind == "day":
        builder.questions.append(_("Only the day is known here: midnight would be wrong; where is the time of day?"))
    formats = _choose_formats(builder) if seen.formats else [f"{ISO_DAY} %H:%M"]
    return _add_years(builder, {"kind": "local_date_time", "column": builder.column, "formats": formats})


def _make_decimal(builder: ConverterBuilder) -> dict[str, str]:
    return {} if builder.seen.comma else {"decimal": "."}


def _make_integer(builder: ConverterBuilder) -> Spec:
    seen, column = builder.seen, builder.column
    if not builder.slot.fact or builder.slot.fact.unit != "min":
        return {"kind": "number", "column": column, "integer": True}
    if seen.share("number") < 0.5 <= seen.share("duration"):
        return {"kind": "duration", "column": column}
    if builder.is_in_hours() or seen.share("integer") < 0.9:
        builder.questions.append(_("Are these decimal hours, as 1.5 for an hour and a half?"))
        return {"kind": "minutes", "column": column, "unit": "hours", **_make_decimal(builder)}
    return {"kind": "minutes", "column": column}


def _make_flag(builder: ConverterBuilder) -> Spec:
    yes, no = builder.seen.yes or ("Oui",), builder.seen.no or ("Non",)
    if not (builder.seen.yes and builder.seen.no):
        builder.questions.append(_("Only one of yes and no is in this file: how is the other one written?"))
    return {"kind": "yes_no", "column": builder.column, "yes": list(yes), "no": list(no)}


_WRITERS: Mapping[FieldKind, Callable[[ConverterBuilder], Spec]] = {
    FieldKind.URN: _make_ref,
    FieldKind.DAY: lambda builder: _make_day(builder, "date"),
    FieldKind.PARTIAL_DAY: lambda builder: _make_day(builder, "partial_date"),
    FieldKind.INSTANT: _make_moment,
    FieldKind.INTEGER: _make_integer,
    FieldKind.AMOUNT: lambda builder: {"kind": "amount", "column": builder.column, **_make_decimal(builder)},
    FieldKind.QUANTITY: lambda builder: {"kind": "number", "column": builder.column, **_make_decimal(builder)},
    FieldKind.FLAG: _make_flag,
    FieldKind.WORD: ConverterBuilder.make_word,
}
