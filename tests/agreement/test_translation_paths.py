# ruff: noqa: E501  samples read better one under the other
"""Columnar and row-wise translation agree, whatever the supplier wrote; and what is written back can be read again."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.contracts.catalogue import get
from passerelle.contracts.field_types import list_columns, list_shapes
from passerelle.contracts.types import FieldKind
from passerelle.stages.translate import (
    NONE,
    AddressOf,
    Amount,
    Code,
    Constant,
    Date,
    Duration,
    Fault,
    FirstOf,
    Identifier,
    Instant,
    Joined,
    LocalDateTime,
    Minutes,
    Number,
    PartialDate,
    PerRecord,
    Ref,
    Table,
    Telecom,
    Text,
    Word,
    YesNo,
)
from passerelle.stages.translate.cells import SPACES
from passerelle.stages.translate.converter import unwrap_doubtful
from passerelle.stages.translate.plan import TranslationPlan, compile_plan
from passerelle.stages.translate.translation import translate
from passerelle.stages.validate.validation import validate
from passerelle.vocabulary.parcels import Records, TextTable

NASTY = "é€٣３\u00a0\u202f\u2009\u200b\ufeff\t\n\r\x00\x1f\x85\x1c\ufffd🙂-+.,:;/ %~'\"0123456789TZhH"
SHORT = st.text(st.sampled_from(NASTY + string.ascii_letters), max_size=12)
EDGES = st.sampled_from(
    ["", " ", "\u00a0", "\n", "\x1c", "0", "-", "+", ".", "é", "٣", "NULL", "néant", "9" * 30, "x" * 300]
)
DAYS = (
    "31/12/2024",
    "29/02/2023",
    "29/02/2024",
    "00/04/1947",
    "00/00/1947",
    "00/00/0000",
    "1/2/2024",
    "04/1947",
    "1947",
)
TIMES = (
    "2024/03/31 01:59:59", "2024/03/31 02:00:00", "2024/03/31 02:30:00", "2024/03/31 03:00:00",
    "2024/10/27 01:59:59", "2024/10/27 02:00:00", "2024/10/27 02:59:59", "2024/10/27 03:00:00",
    "2024/07/01 24:00:00", "2024/07/01 24:00:01", "2024/02/30 10:00:00", "1900/01/01 00:00:00", "1971/12/31 23:59:59",
    "1976/03/28 00:30:00", "2037/12/31 23:59:59", "2038/06/01 10:00:00", "2999/12/31 24:00:00", "2024/07/01 08:60:00",
)  # fmt: skip
TRUE_CELLS = (
    "2024-11-04",
    "2024-11-04T00:00:00",
    "2024-11-04T09:30:00",
    "1900-02-29",
    "2024-02-30T00:00:00",
    "09:30:00",
    "09:30",
    "24:00:00",
    "26:30:00",
    "00:00:00",
    "1899-12-30T09:30:00",
    "1900-01-01T09:30:45",
    "04/11/2024",
    "2024-11",
    "0000-00-00",
)
"""What the reader of workbooks writes of days and times, beside texts in a connector's own formats."""
SHORT_TIMES = (
    "7h30",
    "9h",
    "07:30",
    "7:5",
    "21h00",
    "24h",
    "24:00",
    "0:00",
    "9h75",
    "25h10",
    "9h15m",
    "21:00",
    "09h15",
    "9:05",
)
SHORT_DAYS = (
    "1/2/24",
    "01/02/2024",
    "31/12/49",
    "1/1/50",
    "29/2/23",
    "29/02/24",
    "0/0/24",
    "00/00/00",
    "00/05/00",
    "1.2.2024",
    "24",
    "5/24",
)
"""Hours and days without a leading zero, years of two digits."""
CUT = (
    "75007 PARIS",
    "75007\u00a0 PARIS 7",
    "75007",
    "Mme DUPONT Jeanne",
    "M. LE GOFF",
    "DUPONT",
    "971",
    "75",
    "5",
    "056",
    "2024",
    "2A",
    "Zoé",
)
"""Cells that hold several things, and things that belong in one cell."""
INSTANTS = (
    "2024-12-31T08:00:00Z", "2024-12-31T08:00:00+01:00", "2024-12-31 08:00:00 +0100", "2024-12-31T08:00+01",
    "2024-12-31T08:00:00.123456Z", "2024-02-30T08:00:00Z", "2024-12-31T08:00:00", "2024-12-31T08:00:00-00:00",
    "2024-12-31t08:00:00z", "2024-12-31T24:00:00Z", "2024-12-31T08:00:00+14:59", "2024-12-31T08:00:00+15:00",
)  # fmt: skip
NUMBERS = (
    "2,00", "1,33", "0,5", "1 234,50 €", "1\u202f234,5", "1'234", "-12,5", "-0", "-0,00", "007", "12,345", "12,3456",
    "1234567890", "0,30", "1,500", "1.5", "12 34", "٣", "10", "0,0", "999999999,99", "12,5EUR", "0,01", "100", "3,140",
)  # fmt: skip
DURATIONS = ("02:30", "2 h 30", "02h30", "2h", "45 min", "02:30:00", "02:60", "9999:59", "2 H 5 mn", "٠2:30")
PHONES = (
    "0612345678", "06 12 34 56 78", "612345678", "+33 (0)6 12 34 56 78", "0033612345678", "3919", "06.12.34.56.78 / 01-23-45-67-89",
    "+32 471 23 45 67", "voir / fiche", "/", "0612345678\n0123456789", "0012345678", "06 12 34 56 7８",
)  # fmt: skip
WORDS = ("Oui", "Non", "oui", "Manuel", "QR Code", "a@b.fr", "a@b.fr; c@d.fr", "https://x.fr/y;z")
KEYS = (
    "abc",
    "a b",
    "a:b",
    "a~b",
    "a%20b",
    "é",
    "2024/01/01 10:00:00",
    "x" * 160,
    "x" * 161,
    "é" * 60,
    "1 85 05 78",
    "...",
)


