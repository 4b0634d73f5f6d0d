"""The audit trail: nothing of it can be changed, cut out or cut off unseen."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from passerelle.stores.database import open_writer
from passerelle.vocabulary.errors import FatalError

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


@pytest.fixture
def audited(journal):
    for number in range(1, 5):
        journal.append_audit("reveal", f"quarantine:{number}", "asked by the family", NOW, "operator")
    return journal


def test_entries_are_read_back_in_order(audited):
    entries = audited.list_audit_entries()
    assert [entry.entry for entry in entries] == [1, 2, 3, 4]
    first = entries[0]
    assert (first.at, first.action, first.subject) == (NOW, "reveal", "quarantine:1")
    assert (first.why, first.who) == ("asked by the family", "operator")
    assert "family" not in repr(first)


def test_an_untouched_trail_verifies(audited):
    assert audited.verify_audit() == 4


def test_an_empty_trail_verifies_and_may_anchor(journal):
    head = journal.get_audit_head()
    assert journal.verify_audit(head) == 0
    journal.append_audit("discard", "quarantine:1", "why", NOW, "operator")
    assert journal.verify_audit(head) == 1


@pytest.mark.parametrize(
    ("change", "entry"),
    [
        ("UPDATE audit SET action = 'export' WHERE entry = 2", "2"),
        ("UPDATE audit SET at = at + 1 WHERE entry = 3", "3"),
        ("UPDATE audit SET words = (SELECT words FROM audit WHERE entry = 1) WHERE entry = 4", "4"),
        ("DELETE FROM audit WHERE entry = 2", "2"),
        ("UPDATE audit SET entry = entry + 10 WHERE entry = 4", "4"),
    ],
)
def test_any_change_shows_where_it_begins(audited, engine, change, entry):
    with open_writer(engine) as connection:
        connection.execute(text(change))
    with pytest.raises(FatalError) as caught:
        audited.verify_audit()
    assert caught.value.code == "incident.audit.broken"
    assert caught.value.details["entry"] == entry


def test_an_end_that_was_cut_off_shows_against_a_head_kept_elsewhere(audited, engine):
    head = audited.get_audit_head()
    audited.append_audit("discard", "quarantine:9", "why", NOW, "operator")
    assert audited.verify_audit(head) == 5
    with open_writer(engine) as connection:
        connection.execute(text("DELETE FROM audit WHERE entry >= 4"))
    assert audited.verify_audit() == 3
    with pytest.raises(FatalError):
        audited.verify_audit(head)


def test_entries_written_at_the_same_time_make_one_chain(journal):
    def write() -> None:
        for _ in range(5):
            journal.append_audit("reveal", "quarantine:1", "why", NOW, "operator")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert journal.verify_audit() == 20


def test_the_latest_entries_come_page_by_page(journal):
    for number in range(1, 6):
        journal.append_audit(f"act.{number}", "about", "because so", NOW, "somebody")
    latest = journal.list_latest_entries(limit=2)
    assert [entry.action for entry in latest] == ["act.5", "act.4"]
    assert [entry.action for entry in journal.list_latest_entries(before=latest[-1].entry, limit=9)] == [
        "act.3",
        "act.2",
        "act.1",
    ]
