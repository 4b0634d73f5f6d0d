"""What is no longer needed goes, when the settings say so and not before."""

from __future__ import annotations

import io
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from old_software import PLUGINS, settle_in
from turned_clock import TurnedClock

from passerelle.engine.records.subject_memory import SUBJECT
from passerelle.engine.runs.housekeeping import tidy
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.stores.known import FORGOTTEN
from passerelle.stores.settlement import DeliveredRecords, QuarantineItem, Settlement
from passerelle.stores.switch_findings import WEIGHED
from passerelle.vocabulary.arrivals import ArrivalMarks, Mark
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.outcomes import Balance, Fate, SetAside
from passerelle.vocabulary.parcels import BatchKey, Parcel
from passerelle.vocabulary.place import Place

CLOSED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("more", "days"), [("", 30), ("received_days = 400\n", 400)])
def test_what_was_received_is_kept_as_long_as_the_settings_say(tmp_path, more, days):
    path = settle_in(tmp_path, f'[passerelle]\nstate = "etat"\n{more}')
    with open_workspace(load_settings(path), plugins=PLUGINS) as house:
        deposit = house.depot.put(io.BytesIO(b"a;b\n"), name="export.csv")
        house.journal.register(Parcel(deposit.digest, "visites", deposit.size, CLOSED, "export.csv", 1024, 1))
        house.journal.close_parcel("visites", deposit.digest, 0, CLOSED)
        kept = []
        for later in (days, days + 1):
            done = tidy(replace(house, clock=TurnedClock(CLOSED + timedelta(days=later))))
            kept.append((house.depot.has(deposit.digest), done.removed))
    assert kept == [(True, 0), (False, 1)]


def test_details_of_a_change_of_supplier_go_when_a_record_would_have_expired(tmp_path):
    path = settle_in(tmp_path, '[passerelle]\nstate = "etat"\n')
    with open_workspace(load_settings(path), plugins=PLUGINS) as house:
        house.journal.replace_switch_finding("bascule", WEIGHED, {}, who="marie", now=CLOSED)
        kept = []
        for later in (house.settings.retention_days, house.settings.retention_days + 1):
            tidy(replace(house, clock=TurnedClock(CLOSED + timedelta(days=later))))
            kept.append(len(house.journal.list_switch_findings("bascule", WEIGHED, limit=9)))
    assert kept == [1, 0]


# Every state that keeps a payload, and what reaches it. «One transaction» names steps that a crash cannot part.
#
# | where | state | leaves it | reached by the clock |
# |---|---|---|---|
# | quarantine | waiting | discard, replay (one transaction with the | expire |
# | | | parcel's registration), newer copy (settle) | |
# | quarantine | replaying | close, park, drop: one transaction with the | expire, once the replay is |
# | | | state of the replay's parcel | not under way any more |
# | quarantine | the others | final: the payload went with the change | – |
# | journal: parcel | open, waiting | done, parked, dropped | the run; `not_before` of |
# | | | | more than a week is no wait |
# | journal: parcel | parked | resume, retry, drop (with its audit entry) | dropped after retention |
# | journal: parcel | done, dropped | retry (dropped only) | its deposit is removed |
# | depot | a deposit | – | after `received_days` |
# | depot | no parcel names it | a process died before it registered it | the same, by its file |
# | depot | draft | a process died while it received | sweep, after a day |
# | consents | an answer | one statement, no payload | kept: it is the refusal |
# | shelf | a record, a removal | the next state, a removal; `shelf empty` | `days` of the flow; none of it has a flow |
# | | | | that has no shelf any more |
# | spool of a move | temporary files, no name in any folder, sealed under a key in memory: gone with the process |
# | destination folder | `.part` of a kill | the next run writes the same name | – |
# | settle | books, quarantine, known records: one transaction; delivered before, with the same keys again |
# | close | state of the parcel, its warnings, its items: one transaction |
# | resume, retry, drop | the act and its audit entry: one transaction |
# | discard, reveal | the audit entry first, alone: a crash leaves an entry too many, never one too few |


@pytest.fixture
def house(tmp_path):
    path = settle_in(tmp_path, '[passerelle]\nstate = "etat"\n')
    with open_workspace(load_settings(path), plugins=PLUGINS, clock=TurnedClock(CLOSED)) as opened:
        yield opened


def put(house, content: bytes, kind: str = "supplied", items=()):
    deposit = house.depot.put(io.BytesIO(content), name="export.csv")
    parcel = Parcel(deposit.digest, "visites", deposit.size, house.clock.now(), "export.csv", 1024, 1)
    house.journal.register(parcel, kind=kind, items=items)
    return deposit.digest