@dataclass(frozen=True)
class Case:
    """A converter at a field that takes what it gives, and texts that look like what it reads."""

    field: str
    converter: Any
    samples: tuple[str, ...]
    contract: str = "visit/1"
    cut: Any = field(default_factory=dict)
    glue: Any = field(default_factory=dict)
    waived: tuple[str, ...] = ()


def when(**rules: Any) -> LocalDateTime:
    return LocalDateTime("a", formats=("%Y/%m/%d %H:%M:%S", "%d/%m/%Y %Hh%M", "%Y-%m-%d"), **rules)


SHORT_PAIRS = tuple(
    f"{day} {clock}" for day in ("%-d/%-m/%Y", "%d/%m/%y") for clock in ("%H:%M", "%-Hh%M", "%-Hh", "%-H:%-M")
)
CASES = {
    "text": Case("team", Text("a"), KEYS),
    "text, collapsed": Case("team", Text("a", collapse=True, max_length=5), KEYS),
    "joined": Case("team", Joined(("a", "b"), separator=", "), KEYS),
    "code of a table": Case("service", Code("a", table={"Oui": "O", "QR Code": "Q"}, system="s", labels={"O": "o"}), WORDS),
    "code, closed": Case("service", Code("a", table={"Oui": "O"}, closed=True), WORDS),
    "code, labels only": Case("service", Code("a", labels={"Oui": "o"}), WORDS),
    "code, system only": Case("service", Code("a", system="s"), WORDS),
    "code, word only": Case("service", Code("a"), WORDS),
    "word": Case("status", Word("a", table={"Oui": "cancelled", "Non": "done", "": "done"}), WORDS),
    "word, default": Case("status", Word("a", table={"Oui": "cancelled"}, default="done"), WORDS),
    "flag": Case("billed", YesNo("a", yes=("Oui", "O"), no=("Non", "N")), WORDS),
    "day": Case("opened_on", Date("a", formats=("%d/%m/%Y", "%Y-%m-%d 00:00:00.0", "%d.%m.%Y %H:%M")), DAYS, "case/1"),
    "day, two orders": Case("opened_on", Date("a", formats=("%d/%m/%Y", "%m/%d/%Y")), DAYS, "case/1"),
    "partial day": Case("birth_date", PartialDate("a", formats=("%d/%m/%Y", "%Y-%m-%d", "%Y%m%d")), DAYS, "person/1"),
    "local time, refused": Case("planned_start", when(), TIMES),
    "local time, earlier": Case("planned_start", when(missing="later", twice="earlier"), TIMES),
    "local time, later": Case("planned_start", when(twice="later", hour24=False, zone="Europe/Brussels"), TIMES),
    "local time of two columns": Case(
        "planned_start", LocalDateTime(("a", "b"), formats=("%Y/%m/%d %H:%M:%S",)), (*TIMES, "2024/01/01", "10:00:00")
    ),
    "local time of two columns, a day alone": Case(
        "planned_start",
        LocalDateTime(("a", "b"), formats=("%Y/%m/%d %H:%M:%S",), untimed="none"),
        (*TIMES, "2024/01/01", "10:00:00"),
    ),
    "parts of a cell": Case(
        "addresses", [AddressOf(lines=("b",), postcode="CP", city="Ville")], CUT, "person/1", cut={"a": "{CP:5} {Ville}"}
    ),
    "part that may be missing": Case(
        "team", Text("Nom", max_length=5), CUT, cut={"a": ("{Civ?:Mme|M.} {Nom:capitals} {Prénom?}", "{Nom}")}, waived=("Civ", "Prénom")
    ),
    "glued": Case("team", Text("INSEE"), CUT, glue={"INSEE": ("{a:3}{b:02}", "{a:02}{b:03}")}),
    "glued day": Case("opened_on", Date("jour"), CUT, "case/1", glue={"jour": "{a:02}/{b:02}/{c:4}"}),
    "first of parts": Case("team", FirstOf(Text("Nom", max_length=5), Joined(("b", "CP"))), CUT, cut={"a": ("{CP:digits} {Nom}", "{Nom}")}),
    "short day": Case("opened_on", Date("a", formats=("%-d/%-m/%y", "%-d/%-m/%Y", "%d.%m.%y"), years_from=1950), SHORT_DAYS, "case/1"),
    "short day, one century": Case("opened_on", Date("a", formats=("%-d/%-m/%y",), years_from=1925), SHORT_DAYS, "case/1"),
    "short partial day": Case("birth_date", PartialDate("a", formats=("%-d/%-m/%y", "%-d/%-m/%Y"), years_from=1925), SHORT_DAYS, "person/1"),
    "short moment": Case(
        "planned_start",
        LocalDateTime("a", formats=("%-d/%-m/%Y %-Hh%M", "%-d/%-m/%y %-H:%-M:%S"), years_from=2000),
        (*TIMES, "1/2/2024 7h30", "31/3/2024 2h30", "27/10/24 2:30:00", "1/1/24 24:00:00", "29/2/2023 9h15"),
    ),
    "short times of two columns": Case("planned_start", LocalDateTime(("a", "b"), formats=SHORT_PAIRS, years_from=2000), SHORT_DAYS + SHORT_TIMES),
    "end after its start": Case("planned_end", LocalDateTime(("a", "b"), formats=SHORT_PAIRS, years_from=2000, after="c"), SHORT_DAYS + SHORT_TIMES),
    "end after its start, the next day": Case(
        "planned_end",
        LocalDateTime(("a", "b"), formats=("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M"), after="c", same_time="next_day", twice="later"),
        ("26/10/2024", "31/12/2024", "30/03/2024", "21:00:00", "21:00", "02:30", "21:00:30", "24:00", "03:10:00"),
    ),
    "true end after its start": Case(
        "planned_end", LocalDateTime(("a", "b"), formats=("%d/%m/%Y %-Hh%M",), after="c", same_time="refuse", true_cells=True), TRUE_CELLS + SHORT_TIMES
    ),
    "true day": Case("opened_on", Date("a", true_cells=True), TRUE_CELLS, "case/1"),
    "true partial day": Case("birth_date", PartialDate("a", true_cells=True), TRUE_CELLS, "person/1"),
    "true moment": Case("planned_start", LocalDateTime("a", formats=("%d/%m/%Y %H:%M",), true_cells=True), TRUE_CELLS),
    "true day and time": Case(
        "planned_start", LocalDateTime(("a", "b"), formats=("%d/%m/%Y %H:%M",), true_cells=True), TRUE_CELLS
    ),
    "true day and time, a day alone": Case(
        "planned_start",
        LocalDateTime(("a", "b"), formats=("%d/%m/%Y %H:%M:%S",), true_cells=True, untimed="none"),
        TRUE_CELLS,
    ),
    "true duration": Case("travel_minutes", Duration("a"), (*TRUE_CELLS, "00:45:30", "00:45:29")),
    "instant": Case("planned_start", Instant("a"), INSTANTS),
    "minutes": Case("travel_minutes", Minutes("a"), NUMBERS),
    "minutes of hours": Case("travel_minutes", Minutes("a", unit="hours"), NUMBERS),
    "duration": Case("travel_minutes", Duration("a"), DURATIONS),
    "amount": Case("total_tax", Amount("a"), NUMBERS, "invoice/1"),
    "amount, point": Case("total_tax", Amount("a", decimal="."), NUMBERS, "invoice/1"),
    "quantity": Case("billed_quantity", Number("a"), NUMBERS),
    "count": Case("minor_children", Number("a", integer=True), NUMBERS, "person/1"),
    "identifiers": Case("identifiers", [Identifier("a", system="nir"), Identifier("b", system="caf", use="x")], KEYS),
    "telephones": Case("telecoms", Telecom("a"), PHONES, "person/1"),
    "telephones, other country": Case("telecoms", [Telecom("a", kind="mobile", country="32")], PHONES, "person/1"),
    "telecoms": Case(
        "telecoms", [Telecom("a", use="home"), Telecom("b", kind="email"), Telecom("a", kind="url")], PHONES + WORDS, "person/1"
    ),
    "address": Case(
        "addresses", [AddressOf(lines=("a", "b"), city="c", postcode="d", use="home")], (*KEYS, "1 rue X\r\nBât B"), "person/1"
    ),
    "reference": Case("professional_ref", Ref("a", system="demo", entity="professional"), KEYS),
    "composite reference": Case("professional_ref", Ref(("a", "b"), system="demo", entity="professional"), KEYS),
    "whole reference": Case("professional_ref", Ref(("a", "b"), system="d", entity="professional", whole=True), KEYS),
    "first of": Case("team", FirstOf(Text("a", max_length=5), Joined(("b", "c"))), KEYS),
    "first of, then constant": Case("billed", FirstOf(YesNo("a"), Constant(value=True)), WORDS),
    "constant": Case("tasks", Constant([{"code": "x", "system": None, "label": None, "original": None}]), KEYS),
    "per record": Case("travel_minutes", PerRecord("a", parse=lambda row: int(row["a"]) if row["a"] else NONE), NUMBERS),
}  # fmt: skip


