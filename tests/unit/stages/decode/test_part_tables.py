"""Parts of a list become tables; what is odd in one record is that record's own."""

from __future__ import annotations

import pytest

from passerelle.stages.decode.dialects import Json
from passerelle.stages.decode.flattening import RecordReader
from passerelle.stages.decode.inside import Inside
from passerelle.stages.decode.linking import Linking
from passerelle.stages.decode.outline import ListPart, OddDocumentError
from passerelle.stages.decode.part_tables import Tabulator, parse_part


def part(*, first: bool) -> ListPart:
    return ListPart((), 0, 0, first=first, deep=False)


def test_a_damaged_record_is_odd_and_the_others_are_rows():
    (items,) = parse_part(part(first=True), '[{"a":"x"},{"a":"\ufffd"},{"b":1}]'.encode()[1:-1])
    tabulator = Tabulator(RecordReader(Inside(), {}, Linking(Json())))
    table = tabulator.tabulate(items, 5)
    assert table.lines.tolist() == [5, 7]
    assert [one.line for one in table.odd] == [6]
    assert tabulator.columns == {"a": True, "b": True}


@pytest.mark.parametrize("body", [b"{}", b" , ", b",,{}"])
def test_a_part_that_goes_on_begins_with_one_comma(body):
    with pytest.raises(OddDocumentError):
        parse_part(part(first=False), body)


def test_minus_zero_is_kept():
    (items,) = parse_part(part(first=True), b'{"a":-0}')
    assert items.values == [{"a": "-0"}]


@pytest.mark.parametrize(("texts", "is_filled"), [(("", "x", ""), True), (("", "", "x"), True), (("", "", ""), False)])
def test_a_column_counts_as_filled_when_any_record_has_something_in_it(texts, is_filled):
    content = ",".join(f'{{"a":"1","b":"{text}"}}' for text in texts).encode()
    (items,) = parse_part(part(first=True), content)
    tabulator = Tabulator(RecordReader(Inside(), {}, Linking(Json())))
    tabulator.tabulate(items, 1)
    assert tabulator.columns == {"a": True, "b": is_filled}
