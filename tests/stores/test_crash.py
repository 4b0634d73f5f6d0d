"""Killed at any moment, then run again: nothing lost, nothing twice, nothing half."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from journeying import take_some
from sqlalchemy import text

from passerelle.stores.database import open_database, open_reader
from passerelle.stores.depot import Depot
from passerelle.stores.journal import Journal
from passerelle.stores.quarantine import Quarantine
from passerelle.stores.seal import Seal
from passerelle.vocabulary import failpoints
from passerelle.vocabulary.outcomes import Balance, Fate

NIGHT = Path(__file__).with_name("night.py")
FLOW = "visites"
NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
OURS = ("collect.copied", "collect.registered", "cursor.moved", "settle.quarantined", "settle.committed")
WHOLE = Balance(270, {Fate.DELIVERED: 240, Fate.REJECTED: 30})


def _command(state: Path, url: str, what: str = "work") -> list[str]:
    return [sys.executable, str(NIGHT), str(state), url, what]


def _night(state: Path, url: str, **environment: str) -> int:
    done = subprocess.run(
        _command(state, url), env={**os.environ, **environment}, capture_output=True, timeout=120, check=False
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode


def _check_nothing_is_half(state: Path, url: str) -> None:
    """Whatever happened: books balance, every batch has all that belongs to it, everything sealed opens."""
    engine = open_database(url)
    seal = Seal.from_key_file(state / "key", create=False)
    journal, quarantine, depot = Journal(engine, seal), Quarantine(engine, seal), Depot(state / "depot", seal)
    with open_reader(engine) as connection:
        if engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        batches = connection.execute(text("SELECT count(*) FROM batch")).scalar()
        known = connection.execute(text("SELECT coalesce(sum(length(ref_keys)), 0) / 16 FROM known")).scalar()
    rows = quarantine.list_rows()
    assert known == 40 * batches
    assert set(Counter((row.parcel, row.batch) for row in rows).values()) <= {5}
    assert len(rows) == 5 * batches
    assert sum(journal.count_reasons().values()) == len(rows)
    assert len(quarantine.open_payloads(row.id for row in rows)) == len(rows)
    parcels = journal.list_parcels()
    assert int(journal.get_cursor(FLOW) or 0) == len(parcels)
    for parcel in parcels:
        depot.open(parcel.digest).close()
        assert parcel.balance.adds_up
    journal.verify_audit()
    engine.dispose()


def _check_all_is_done(state: Path, url: str) -> None:
    _check_nothing_is_half(state, url)
    engine = open_database(url)
    journal = Journal(engine, Seal.from_key_file(state / "key", create=False))
    assert sum((book.balance for book in journal.list_balances()), Balance()) == WHOLE
    assert {row.state for row in journal.list_parcels()} == {"done"}
    assert len(list((state / "depot").glob("*[0-9a-f]"))) == 2
    engine.dispose()


def test_an_undisturbed_night_passes_every_place_of_the_stores(journal_url, tmp_path):
    passed = tmp_path / "passed"
    assert _night(tmp_path / "state", journal_url, **{failpoints.LOG_VARIABLE: str(passed)}) == 0
    _check_all_is_done(tmp_path / "state", journal_url)
    assert set(passed.read_text().split()) == set(OURS)
    assert set(OURS) <= set(failpoints.FAILPOINTS)
    before = passed.read_text()
    assert _night(tmp_path / "state", journal_url) == 0
    _check_all_is_done(tmp_path / "state", journal_url)
    assert passed.read_text() == before


@pytest.mark.parametrize("place", take_some([*OURS, "collect.registered:2", "settle.quarantined:4"], 1, 2))
def test_a_night_that_was_killed_is_finished_by_the_next(journal_url, tmp_path, place):
    state = tmp_path / "state"
    assert _night(state, journal_url, **{failpoints.VARIABLE: place}) == -signal.SIGKILL
    _check_nothing_is_half(state, journal_url)
    assert _night(state, journal_url) == 0
    _check_all_is_done(state, journal_url)


@pytest.mark.slow
def test_kills_at_any_moment_change_nothing(journal_url, tmp_path):
    state, chance = tmp_path / "state", random.Random(20260301)  # noqa: S311  a repeatable choice of moments
    for _ in range(6):
        child = subprocess.Popen(_command(state, journal_url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 1.2))
        child.kill()
        child.wait()
        if (state / "key").exists():
            _check_nothing_is_half(state, journal_url)
    assert _night(state, journal_url) == 0
    _check_all_is_done(state, journal_url)


@pytest.mark.slow
def test_a_killed_start_leaves_a_database_that_the_next_start_finishes(url, tmp_path):
    state, chance = tmp_path / "state", random.Random(7)  # noqa: S311  a repeatable choice of moments
    for _ in range(4):
        child = subprocess.Popen(_command(state, url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.25, 0.8))
        child.kill()
        child.wait()
    assert _night(state, url) == 0
    _check_all_is_done(state, url)