@cache
def plan_for(name: str) -> TranslationPlan:
    return compile_plan([table_for(CASES[name])], supplier="demo", nulls=("", "NULL"), nothing=("néant",))


def table_for(case: Case) -> Table:
    contract = get(case.contract)
    fillers = {
        name: _filler(name, case.contract)
        for name, info in contract.model_fields.items()
        if info.is_required() and name != case.field
    }
    waived = dict.fromkeys(case.waived, "of no use")
    return Table(
        contract=case.contract,
        fields={**fillers, case.field: case.converter},
        cut=case.cut,
        glue=case.glue,
        waived=waived,
    )


def _filler(name: str, contract: str) -> Any:
    if name == "ref" or name.endswith("_ref"):
        return Ref("id", system="demo", entity=name.removesuffix("_ref") if name != "ref" else "record")
    shape = list_shapes(get(contract))[name]
    return Constant(0) if shape.kind is FieldKind.INTEGER else Constant("x")


def cells(case: Case) -> st.SearchStrategy[str | None]:
    sample = st.sampled_from(case.samples)
    padded = st.builds("{}{}{}".format, st.sampled_from(["", *SPACES]), sample, st.sampled_from(["", *SPACES, "\x1c"]))
    bent = st.builds(_bent, sample, st.sampled_from(NASTY), st.integers(0, 12))
    return st.one_of(sample, sample, padded, bent, EDGES, SHORT, st.none())


