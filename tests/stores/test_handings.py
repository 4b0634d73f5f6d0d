"""Keys of what was handed in: first, repeated, with another body, under way, too old; one effect whoever races."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from token_terms import NOW

from passerelle.stores.api_store import ApiStore
from passerelle.stores.database import open_database
from passerelle.stores.handings import KEY_TIME, RECEIPT_TIME, KeyState, NewHanding
from passerelle.stores.journal import Journal
from passerelle.stores.seal import Seal
from passerelle.stores.trail import AuditEntry

KEY, BODY, OTHER = b"k" * 32, b"b" * 32, b"o" * 32


@pytest.fixture
def book(tmp_path):
    engine = open_database(tmp_path / "journal.sqlite3")
    yield ApiStore(engine, Seal(bytes(32)))
    engine.dispose()


def begin(book, receipt: str, *, token: int = 1, key: bytes = KEY, body: bytes = BODY, at=NOW, **about):
    about = {"ref_keys": [b"r" * 16], **about}
    new = NewHanding(token=token, key=key, body=body, receipt=receipt, flow="remis", contract="visit/1", **about)
    return book.begin_handing(new, AuditEntry(0, at, "api.write", "visit/1 1", "agenda", "agenda"))


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


def test_a_key_is_known_before_its_body_is_looked_at(book):
    assert book.find_key(1, KEY, BODY, NOW) == (KeyState.FIRST, "")
    begin(book, "r1")
    assert book.find_key(1, KEY, BODY, NOW) == (KeyState.RUNNING, "r1")
    book.end_handing("r1", "p1")
    assert book.find_key(1, KEY, BODY, NOW) == (KeyState.REPEATED, "r1")
    assert book.find_key(1, KEY, OTHER, NOW) == (KeyState.OTHER, "r1")
    assert book.find_key(1, KEY, OTHER, NOW + KEY_TIME + timedelta(seconds=1)) == (KeyState.FIRST, "")


def test_who_writes_after_a_write_that_they_cannot_know_of_is_told(book):
    one, other = b"1" * 16, b"2" * 16
    begin(book, "r1", ref_keys=[one, other])
    book.end_handing("r1", "p1")
    last, writes = book.find_writes("visit/1", one, NOW)
    assert [write.parcel for write in writes] == ["p1"]
    assert begin(book, "r2", key=b"2", ref_keys=[one], follows=last) == (KeyState.FIRST, "r2")
    assert begin(book, "r3", key=b"3", ref_keys=[one], follows=last) == (KeyState.OVERTAKEN, "")
    assert len(book.find_writes("visit/1", one, NOW)[1]) == 2
    # what was cut off, or failed, is no write
    assert len(book.find_writes("visit/1", one, NOW + timedelta(minutes=3))[1]) == 1
    book.end_handing("r2", "")
    assert book.find_writes("visit/1", one, NOW)[0] == last
    assert book.find_writes("person/1", one, NOW) == (0, ())


def test_what_is_written_is_in_the_trail_before_anything_is_registered(tmp_path, book):
    begin(book, "r1")
    begin(book, "r2")
    journal = Journal(open_database(tmp_path / "journal.sqlite3"), Seal(bytes(32)))
    assert [entry.action for entry in journal.list_audit_entries()] == ["api.write"]
