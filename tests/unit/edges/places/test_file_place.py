"""What is remembered of a file on another machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from passerelle.edges.places.file_place import FileState, mark_remote_file
from passerelle.vocabulary.arrivals import MarkKind

STATE = FileState(modified=1_000, size=5)


def mark(name="a.csv", state=STATE, *, stays=True, tag="t1"):
    (only,) = mark_remote_file(name, state, stays=stays, tag=tag).marks
    return only


@pytest.mark.parametrize(("stays", "kind"), [(True, MarkKind.PLACE), (False, MarkKind.UNTAKEN)])
def test_a_file_that_is_taken_away_is_news_when_it_comes_again(stays, kind):
    assert mark(stays=stays).kind is kind


@pytest.mark.parametrize(
    "other",
    [
        mark(state=replace(STATE, modified=1_001)),
        mark(state=replace(STATE, size=6)),
        mark(tag="t2"),
        mark(tag=None),
        mark(name="b.csv"),
    ],
)
def test_another_time_size_tag_or_name_is_another_state(other):
    assert mark() == mark()
    assert other != mark()


def test_a_name_that_is_no_text_is_marked_by_its_bytes():
    assert mark(name="caf\udce9.csv") != mark(name="café.csv")
    mark(name="caf\udce9.csv").place.encode("utf-8")