def _bent(text: str, char: str, at: int) -> str:
    at %= len(text)
    return text[:at] + char + text[at + 1 :]


def piles(case: Case) -> st.SearchStrategy[TextTable]:
    one = cells(case)
    row = st.fixed_dictionaries({"a": one, "b": one, "c": one, "d": one, "carried": st.one_of(EDGES, st.none())})
    return st.lists(row, min_size=1, max_size=30).map(_pile)


def _pile(rows: list[dict[str, str | None]]) -> TextTable:
    rows = [{"id": f"r{number}", **row} for number, row in enumerate(rows)]
    frame = pl.DataFrame(rows, dict.fromkeys(rows[0], pl.String))
    return TextTable("", frame, pl.int_range(2, len(rows) + 2, dtype=pl.UInt32, eager=True))


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=count_examples(12), deadline=None)
@given(data=st.data())
def test_both_gaits_give_the_same_records_faults_and_doubts(name, data):
    case, plan = CASES[name], plan_for(name)
    pile = data.draw(piles(case))
    fast, sure = translate(pile, plan), translate(pile, plan, columnar=False)
    assert fast.records[0].frame.schema == sure.records[0].frame.schema
    assert fast.records[0].frame.equals(sure.records[0].frame)
    assert fast.aside == sure.aside
    assert fast.warned == sure.warned
    assert fast.received == pile.frame.height
    layout = list_columns(get(case.contract))
    assert fast.records[0].frame.schema[case.field] == layout[case.field]
    _assert_promises_are_kept(fast.records[0], pile)


