"""Two who hand in at the same moment: one effect a key, whatever the other sends, on both databases.

`make long-api` plays 10,000 pairs of each case; here a few of them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from journeying import TAKES_ALL
from token_terms import NOW

from passerelle.stores.api_store import ApiStore
from passerelle.stores.database import open_database
from passerelle.stores.handings import KEY_TIME, KeyState, NewHanding
from passerelle.stores.trail import AuditEntry

PAIRS = 10_000 if TAKES_ALL else 10
BODY, OTHER = b"b" * 32, b"o" * 32
FIRST, RUNNING, REPEATED, ANOTHER, LATE = (
    KeyState.FIRST,
    KeyState.RUNNING,
    KeyState.REPEATED,
    KeyState.OTHER,
    KeyState.OVERTAKEN,
)


@pytest.fixture
def books(journal_url, journal, seal):
    """Two stores with connections of their own, as two processes have them."""
    engines = [open_database(journal_url) for _one in range(2)]
    yield [ApiStore(engine, seal) for engine in engines]
    for engine in engines:
        engine.dispose()


def begin(book, receipt: str, nth: int, *, body: bytes = BODY, at=NOW, **about):
    key = b"%032d" % nth
    about = {"ref_keys": [b"%016d" % nth], **about}
    new = NewHanding(token=1, key=key, body=body, receipt=receipt, flow="remis", contract="visit/1", **about)
    return book.begin_handing(new, AuditEntry(0, at, "api.write", "visit/1 1", "agenda", "agenda"))


def race(books, nth: int, bodies=(BODY, BODY), **about):
    """Let both begin at once; return what each was told, in the order of the stores."""
    together = Barrier(2)

    def one(place: int):
        together.wait()
        return begin(books[place], f"r{nth}-{place}", nth, body=bodies[place], **about)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(2)))


def states_of(told) -> list[KeyState]:
    return sorted((state for state, _receipt in told), key=lambda state: state.value)


def test_of_two_that_are_alike_one_is_first_and_the_other_has_its_receipt(books):
    for nth in range(PAIRS):
        told = race(books, nth)
        assert states_of(told) == [FIRST, RUNNING]
        assert len({receipt for _state, receipt in told}) == 1


def test_of_two_with_other_bodies_one_is_first_and_the_other_is_told(books):
    for nth in range(PAIRS):
        told = race(books, nth, (BODY, OTHER))
        assert states_of(told) == [FIRST, ANOTHER]
        assert len({receipt for _state, receipt in told}) == 1


def test_two_that_repeat_what_is_done_have_its_receipt(books):
    for nth in range(PAIRS):
        begin(books[0], f"first{nth}", nth)
        books[0].end_handing(f"first{nth}", "p")
        assert race(books, nth) == [(REPEATED, f"first{nth}")] * 2


def test_two_that_come_while_the_first_is_under_way_wait_for_it(books):
    for nth in range(PAIRS):
        begin(books[0], f"first{nth}", nth)
        assert race(books, nth) == [(RUNNING, f"first{nth}")] * 2


def test_of_two_that_come_a_day_later_one_is_first_again(books):
    for nth in range(PAIRS):
        begin(books[0], f"first{nth}", nth)
        books[0].end_handing(f"first{nth}", "p")
    for nth in range(PAIRS):
        assert states_of(race(books, nth, at=NOW + KEY_TIME + timedelta(seconds=1))) == [FIRST, RUNNING]
        assert books[0].find_handing(1, f"first{nth}").parcel == "p"


def test_of_two_who_write_one_record_after_what_they_read_one_is_told(books):
    # other keys, one record: `If-Match` of both was true when they read it
    together = Barrier(2)

    def write(nth: int, place: int):
        together.wait()
        about = {"ref_keys": [b"%016d" % nth], "follows": 0}
        return begin(books[place], f"r{nth}-{place}", 2 * nth + place, **about)[0]

    for nth in range(PAIRS):
        with ThreadPoolExecutor(2) as pool:
            told = sorted(pool.map(write, (nth, nth), range(2)), key=lambda state: state.value)
        assert told == [FIRST, LATE]
