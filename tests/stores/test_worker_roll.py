"""The roll of workers: who lives, and whom each serves."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from passerelle.stores.database import open_database, open_writer
from passerelle.stores.worker_roll import count_servers, leave_roll, list_workers, make_roll, sign_roll


@pytest.fixture
def engine(copied_postgresql_url):
    engine = open_database(copied_postgresql_url, "una-35")
    with open_writer(engine) as connection:
        make_roll(connection)
        make_roll(connection)
    yield engine
    engine.dispose()


def _silence(engine, owner: str, seconds: int) -> None:
    with open_writer(engine) as connection:
        silent = "UPDATE passerelle_worker SET beat_at = now() - make_interval(secs => :seconds) WHERE owner = :owner"
        connection.execute(text(silent), {"owner": owner, "seconds": seconds})


def test_before_the_first_worker_there_is_none(copied_postgresql_url):
    engine = open_database(copied_postgresql_url, "una-35")
    assert list_workers(engine, 30) == []
    engine.dispose()


def test_each_organisation_has_the_workers_that_live_and_serve_it_now(engine):
    sign_roll(engine, "first", {"una-35", "admr-81"}, "3.10.0")
    sign_roll(engine, "second", ["una-35"], "3.10.0")
    sign_roll(engine, "third", ["una-35"], "3.10.0")
    _silence(engine, "third", 60)
    counts = count_servers(list_workers(engine, 30))
    assert (counts["una-35"], counts["admr-81"], counts["ccas-29"]) == (2, 1, 0)
    sign_roll(engine, "first", ["ccas-29"], "3.10.0")
    counts = count_servers(list_workers(engine, 30))
    assert (counts["una-35"], counts["admr-81"], counts["ccas-29"]) == (1, 0, 1)


def test_who_ends_leaves_at_once_and_who_was_killed_after_a_day(engine):
    for owner in ("first", "killed", "other"):
        sign_roll(engine, owner, ["una-35"], "3.10.0")
    _silence(engine, "killed", 90_000)
    leave_roll(engine, "first")
    assert len(list_workers(engine, 1_000_000)) == 1
