"""Bells on PostgreSQL: rung in the transaction of what they are about, once, and set right from any state."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from sqlalchemy import text

from passerelle.engine.turns.sweeping import sweep
from passerelle.stores.bells import Bells, find_skew, ring_on
from passerelle.stores.database import open_database, open_reader, open_writer
from passerelle.stores.turns import Turns
from passerelle.vocabulary.turns import FlowKey, TurnRest

pytest.importorskip("procrastinate", reason="the tables of the queue are those of procrastinate (extra fleet)")
KEYS = [FlowKey("una-35", "visites"), FlowKey("una-35", "usagers"), FlowKey("una-35", "factures")]
VISITS = KEYS[0]
FAR_AHEAD = datetime(2090, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def database(copied_postgresql_url):
    engine = open_database(copied_postgresql_url, "una-35")
    script = files("procrastinate.sql").joinpath("schema.sql").read_text("utf-8")
    with open_writer(engine) as connection:
        connection.connection.cursor().execute(script.encode())
    yield engine
    engine.dispose()


@pytest.fixture
def bells(database) -> Bells:
    return Bells(database)


@pytest.fixture
def turns(database) -> Turns:
    return Turns(database, "first", ring=ring_on)


def _read_jobs(engine) -> list[tuple[str, str]]:
    with open_reader(engine) as connection:
        rows = connection.execute(text("SELECT queueing_lock, status::text FROM procrastinate_jobs ORDER BY id")).all()
    return [tuple(row) for row in rows]


def _fetch(engine, worker: int | None = None) -> int:
    """Take a bell as procrastinate does."""
    with open_writer(engine) as connection:
        fetched = connection.execute(
            text("SELECT (procrastinate_fetch_job_v2(ARRAY['una-35'], :worker)).id"), {"worker": worker}
        )
        return fetched.scalar_one()


def _register_worker(engine, silent: float = 0) -> int:
    with open_writer(engine) as connection:
        number = connection.execute(text("SELECT worker_id FROM procrastinate_register_worker_v1()")).scalar_one()
        connection.execute(
            text("UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => :silent)"),
            {"silent": silent},
        )
    return number


def test_ringing_twice_is_ringing_once_and_ends_nobodys_transaction(database, bells):
    with open_writer(database) as connection:
        for _ in range(3):
            ring_on(connection, VISITS)
        assert connection.execute(text("SELECT 1")).scalar() == 1
    bells.ring(VISITS)
    assert _read_jobs(database) == [("una-35/visites", "todo")]
    assert bells.list_rung() == {VISITS}


def test_a_bell_waits_in_the_queue_of_its_organisation_whose_workers_alone_answer_it(database, copied_postgresql_url):
    # the longest name there may be: the server's channel of a queue holds it, and nothing more
    for name in ("una-35", "a" * 40):
        engine = open_database(copied_postgresql_url, name)
        Bells(engine).ring(FlowKey(name, "visites"))
        engine.dispose()
    with open_reader(database) as connection:
        rows = connection.execute(text("SELECT queue_name, queueing_lock FROM procrastinate_jobs ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [("una-35", "una-35/visites"), ("a" * 40, "a" * 40 + "/visites")]


def test_of_an_organisation_with_many_flows_a_few_stand_in_line(database, turns):
    with open_writer(database) as connection:
        for number in range(9):
            ring_on(connection, FlowKey("una-35", f"flux-{number}"), 2)
    assert [lock for lock, _status in _read_jobs(database)] == ["una-35/flux-0", "una-35/flux-1"]


def test_a_sweep_rings_for_the_first_flow_of_each_before_the_second_of_any_and_for_no_more_than_may(database, bells):
    class Due:
        def list_due(self) -> list[FlowKey]:
            return [FlowKey("una-35", name) for name in "abcd"] + [FlowKey("una-35", "visites")]

    turnstile = Due()
    assert sweep(turnstile, bells, 2).rung == (FlowKey("una-35", "a"), FlowKey("una-35", "b"))
    assert sweep(turnstile, bells, 2).rung == ()
    assert len(sweep(turnstile, bells).rung) == 3


def test_a_bell_is_rung_with_the_transaction_or_not_at_all(database, bells):
    def fail() -> None:
        with open_writer(database) as connection:
            ring_on(connection, VISITS)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert bells.list_rung() == set()


def test_a_bell_that_is_answered_does_not_keep_the_next_one_from_waiting(database, bells):
    bells.ring(VISITS)
    _fetch(database, _register_worker(database))
    bells.ring(VISITS)
    assert _read_jobs(database) == [("una-35/visites", "doing"), ("una-35/visites", "todo")]


def test_a_bell_for_later_waits_in_the_table_of_turns_alone(database, bells, turns):
    bells.ring_later(VISITS, FAR_AHEAD)
    assert _read_jobs(database) == []
    assert sweep(turns, bells).rung == ()
    bells.ring_later(VISITS, LONG_AGO)
    assert sweep(turns, bells).rung == (VISITS,)


def test_what_a_turn_leaves_is_rung_for_when_it_is_given_back(database, bells, turns):
    turns.give_back(turns.take(VISITS), TurnRest(LONG_AGO, left=1))
    assert bells.list_rung() == {VISITS}


def test_the_bells_of_dead_workers_go_and_those_of_living_ones_stay(database, bells):
    for key in KEYS:
        bells.ring(key)
    dead, alive = _register_worker(database, silent=100), _register_worker(database)
    with open_writer(database) as connection:
        connection.execute(
            text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '100 s' WHERE id = :dead"),
            {"dead": dead},
        )
    _fetch(database, dead)
    _fetch(database, alive)
    assert bells.clear() == 1
    assert [status for _lock, status in _read_jobs(database)] == ["doing", "todo"]
    assert bells.count().workers == 1


def test_a_bell_of_a_dead_worker_with_a_successor_hinders_nobody(database, bells, turns):
    # where a bell comes back beside its successor, procrastinate's own cure fails for ever
    turns.enrol({VISITS: LONG_AGO})
    bells.ring(VISITS)
    _fetch(database, _register_worker(database, silent=100))
    bells.ring(VISITS)
    report = sweep(turns, bells)
    assert (report.cleared, report.rung) == (1, ())
    assert _read_jobs(database) == [("una-35/visites", "todo")]


def test_bells_are_counted(database, bells):
    for key in KEYS:
        bells.ring(key)
    worker = _register_worker(database)
    number = _fetch(database, worker)
    _fetch(database, worker)
    with open_writer(database) as connection:
        connection.execute(text("SELECT procrastinate_finish_job_v1(:id, 'failed', false)"), {"id": number})
    counts = bells.count()
    assert (counts.waiting, counts.answered, counts.failed, counts.workers) == (1, 1, 1, 1)
    assert bells.clear() == 0  # what failed stays, for people to see


def test_what_failed_long_ago_goes(database, bells):
    bells.ring(VISITS)
    number = _fetch(database, _register_worker(database))
    with open_writer(database) as connection:
        connection.execute(text("SELECT procrastinate_finish_job_v1(:id, 'failed', false)"), {"id": number})
        connection.execute(text("UPDATE procrastinate_events SET at = now() - interval '8 days'"))
    assert bells.clear() == 1
    assert bells.count().failed == 0


def test_the_difference_of_clocks_is_measured_against_the_server(database):
    assert abs(find_skew(database, datetime.now(UTC))) < 60
    ahead = find_skew(database, datetime.now(UTC) + timedelta(hours=1))
    assert 3_500 < ahead < 3_700


def test_a_queue_holds_two_ids_and_nothing_else(database, bells):
    for key in KEYS:
        bells.ring(key)
    with open_reader(database) as connection:
        rows = connection.execute(
            text("SELECT args, lock, queueing_lock, queue_name, task_name FROM procrastinate_jobs")
        )
        for args, *words in rows:
            assert set(args) == {"organisation", "flow"}
            for word in (*args.values(), *(word for word in words if word is not None)):
                assert re.fullmatch("[a-z0-9/-]+", word)


_ROWS = st.tuples(
    st.sampled_from(["turn", "tour", ""]),
    st.sampled_from(["una-35", "admr-81", "other"]),
    st.sampled_from(["todo", "doing", "failed", "succeeded", "cancelled", "aborted"]),
    st.sampled_from([None, "una-35/visites", "admr-81/visites", "rubbish"]),
    st.sampled_from(
        [{}, {"organisation": "una-35", "flow": "visites"}, {"organisation": "admr-81"}, {"flow": 7}, {"other": ["x"]}]
    ),
    st.sampled_from([None, FAR_AHEAD, LONG_AGO]),
    st.sampled_from([None, "lock"]),
)


@settings(max_examples=count_examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(_ROWS, max_size=8), due=st.sets(st.sampled_from(KEYS)), held=st.sets(st.sampled_from(KEYS)))
def test_from_any_state_of_the_queue_one_sweep_leaves_no_due_flow_without_a_bell_and_never_two(
    database, bells, turns, rows, due, held
):
    insert = text(
        "INSERT INTO procrastinate_jobs (task_name, queue_name, status, queueing_lock, args, scheduled_at, lock)"
        " VALUES (:task, :queue, CAST(:status AS procrastinate_job_status), :queueing, CAST(:args AS jsonb), :at,"
        " :lock) ON CONFLICT DO NOTHING"
    )
    with open_writer(database) as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))
        connection.execute(text("DELETE FROM turn"))
        for task, queue, status, queueing, args, at, lock in rows:
            said = {"task": task, "queue": queue, "status": status, "queueing": queueing, "at": at, "lock": lock}
            connection.execute(insert, {**said, "args": json.dumps(args)})
    turns.enrol({key: LONG_AGO if key in due else FAR_AHEAD for key in KEYS})
    for key in held:
        turns.take(key)
    with open_writer(database) as connection:  # their workers are dead
        connection.execute(text("UPDATE turn SET held_until = 0 WHERE owner <> ''"))
    sweep(turns, bells)
    waiting = [lock for lock, status in _read_jobs(database) if status == "todo"]
    assert set(waiting) >= {str(key) for key in due | held}
    assert len(set(waiting)) == len(waiting)
    assert bells.list_rung() >= due | held
    assert sweep(turns, bells).rung == ()