def _assert_promises_are_kept(records: Records, pile: TextTable) -> None:
    """What the fast path takes on trust, the model path accepts without a finding."""
    trusting, careful = validate(records, table=pile), validate(records, table=pile, fast_path=False)
    assert trusting.records.frame.equals(careful.records.frame)
    assert trusting.records.aside == careful.records.aside
    assert trusting.records.warned == careful.records.warned


def prepared_row(row: dict[str, str | None]) -> dict[str, str | None]:
    return {name: (cell or "").strip(SPACES) or None for name, cell in row.items()}


def each(converters: Any) -> list[Any]:
    return list(converters) if isinstance(converters, list | tuple) else [converters]


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=count_examples(25), deadline=None)
@given(data=st.data())
def test_what_is_read_has_the_shape_of_the_contract_and_comes_back_when_written(name, data):
    case = CASES[name]
    shape = list_shapes(get(case.contract))[case.field]
    row = data.draw(st.fixed_dictionaries(dict.fromkeys("abcd", cells(case))).map(prepared_row))
    for converter in each(table_for(case).fields[case.field]):
        outcome = converter.parse(row)
        value = unwrap_doubtful(outcome)
        if value is None or value is NONE or isinstance(value, Fault):
            continue
        if shape.pattern:
            assert re.fullmatch(shape.pattern.removesuffix("$"), value)
        if converter.is_faithful:
            assert unwrap_doubtful(converter.parse(converter.render(value))) == value
