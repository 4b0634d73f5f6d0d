"""Keys of what was handed in: first, repeated, with another body, under way, too old; one effect whoever races."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from token_terms import NOW

from passerelle.stores.api_store import ApiStore
from passerelle.stores.database import open_database
from passerelle.stores.handings import KEY_TIME, RECEIPT_TIME, KeyState
from passerelle.stores.seal import Seal

KEY, BODY, OTHER = b"k" * 32, b"b" * 32, b"o" * 32


@pytest.fixture
def book(tmp_path):
    engine = open_database(tmp_path / "journal.sqlite3")
    yield ApiStore(engine, Seal(bytes(32)))
    engine.dispose()


def begin(book, receipt: str, *, token: int = 1, key: bytes = KEY, body: bytes = BODY, at=NOW):
    return book.begin_handing(token, key=key, body=body, receipt=receipt, flow="remis", contract="visit/1", now=at)


def test_a_key_stands_for_its_request_and_no_other(book):
    assert begin(book, "r1") == (KeyState.FIRST, "r1")
    assert begin(book, "r2") == (KeyState.RUNNING, "r1")
    assert book.find_handing(1, "r1") is None
    book.end_handing("r1", "p1")
    assert begin(book, "r3") == (KeyState.REPEATED, "r1")
    assert begin(book, "r4", body=OTHER) == (KeyState.OTHER, "r1")
    assert begin(book, "r5", token=2) == (KeyState.FIRST, "r5")
    assert begin(book, "r6", key=OTHER) == (KeyState.FIRST, "r6")
    found = book.find_handing(1, "r1")
    assert (found.flow, found.parcel, found.contract, found.at) == ("remis", "p1", "visit/1", NOW)
    # a receipt is for whoever handed in
    assert book.find_handing(2, "r1") is None


def test_a_key_that_is_too_old_begins_anew_and_its_receipt_stays(book):
    begin(book, "r1")
    book.end_handing("r1", "p1")
    later = NOW + KEY_TIME + timedelta(seconds=1)
    assert begin(book, "r2", body=OTHER, at=later) == (KeyState.FIRST, "r2")
    assert book.find_handing(1, "r1").parcel == "p1"
    begin(book, "r3", key=OTHER, at=NOW + RECEIPT_TIME + timedelta(seconds=1))
    assert book.find_handing(1, "r1") is None


def test_what_failed_or_was_cut_off_begins_anew_with_the_same_key(book):
    begin(book, "r1")
    book.end_handing("r1", "")
    assert begin(book, "r2") == (KeyState.FIRST, "r2")
    assert begin(book, "r3", at=NOW + timedelta(minutes=3)) == (KeyState.FIRST, "r3")


def test_of_many_that_race_with_one_key_one_is_first(book):
    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(lambda nth: begin(book, f"r{nth}")[0], range(40)))
    assert states.count(KeyState.FIRST) == 1
    assert set(states) == {KeyState.FIRST, KeyState.RUNNING}
