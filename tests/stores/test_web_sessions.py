"""A session is found by the digest of its token until it ends, or is too old."""

from __future__ import annotations

from datetime import timedelta

from passerelle.stores.web_sessions import KeptSession

HOUR = timedelta(hours=1)


def test_a_session_is_kept_seen_and_forgotten(journal, make):
    journal.keep_session("a" * 64, 7, make.now, oldest=make.now - 10 * HOUR)
    assert journal.find_kept_session("a" * 64) == KeptSession(7, make.now, make.now)
    assert journal.note_session("a" * 64, make.now + HOUR)
    assert journal.find_kept_session("a" * 64).seen == make.now + HOUR
    journal.drop_session("a" * 64)
    assert journal.find_kept_session("a" * 64) is None
    assert not journal.note_session("a" * 64, make.now + HOUR)


def test_old_sessions_go_when_another_begins(journal, make):
    journal.keep_session("a" * 64, 7, make.now, oldest=make.now - 10 * HOUR)
    later = make.now + 11 * HOUR
    journal.keep_session("b" * 64, 8, later, oldest=later - 10 * HOUR)
    assert journal.find_kept_session("a" * 64) is None
    assert journal.find_kept_session("b" * 64).account == 8
