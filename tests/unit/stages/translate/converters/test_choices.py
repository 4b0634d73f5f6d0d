"""Constants, the first of several, and plain Python, which may fail."""

from __future__ import annotations

import pytest
from converter_outcomes import CANARY, ROW_WISE, read_columns, reason
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import NONE, Amount, Constant, Date, Fault, FirstOf, Minutes, PerRecord, Text


def test_the_first_that_finds_something_wins_but_bad_data_is_not_passed_over():
    first = FirstOf(Date("a"), Date("b"), Constant("2000-01-01"))
    assert first.parse({"a": None, "b": "31/12/2024"}) == "2024-12-31"
    assert first.parse({"a": None, "b": None}) == "2000-01-01"
    assert reason(first.parse({"a": "hier", "b": "31/12/2024"})) == "translate.date.malformed"
    assert FirstOf(PerRecord("a", parse=lambda _row: NONE)).parse({"a": "x"}) is NONE


def test_what_plain_python_raises_costs_a_fault_without_its_text():
    def parse(row):
        message = f"cannot read {row['a']}"
        raise RuntimeError(message)

    fault = PerRecord("a", parse=parse).parse({"a": CANARY})
    assert reason(fault) == "translate.plugin.failed"
    assert fault.details["kind"] == "RuntimeError"
    assert fault.details["place"].startswith("test_choices.py:")
    assert CANARY not in repr(fault)


@pytest.mark.parametrize("value", ["Oui", True, 12])
def test_a_constant_that_columns_can_hold_is_the_same_in_every_row(value):
    assert Constant(value).columns == ()
    columnar = Constant(value).parse_columns()
    assert columnar is not None
    assert columnar.guarantee.values == (value,)


def test_a_constant_without_a_type_of_columns_is_written_row_wise():
    assert Constant({"code": "M"}).parse_columns() is None
    assert Constant({"code": "M"}).parse({}) == {"code": "M"}


@given(st.sampled_from([None, "31/12/2024", "hier"]), st.sampled_from([None, "01/01/2025", "demain"]))
def test_columns_are_sure_only_where_every_converter_up_to_the_value_is(one, other):
    first = FirstOf(Date("a"), Date("b"))
    outcome = first.parse({"a": one, "b": other})
    assert read_columns(first, (one, other)) == [ROW_WISE if isinstance(outcome, Fault) else outcome]


def test_one_converter_without_columns_leaves_all_to_the_exact_way():
    assert FirstOf(Date("a"), PerRecord("b", parse=lambda _row: None)).parse_columns() is None


def test_a_doubtful_value_is_a_value_and_keeps_its_doubt():
    first = FirstOf(Minutes("a"), Constant(0))
    assert reason(first.parse({"a": "0,5"})) == "translate.duration.rounded"
    assert first.parse({"a": None}) == 0


def test_a_value_is_written_where_it_can_be_read_back():
    first = FirstOf(Amount("euros"), Text("texte"))
    assert first.render("12.50") == {"euros": "12,50", "texte": ""}
    assert first.render("gratuit") == {"euros": "", "texte": "gratuit"}


def test_plain_python_sees_its_own_columns_only_and_writes_nothing_unless_it_says_how():
    seen = []
    converter = PerRecord(("a", "b"), parse=seen.append)
    converter.parse({"a": "1", "c": CANARY})
    assert seen == [{"a": "1", "b": None}]
    assert converter.render("x") == {"a": "", "b": ""}
    assert not converter.is_faithful


def test_the_first_of_several_reads_back_what_it_wrote_only_where_all_of_them_do():
    unfaithful = PerRecord("b", parse=lambda _row: None)
    assert FirstOf(Date("a"), Text("b")).is_faithful
    assert not FirstOf(Date("a"), unfaithful).is_faithful