def set_aside(house, digest: str, days: int = 90) -> int:
    """Settle a batch with one record in quarantine; return the number of the item."""
    run = house.journal.begin_run(["visites"], house.clock.now())
    aside = SetAside(Fate.REJECTED, "validate.field.missing", Place(line=2), details={}, contract="visit/1")
    item = QuarantineItem(aside, b"cells", house.clock.now() + timedelta(days=days))
    balance = Balance(1, {Fate.REJECTED: 1})
    house.journal.settle(
        Settlement("visites", run, BatchKey(digest, 0), balance, house.clock.now(), quarantined=(item,))
    )
    house.journal.end_run(run, "aside", house.clock.now())
    return max(row.id for row in house.quarantine.list_rows())


def night(house, moment: datetime, *, length=timedelta(minutes=5)):
    """Run nothing at a moment, and tidy."""
    run = house.journal.begin_run([], moment)
    tidying = tidy(replace(house, clock=TurnedClock(moment)), run)
    house.journal.end_run(run, "settled", moment + length)
    return tidying


def has_payload(house, item: int) -> bool:
    return bool(house.quarantine.open_payloads([item]))


@pytest.mark.parametrize("end", ["parked", "dropped", "gone", "done"])
def test_items_of_a_replay_that_is_not_under_way_are_reached_by_the_clock(house, end, tmp_path):
    digest = put(house, b"a;b\n")
    item = set_aside(house, digest)
    replay = put(house, b"replay", kind="replay", items=[item])
    assert [row.id for row in house.quarantine.list_rows(state="replaying")] == [item]
    # as a crash between two transactions left it, in versions that had two
    state = {"parked": "parked", "dropped": "dropped", "gone": "", "done": "done"}[end]
    with sqlite3.connect(tmp_path / "etat" / "journal.sqlite3") as connection:
        if state:
            connection.execute("UPDATE parcel SET state = ?, closed_at = 0 WHERE digest = ?", (state, replay))
        else:
            connection.execute("DELETE FROM parcel WHERE digest = ?", (replay,))
    connection.close()
    house.quarantine.expire(CLOSED)
    assert bool(house.quarantine.list_rows(state="waiting")) == (end != "done")
    assert has_payload(house, item) == (end != "done")
    house.quarantine.expire(CLOSED + timedelta(days=91))
    assert not has_payload(house, item)


@pytest.mark.parametrize(("days", "is_kept"), [(3_648, True), (3_652, False)])
def test_whom_records_are_about_is_known_as_long_as_the_settings_say(house, days, is_kept):
    digest = put(house, b"a;b\n")
    run = house.journal.begin_run(["visites"], house.clock.now())
    keys = house.seal.pseudonymise_each("ref", ["a:person:1", "a:visit:1"])
    about = pl.DataFrame({"person": ["a:person:1"], "ref": ["a:visit:1"]})
    known = (
        DeliveredRecords("visit/1", keys[1], b"c" * 16, [1], subjects=about),
        DeliveredRecords(SUBJECT, keys[0], FORGOTTEN, [1]),
    )
    balance = Balance(1, {Fate.DELIVERED: 1})
    settlement = Settlement("visites", run, BatchKey(digest, 0), balance, house.clock.now(), delivered=known)
    house.journal.settle(settlement)
    house.journal.end_run(run, "settled", house.clock.now())
    # a first night so much later is doubted, and destroys nothing; the one a day later does
    night(house, CLOSED + timedelta(days=days))
    assert house.journal.find_records_about(["a:person:1"])
    night(house, CLOSED + timedelta(days=days, hours=25))
    assert bool(house.journal.find_records_about(["a:person:1"])) == is_kept
    assert bool(house.journal.recall("visites", SUBJECT, keys[0]).versions.any()) == is_kept
    assert house.journal.recall("visites", "visit/1", keys[1]).versions.any(), "it is not delivered again"


def test_a_replay_under_way_keeps_its_items(house):
    item = set_aside(house, put(house, b"a;b\n"))
    put(house, b"replay", kind="replay", items=[item])
    house.quarantine.expire(CLOSED + timedelta(days=91))
    assert has_payload(house, item)


def test_a_parcel_that_nobody_came_for_is_dropped_when_a_record_would_have_expired(house):
    digest = put(house, b"a;b\n")
    house.journal.park_parcel("visites", digest, "decode.parcel.empty", CLOSED)
    kept = []
    for days in (89, 91):
        tidy(replace(house, clock=TurnedClock(CLOSED + timedelta(days=days))))
        kept.append(house.depot.has(digest))
    assert kept == [True, False]
    (row,) = house.journal.list_parcels("visites")
    assert (row.state, row.code) == ("dropped", "incident.parcel.expired")


def test_bytes_that_a_dead_process_never_registered_are_removed_in_their_time(house):
    deposit = house.depot.put(io.BytesIO(b"orphan"), name="x")
    written = datetime.now(UTC)
    kept = []
    for days in (29, 31):
        tidy(replace(house, clock=TurnedClock(written + timedelta(days=days))))
        kept.append(house.depot.has(deposit.digest))
    assert kept == [True, False]


