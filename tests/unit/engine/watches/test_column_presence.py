"""Which cells say something: a header for texts and sheets, each record for documents."""

from __future__ import annotations

import polars as pl

from passerelle.engine.watches.column_presence import ColumnPresence
from passerelle.stages.decode.dialects import Csv, Json, Xml

ALL = pl.Series([0, 1, 2], dtype=pl.UInt32)


def test_in_a_text_the_header_says_all_and_an_empty_cell_is_said():
    presence = ColumnPresence.of(Csv())
    frame = pl.DataFrame({"Nom": ["a", "", "c"]})
    assert presence.mark_unsaid(("Nom", "Autre"), frame, ALL) is None
    assert presence.mark_unsaid(("Autre",), frame, ALL).all()
    assert presence.find_absent(["Nom", "Tel", "Note"], frame.columns) == ["Note", "Tel"]


def test_in_a_document_a_null_cell_says_nothing_and_an_empty_one_does():
    presence = ColumnPresence.of(Json())
    frame = pl.DataFrame({"note": ["a", "", None], "tel": [None, None, "1"]})
    assert presence.mark_unsaid(("note",), frame, ALL).tolist() == [False, False, True]
    assert presence.mark_unsaid(("note", "tel"), frame, ALL).tolist() == [False, False, False]
    assert presence.mark_unsaid(("note",), frame, pl.Series([2], dtype=pl.UInt32)).tolist() == [True]


def test_an_object_that_is_null_speaks_of_its_members_but_not_of_its_neighbours():
    presence = ColumnPresence.of(Json())
    frame = pl.DataFrame({"customer": ["", None, None], "customer.name": [None, "a", None]})
    assert presence.mark_unsaid(("customer.name",), frame, ALL).tolist() == [False, False, True]
    assert presence.find_absent(["customer.name", "customers.name"], ["customer"]) == ["customers.name"]


def test_a_list_that_is_there_is_said_however_many_items_it_has():
    presence = ColumnPresence.of(Json(spread=("phones",)))
    frame = pl.DataFrame({"phones.0": ["1", "", None], "phones.1": ["2", None, None]})
    assert presence.mark_unsaid(("phones.1",), frame, ALL).tolist() == [False, False, True]
    assert presence.find_absent(["phones.1"], ["phones.0"]) == []


def test_a_repeated_element_is_said_by_the_first_of_its_name():
    presence = ColumnPresence.of(Xml(rows={"/a/b": ""}))
    assert presence.find_absent(["Tel#2", "Fax"], ["Tel"]) == ["Fax"]


def test_lines_and_elements_show_their_columns_as_they_come():
    assert ColumnPresence.of(Json()).sees_all
    assert not ColumnPresence.of(Json(lines=True)).sees_all
    assert not ColumnPresence.of(Xml()).sees_all
    assert ColumnPresence.of(Csv(), is_replay=True).by_record
