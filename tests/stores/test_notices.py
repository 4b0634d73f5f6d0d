"""One notice of each code for a flow: raised again it keeps its beginning, cleared it is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from passerelle.stores.notices import Notice

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
LATE = "silence.flow.late"
EMPTY = "silence.parcel.empty"


def test_a_notice_that_is_raised_again_keeps_its_beginning_and_tells_the_latest(journal):
    journal.raise_notice("visites", LATE, {"every": "1d", "since": "lundi"}, NOW)
    journal.raise_notice("visites", LATE, {"every": "2d"}, LATER)
    assert journal.list_notices("visites") == (Notice("visites", LATE, NOW, LATER, {"every": "2d"}),)


def test_a_cleared_notice_is_gone_and_begins_anew(journal):
    journal.raise_notice("visites", LATE, {}, NOW)
    assert journal.clear_notice("visites", LATE) is True
    assert journal.clear_notice("visites", LATE) is False
    journal.raise_notice("visites", LATE, {}, LATER)
    assert [notice.since for notice in journal.list_notices()] == [LATER]


def test_clearing_one_leaves_other_codes_and_other_flows(journal):
    for flow, code in (("visites", LATE), ("visites", EMPTY), ("personnes", LATE)):
        journal.raise_notice(flow, code, {}, NOW)
    journal.clear_notice("visites", LATE)
    assert [(notice.flow, notice.code) for notice in journal.list_notices()] == [
        ("personnes", LATE),
        ("visites", EMPTY),
    ]


def test_the_oldest_comes_first_and_a_named_flow_comes_alone(journal):
    journal.raise_notice("a", LATE, {}, LATER)
    journal.raise_notice("b", LATE, {}, NOW)
    assert [notice.flow for notice in journal.list_notices()] == ["b", "a"]
    assert [notice.flow for notice in journal.list_notices("a")] == ["a"]
    assert journal.list_notices("c") == ()
