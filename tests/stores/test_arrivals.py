"""What makes an arrival the one before: its place in its state, with its bytes; never the bytes alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from passerelle.stores.database import open_reader, open_writer
from passerelle.vocabulary.arrivals import ArrivalMarks, Mark, MarkKind

A, B = "a", "b"
HOUR = timedelta(hours=1)


@pytest.fixture
def arrive(journal, make):
    """Register bytes at places: `arrive("a", Mark("name/x", "1"))` says whether they are a parcel."""

    def call(letter: str, *marks: Mark, after: timedelta = timedelta(0), since=None) -> bool:
        parcel = make.parcel(letter)
        parcel = replace(parcel, received_at=parcel.received_at + after)
        return bool(journal.register(parcel, marks=ArrivalMarks(marks, unmarked_since=since)))

    return call


def test_a_place_that_goes_back_to_what_it_had_is_news(arrive):
    place = Mark("page/1")
    assert [arrive(letter, place) for letter in (A, A, B, B, A, A)] == [True, False, True, False, True, False]


def test_two_places_with_the_same_bytes_are_two_arrivals_and_then_known(arrive):
    assert [arrive(A, Mark(f"page/{number}")) for number in (1, 2, 1, 2)] == [True, True, False, False]


def test_one_known_place_is_enough_and_the_others_are_added(arrive):
    name, inode = Mark("name/x", "1"), Mark("inode/7", "1", MarkKind.STAYED)
    assert arrive(A, name, inode)
    assert not arrive(A, Mark("name/y", "1"), inode), "renamed"
    assert not arrive(A, Mark("name/y", "1"), Mark("inode/8", "1", MarkKind.STAYED)), "copied back under its new name"
    assert arrive(A, Mark("name/y", "2"), Mark("inode/9", "2", MarkKind.STAYED)), "written again"


def test_what_a_look_no_longer_shows_does_not_lend_its_inode(journal, arrive, make):
    first, second = (Mark(f"inode/{number}", "1", MarkKind.STAYED) for number in (7, 8))
    arrive(A, Mark("name/x", "1"), first)
    arrive(B, Mark("name/x", "2"), second)
    journal.keep_stayed_marks(make.flow, {second})
    assert arrive(A, Mark("name/x", "1"), first), "the file before, put back under the inode it had"


def test_a_repetition_within_its_time_is_no_news_and_one_after_it_is(arrive):
    body = Mark("body/a", within=HOUR)
    assert arrive(A, body)
    assert not arrive(A, body, after=HOUR / 2)
    assert arrive(A, body, after=HOUR), "the time began with the first"
    assert not arrive(A, body, after=HOUR * 1.5)


def test_what_came_while_the_clock_was_years_ahead_does_not_make_a_message_of_today_a_repetition(arrive):
    body = Mark("body/a", within=HOUR)
    assert arrive(A, body, after=timedelta(days=4_400))
    assert arrive(A, body)
    assert not arrive(A, body, after=-HOUR / 2), "set back a little, by a time server"


def test_a_place_that_was_seen_while_the_clock_was_years_ahead_is_dated_again_by_the_next_look(arrive, journal):
    kept, other, days = Mark("name/kept"), Mark("name/other"), timedelta(days=1)
    arrive(A, kept, after=4_400 * days)
    assert not arrive(A, kept)
    arrive(B, other)
    assert journal.forget_unseen_marks(30 * days) == 0
    assert not arrive(B, other)


def test_a_message_that_its_sender_numbered_is_the_same_for_ever(arrive, journal):
    number = Mark("message/7", kind=MarkKind.EVER)
    assert arrive(A, number)
    assert arrive(B, Mark("page/1"), after=timedelta(days=400))
    assert journal.forget_unseen_marks(timedelta(days=30)) == 0
    assert not arrive(A, number, after=timedelta(days=4_000))


def test_a_place_is_forgotten_when_its_source_stopped_showing_it_and_not_while_the_flow_rests(arrive, journal):
    kept, gone, days = Mark("name/kept"), Mark("name/gone"), timedelta(days=1)
    arrive(A, kept)
    arrive(A, gone)
    assert journal.forget_unseen_marks(30 * days) == 0
    assert not arrive(A, kept, after=100 * days), "the flow rested, and the look comes before the clean-up"
    assert journal.forget_unseen_marks(30 * days) == 1
    assert not arrive(A, kept, after=100 * days)
    assert arrive(A, gone, after=100 * days)


def test_what_an_earlier_version_registered_is_known_when_it_was_not_written_since(arrive, journal, make, engine):
    journal.register(make.parcel())
    with open_writer(engine) as connection:
        connection.execute(text("UPDATE parcel SET marked = 0"))
    assert arrive(A, Mark("name/y", "1"), since=make.now + HOUR), "written after it was received"
    assert not arrive(A, Mark("name/x", "1"), since=make.now - HOUR)


def test_no_place_can_be_read_in_the_journal(arrive, engine):
    arrive(A, Mark("name/Mme TREMEUR.csv", "1"))
    with open_reader(engine) as connection:
        (row,) = connection.execute(text("SELECT * FROM arrival")).all()
    assert "TREMEUR" not in repr(tuple(map(bytes, row[1:3])))


def test_a_file_that_was_taken_away_is_another_one_when_it_comes_again(arrive, journal, make):
    mark = Mark("name/x", "1", MarkKind.UNTAKEN)
    assert arrive(A, mark)
    assert not arrive(A, mark), "seen again after a kill, before it was taken away"
    journal.forget_taken_marks(make.flow)
    assert arrive(A, mark)
