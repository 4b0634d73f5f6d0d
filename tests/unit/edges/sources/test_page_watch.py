"""One look at an API: what pages say of the list is held against what came, and a circle is left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle import Page
from passerelle.edges.sources import page_watch
from passerelle.edges.sources.page_watch import PageWatch


def watch(*pages):
    watched = PageWatch()
    taken = []
    for page in pages:
        if not watched.observe(page):
            break
        taken.append(page)
    return watched, len(taken)


def codes(*pages):
    return {defect.code: dict(defect.details) for defect in watch(*pages)[0].list_defects()}


def page(*ids, cursor="", **says):
    return Page(repr(ids).encode(), cursor, ids=tuple(map(str, ids)), **says)


def test_pages_that_say_nothing_of_themselves_are_taken_as_they_come():
    assert codes(Page(b"one"), Page(b"two"), Page(b"")) == {}


def test_a_total_that_is_met_clears_pages_of_other_sizes_and_empty_ones():
    uneven = Page(b"", ids=(), flaw="pages.page.uneven")
    assert codes(page(1, 2, total=3), page(total=3), page(3, total=3), uneven) == {}
    assert set(codes(page(1, 2), page(), page(3), uneven)) == {"pages.page.uneven", "pages.page.empty"}


def test_a_total_that_moves_is_told_unless_rows_cannot_slip():
    assert codes(page(1, total=2), page(2, 3, total=3)) == {"pages.total.changed": {"first": "2", "last": "3"}}
    assert codes(page(1, total=2), page(2, 3, total=3, steady=True)) == {}
    assert set(codes(page(1, total=5), page(2, 3, total=6, steady=True))) == {"pages.total.unmet"}


def test_rows_that_come_twice_are_counted():
    assert codes(page(1, 2), page(2, 3), page(1, 4)) == {"pages.rows.repeated": {"count": "2"}}


def test_a_connector_may_say_itself_that_an_answer_was_cut():
    assert codes(page(1, flaw="pages.answer.cut")) == {"pages.answer.cut": {"count": "1"}}
    assert set(codes(page(1, flaw="of my own"))) == {"pages.answer.cut"}


@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_a_circle_of_cursors_is_left_when_it_closes_whatever_the_answers_hold(length):
    pages = [Page(str(turn if length > 1 else 0).encode(), str(turn % length)) for turn in range(50)]
    watched, taken = watch(*pages)
    assert (taken, watched.is_stuck) == (length, True)
    assert set(codes(*pages)) == {"pages.cursor.repeated"}


def test_a_cursor_that_stands_still_while_other_pages_come_is_no_circle():
    assert codes(*(Page(str(turn).encode(), "2024-11-04") for turn in range(9))) == {}


def test_a_list_without_an_end_is_left_and_told(monkeypatch):
    monkeypatch.setattr(page_watch, "MOST_PAGES", 10)
    pages = [page(turn) for turn in range(30)]
    assert watch(*pages)[1] == 9
    assert codes(*pages) == {"pages.look.endless": {"count": "10"}}


@given(st.lists(st.lists(st.integers(0, 20), max_size=4), max_size=8), st.integers(0, 20))
def test_a_look_that_says_nothing_brought_each_row_once_and_as_many_as_announced(rows, total):
    watched = PageWatch()
    for ids in rows:
        watched.observe(page(*ids, total=total))
    if rows and not watched.list_defects():
        assert len(watched.rows) == len(set(watched.rows)) == total