def test_one_deposit_that_cannot_be_removed_does_not_keep_the_others(house):
    digests = [put(house, content) for content in (b"1", b"2", b"3")]
    for digest in digests:
        house.journal.close_parcel("visites", digest, 0, CLOSED)

    class StubbornDepot(type(house.depot)):
        def remove(self, digest):
            if digest == digests[1]:
                raise FatalError("incident.disk.failed", cause="EACCES")
            super().remove(digest)

    depot = StubbornDepot(house.settings.state / "depot", house.seal)
    with pytest.raises(FatalError):
        tidy(replace(house, depot=depot, clock=TurnedClock(CLOSED + timedelta(days=31))))
    assert [house.depot.has(digest) for digest in digests] == [False, True, False]


@given(days=st.integers(min_value=-20_000, max_value=20_000), later=st.integers(min_value=0, max_value=1_000))
@settings(max_examples=count_examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_clock_that_jumps_destroys_nothing(house, days, later):
    digest = put(house, f"{days}/{later}".encode())
    item = set_aside(house, digest)
    house.journal.close_parcel("visites", digest, 1, CLOSED)
    night(house, CLOSED)
    jumped = CLOSED + timedelta(days=days)
    for moment in (jumped, jumped + timedelta(minutes=later)):
        assert night(house, moment).expired == 0 or days <= 31
        assert has_payload(house, item)
        assert house.depot.has(digest) or (moment - CLOSED > timedelta(days=30) and days <= 31)
    night(house, CLOSED)


def test_what_was_written_while_the_clock_was_wrong_is_kept_as_long_as_due(house):
    night(house, CLOSED)
    ahead, right = CLOSED + timedelta(days=4_400), CLOSED + timedelta(days=1)
    digest = put(house, b"ahead")
    item = set_aside(replace(house, clock=TurnedClock(ahead)), digest)
    house.journal.close_parcel("visites", digest, 1, ahead)
    for days in (0, 1):
        night(house, right + timedelta(days=days))
    (row,) = house.quarantine.list_rows()
    assert row.expires_at - right < timedelta(days=91), "and not for twelve years"
    for days in range(20, 81, 20):
        night(house, right + timedelta(days=days))
        assert has_payload(house, item)
    assert not house.depot.has(digest)
    night(house, right + timedelta(days=100))
    assert not has_payload(house, item)


def test_a_file_that_came_while_the_clock_was_ahead_makes_nothing_of_today_forgotten_or_unheard_of(house):
    night(house, CLOSED)
    ahead, right = CLOSED + timedelta(days=4_400), CLOSED + timedelta(days=1)

    def show(name: str, moment: datetime) -> str:
        parcel = Parcel(name[0] * 64, "visites", 4, moment, name, 1024, 1)
        return house.journal.register(parcel, marks=ArrivalMarks((Mark(f"name/{name}"),)))

    assert show("away.csv", ahead)
    house.journal.note_heard("visites", ahead)
    night(house, ahead)
    assert show("kept.csv", right)
    for days in range(4):
        night(house, right + timedelta(days=days))
        assert not show("kept.csv", right + timedelta(days=days)), "registered again, as if it had come again"
    assert house.journal.find_last_arrival("visites") - right < timedelta(days=2)


def test_what_was_received_while_the_clock_showed_1970_is_not_destroyed_when_it_is_right_again(house):
    night(house, CLOSED)
    dawn, right = datetime(1970, 1, 2, tzinfo=UTC), CLOSED + timedelta(days=2)
    digest = put(house, b"dawn")
    item = set_aside(replace(house, clock=TurnedClock(dawn)), digest)
    house.journal.close_parcel("visites", digest, 1, dawn)
    for days in range(4):
        night(house, right + timedelta(days=days))
        assert has_payload(house, item)
        assert house.depot.has(digest)
    for days in (30, 60, 90, 95):
        night(house, right + timedelta(days=days))
    assert not has_payload(house, item)
    assert not house.depot.has(digest)


def test_a_parcel_told_to_wait_by_a_clock_that_was_ahead_does_not_wait_for_years(house):
    digest = put(house, b"a;b\n")
    house.journal.wait_parcel("visites", digest, "incident.supplier.slow", CLOSED + timedelta(days=4_400))
    (entry,) = house.journal.list_open_parcels("visites", CLOSED)
    assert entry.not_before is None
    house.journal.wait_parcel("visites", digest, "incident.supplier.slow", CLOSED + timedelta(hours=8))
    (entry,) = house.journal.list_open_parcels("visites", CLOSED)
    assert entry.not_before == CLOSED + timedelta(hours=8)


def test_audit_and_runs_stay_in_order_when_the_clock_goes_back(house):
    for who, days in (("a", 0), ("b", -400), ("c", 1)):
        house.journal.append_audit("flow.resume", "visites", "", CLOSED + timedelta(days=days), who)
        house.journal.begin_run([who], CLOSED + timedelta(days=days))
    assert house.journal.verify_audit() == 3
    assert [entry.who for entry in house.journal.list_audit_entries()] == ["a", "b", "c"]
    assert [run.flows for run in house.journal.list_runs()] == [("c",), ("b",), ("a",)]
