"""A sealed list gives back what was added, piece by piece, or says that it is broken; its name tells nothing."""

from __future__ import annotations

import io
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from passerelle.stores.depot import Depot
from passerelle.stores.seal import Seal
from passerelle.stores.whole_lists import SCHEMA, WholeListDraft, read_pieces
from passerelle.vocabulary.errors import ParcelError, PasserelleError

ROWS = [
    ("essai:person:Œuvrard", date(2024, 12, 2), date(2024, 12, 3), None, False),
    ("essai:person:2", None, date(2024, 12, 1), date(2024, 12, 3), True),
]


@pytest.fixture
def wholes(tmp_path):
    return Depot(tmp_path / "listes", Seal(bytes(range(32))))


@pytest.fixture
def frame():
    return pl.DataFrame(ROWS, schema=SCHEMA, orient="row")


def test_pieces_come_back_in_order_with_their_contract_and_only_the_columns_of_a_list(wholes, frame):
    draft = WholeListDraft("un")
    draft.add("person/1", frame.with_columns(more=1))
    draft.add("visit/1", frame.clear())
    draft.add("note/1", frame.head(1))
    assert draft.count == 3
    (first, persons), (second, notes) = read_pieces(wholes, draft.put(wholes))
    assert (first, second) == ("person/1", "note/1"), "an empty piece is none"
    assert_frame_equal(persons, frame)
    assert_frame_equal(notes, frame.head(1))


def test_a_list_without_records_is_a_list(wholes):
    assert list(read_pieces(wholes, WholeListDraft("un").put(wholes))) == []


def test_the_same_records_make_another_name_each_time(wholes, frame):
    names = set()
    for _time in range(2):
        draft = WholeListDraft("un")
        draft.add("person/1", frame)
        names.add(draft.put(wholes))
    assert len(names) == 2


def test_a_list_that_ends_within_a_piece_is_broken_wherever_it_ends(wholes, frame):
    draft = WholeListDraft("un")
    head = len(draft.content.getvalue())
    draft.add("person/1", frame)
    content = draft.content.getvalue()
    ends = [1, head - 1, head + 1, head + 5, head + 6, head + 10, len(content) - 1]
    for end in ends:
        digest = wholes.put(io.BytesIO(content[:end]), name="whole").digest
        with pytest.raises(ParcelError) as caught:
            list(read_pieces(wholes, digest))
        assert caught.value.code == "incident.deposit.broken", end


def test_a_list_that_is_not_there_is_said_to_be_missing(wholes):
    with pytest.raises(PasserelleError) as caught:
        list(read_pieces(wholes, "0" * 64))
    assert caught.value.code == "incident.deposit.missing"
