"""A suspension keeps its reason, its beginning and its facts; one of an earlier version has no facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from passerelle.stores.database import open_writer
from passerelle.stores.suspensions import Suspension

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def test_a_suspension_keeps_its_facts_until_it_is_lifted(journal):
    journal.suspend("un", "incident.destination.misaddressed", NOW, {"status": "404"})
    assert journal.find_suspension("un") == Suspension(
        "un", "incident.destination.misaddressed", NOW, {"status": "404"}
    )
    journal.resume("un")
    journal.suspend("un", "incident.key.other", NOW)
    assert journal.find_suspension("un").details == {}


def test_a_suspension_of_an_earlier_version_has_no_facts(journal):
    journal.suspend("un", "incident.destination.misaddressed", NOW, {"status": "404"})
    with open_writer(journal._engine) as connection:
        connection.execute(text("UPDATE flow SET suspended_details = NULL"))
    assert journal.find_suspension("un").details == {}


def test_a_side_is_away_since_the_first_time_and_never_since_a_moment_that_is_still_to_come(journal):
    hours = [NOW + timedelta(hours=number) for number in range(4)]
    assert journal.note_away("visites", "source", hours[1]) == hours[1]
    assert journal.note_away("visites", "source", hours[3]) == hours[1]
    assert journal.list_away("visites") == {"source": hours[1]}
    # the clock was put back: it had been ahead
    assert journal.note_away("visites", "source", hours[0]) == hours[0]
    assert journal.list_away("visites") == {"source": hours[0]}
