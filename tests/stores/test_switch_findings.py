"""What was found at a change of supplier stays, the latest first, and none of its words stands in clear."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from passerelle.stores.database import open_reader
from passerelle.stores.switch_findings import COMPARED, DIFFERENCES, ROLLED_BACK, WEIGHED


def test_each_finding_stays_and_those_of_other_changes_and_kinds_are_apart(journal, make, engine):
    for nth, (change, kind) in enumerate(
        [("bascule", COMPARED), ("bascule", ROLLED_BACK), ("autre", COMPARED), ("bascule", COMPARED)]
    ):
        now = make.now + timedelta(hours=nth)
        journal.keep_switch_finding(change, kind, {"nth": nth, "side": "Zzyx"}, who="marie", now=now)
    found = journal.list_switch_findings("bascule", COMPARED, limit=10)
    assert [(one.content["nth"], one.who, one.at - make.now) for one in found] == [
        (3, "marie", timedelta(hours=3)),
        (0, "marie", timedelta()),
    ]
    assert [one.content["nth"] for one in journal.list_switch_findings("bascule", COMPARED, limit=1)] == [3]
    assert journal.list_switch_findings("nulle-part", COMPARED, limit=1) == ()
    assert "Zzyx" not in repr(found)
    with open_reader(engine) as connection:
        rows = connection.execute(text("SELECT * FROM switch_finding")).all()
    assert "Zzyx" not in str(rows)
    assert "marie" not in str(rows)


def test_of_details_the_latest_alone_is_kept_and_forgotten_after_a_while(journal, make, engine):
    for nth, (change, kind) in enumerate([("bascule", WEIGHED), ("autre", WEIGHED), ("bascule", DIFFERENCES)]):
        for later in (0, 1):
            now = make.now + timedelta(days=nth, hours=later)
            journal.replace_switch_finding(change, kind, {"nth": later, "side": "Zzyx"}, who="marie", now=now)
    journal.keep_switch_finding("bascule", COMPARED, {}, who="marie", now=make.now)

    def count() -> list[int]:
        sought = (("bascule", WEIGHED), ("autre", WEIGHED), ("bascule", DIFFERENCES), ("bascule", COMPARED))
        return [len(journal.list_switch_findings(*one, limit=9)) for one in sought]

    assert count() == [1, 1, 1, 1]
    assert journal.list_switch_findings("bascule", WEIGHED, limit=9)[0].content["nth"] == 1
    with open_reader(engine) as connection:
        assert "Zzyx" not in str(connection.execute(text("SELECT * FROM switch_finding")).all())
    journal.forget_switch_details(make.now + timedelta(days=1, hours=1))
    assert count() == [0, 1, 1, 1]
    journal.forget_switch_details(make.now + timedelta(days=9))
    assert count() == [0, 0, 0, 1]
