"""References: permanent, the same from columns and row-wise, and nobody else's."""

from __future__ import annotations

import pytest
from converter_outcomes import ROW_WISE, read_columns, reason
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import Ref


def test_a_reference_encodes_what_a_urn_cannot_hold():
    ref = Ref(("a", "b"), system="demo", entity="visit")
    assert ref.parse({"a": "é 1", "b": "x~y:z"}) == "demo:visit:%C3%A9%201~x%7Ey%3Az"
    assert ref.parse({"a": "1", "b": None}) == "demo:visit:1~"
    assert ref.parse({"a": None, "b": None}) is None
    assert reason(ref.parse({"a": "x" * 200, "b": None})) == "translate.ref.too_long"


def test_a_key_that_must_be_whole_is_unknown_when_a_part_is_missing():
    ref = Ref(("a", "b"), system="demo", entity="visit", whole=True)
    assert ref.parse({"a": "1", "b": None}) is None
    assert ref.parse({"a": "1", "b": "2"}) == "demo:visit:1~2"


def test_a_reference_of_another_system_is_written_whole():
    assert Ref("a", system="demo", entity="visit").render("other:visit:7") == {"a": "other:visit:7"}


def test_a_system_that_cannot_open_a_reference_is_refused_at_once():
    with pytest.raises(ValueError, match="cannot open"):
        Ref("a", system="Démo", entity="visit")


ID = st.text(st.sampled_from("aZ9 ~:%é/-_.E+,"), max_size=6)
PAIR = Ref(("a", "b"), system="demo", entity="visit")


@given(ID, ID)
def test_any_two_ids_come_back_and_never_make_the_reference_of_another_pair(one, other):
    ref = PAIR.parse({"a": one, "b": other})
    if isinstance(ref, str):
        assert PAIR.render(ref) == {"a": one, "b": other}
        assert read_columns(PAIR, (one or None, other or None))[0] in (ref, ROW_WISE)


@pytest.mark.parametrize(("length", "is_read"), [(160, True), (161, False)])
def test_a_reference_has_a_longest_id_for_both_ways_of_reading(length, is_read):
    ref = Ref("a", system="demo", entity="visit")
    assert isinstance(ref.parse({"a": "x" * length}), str) is is_read
    assert (read_columns(ref, "x" * length)[0] is not ROW_WISE) is is_read


def test_the_limit_counts_what_is_written_not_what_is_read():
    assert reason(Ref("a", system="demo", entity="visit").parse({"a": "é" * 27})) == "translate.ref.too_long"


def test_a_part_that_a_spreadsheet_has_rewritten_is_named_by_its_column():
    fault = PAIR.parse({"a": "7", "b": "1,85E+14"})
    assert (reason(fault), fault.column) == ("translate.number.rewritten", "b")
    assert read_columns(PAIR, ("7", "1,85E+14")) == [ROW_WISE]


def test_columns_encode_the_spaces_and_colons_of_a_date_within_a_key():
    assert read_columns(PAIR, ("7", "2024/01/01 10:00")) == ["demo:visit:7~2024/01/01%2010%3A00"]


def test_a_reference_of_a_different_number_of_parts_is_written_whole():
    assert PAIR.render("demo:visit:7") == {"a": "demo:visit:7", "b": ""}
    assert PAIR.render(None) == {"a": "", "b": ""}
