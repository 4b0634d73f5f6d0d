"""A turn takes a slice of a flow and no more; turn after turn, the books are those of one run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from journeying import to_files, visits
from sqlalchemy import update
from turned_clock import TurnedClock

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.turns.fenced_turn import FencedTurn
from passerelle.engine.turns.turning import PAUSE, TurnEnd, take_turn
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.stores.database import open_database, open_writer
from passerelle.stores.turn_schema import turn
from passerelle.stores.turns import TurnRules, Turns
from passerelle.vocabulary.turns import FlowKey, TurnRest

KEY = FlowKey("", "visites")
RULES = "\n[fleet]\nslice_batches = 3\nlook_every = 600\n"


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(datetime.now(UTC))


@pytest.fixture
def workspace(tmp_path, clock):
    (tmp_path / "entrants").mkdir()
    (tmp_path / "passerelle.toml").write_text(to_files('kind = "folder", path = "sorties"') + RULES, "utf-8")
    with open_workspace(load_settings(tmp_path / "passerelle.toml"), clock=clock) as opened:
        yield opened


@pytest.fixture
def rung() -> list[FlowKey]:
    return []


@pytest.fixture
def turns(workspace, clock, rung):
    engine = open_database(workspace.settings.state / "journal.sqlite3")
    yield Turns(engine, "first", TurnRules(), now=clock.now, ring=lambda _connection, key: rung.append(key))
    engine.dispose()


def _turn(workspace, turns, clock, **more) -> TurnEnd:
    return take_turn(turns, KEY, lambda fence: FencedTurn(workspace, fence, **more).drain(), clock.now)


def _count_batches(workspace) -> int:
    return sum(row.batches for row in workspace.journal.list_parcels("visites"))


def test_turns_take_slices_until_nothing_is_left(tmp_path, workspace, turns, clock, rung):
    (tmp_path / "entrants" / "a.csv").write_text(visits(120), "utf-8")
    (tmp_path / "entrants" / "b.csv").write_text(visits(120, first=500), "utf-8")
    seen = []
    while not rung or seen[-1:] != [len(rung)]:
        seen.append(len(rung))
        assert _turn(workspace, turns, clock) is TurnEnd.ENDED
        assert len(workspace.journal.list_runs()) == len(seen)
    assert len(seen) >= 4
    books = workspace.journal.list_balances("visites")
    assert sum(entry.balance.received for entry in books) == 240
    assert workspace.journal.list_open_parcels("visites", clock.now()) == ()
    assert turns.list_due() == []
    clock.moment += timedelta(seconds=601)
    assert turns.list_due() == [KEY]


def test_a_worker_that_has_to_end_leaves_everything_where_it_is(tmp_path, workspace, turns, clock, rung):
    (tmp_path / "entrants" / "a.csv").write_text(visits(120), "utf-8")
    _turn(workspace, turns, clock, is_stopped=lambda: True)
    assert workspace.journal.list_balances("visites") == ()
    assert rung == [KEY]


def test_a_turn_that_was_overtaken_before_it_settles_leaves_the_flow_to_the_other(tmp_path, workspace, turns, clock):
    (tmp_path / "entrants" / "a.csv").write_text(visits(120), "utf-8")
    fence = turns.take(KEY)
    with open_writer(turns._engine) as connection:
        connection.execute(update(turn).values(fence=turn.c.fence + 1, owner="second"))
    rest = FencedTurn(workspace, fence).drain()
    assert workspace.journal.list_parcels("visites") == ()
    assert not turns.give_back(fence, rest)


def test_a_flow_that_is_no_more_is_due_no_more(workspace, turns):
    fence = turns.take(FlowKey("", "ancien"))
    assert FencedTurn(workspace, fence).drain() == TurnRest(None)


def test_a_turn_that_fails_is_tried_again_after_a_while(workspace, turns, clock):
    def fail(_fence) -> TurnRest:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        take_turn(turns, KEY, fail, clock.now)
    assert turns.list_due() == []
    clock.moment += PAUSE
    assert turns.list_due() == [KEY]


def test_who_does_not_get_the_turn_does_nothing(turns, clock):
    turns.take(KEY)
    assert take_turn(turns, KEY, lambda _fence: pytest.fail("worked all the same"), clock.now) is TurnEnd.REFUSED
