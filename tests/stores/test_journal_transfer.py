"""A journal that is carried over has the same rows and numbers, and goes on to number behind them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from passerelle.stores.database import open_database, open_reader
from passerelle.stores.journal import Journal
from passerelle.stores.journal_transfer import carry_journal, drop_journal, sum_books
from passerelle.stores.organisation_schema import metadata
from passerelle.stores.quarantine import Quarantine
from passerelle.vocabulary.errors import UsageError

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
FLOW = "visites"


@pytest.fixture
def engines(tmp_path, copied_postgresql_url):
    (tmp_path / "state").mkdir(mode=0o700)
    made = {
        "file": open_database(tmp_path / "state" / "journal.db"),
        "una-35": open_database(copied_postgresql_url, "una-35"),
        "admr-81": open_database(copied_postgresql_url, "admr-81"),
        "back": open_database(tmp_path / "state" / "back.db"),
    }
    yield made
    for engine in made.values():
        engine.dispose()


def _fill(engine, seal, make, letters: str = "ab") -> Journal:
    journal = Journal(engine, seal)
    run = journal.begin_run([FLOW], NOW)
    for letter in letters:
        journal.register(make.parcel(letter), cursor=letter)
        known = [make.known(letter.encode(), remote="77")]
        journal.settle(make.settlement(parcel=letter, run=run, items=[make.item()], known=known))
    journal.append_audit("quarantine.reveal", "un sujet", "une raison", NOW, "quelqu'un")
    journal.raise_notice(FLOW, "silence.flow.late", {"every": "1d"}, NOW)
    return journal


def _show(engine) -> dict[str, list[str]]:
    with open_reader(engine) as connection:
        return {
            name: sorted(repr(tuple(row)) for row in connection.execute(select(*(column for column in table.columns))))
            for name, table in metadata.tables.items()
        }


def test_a_journal_goes_there_and_back_as_it_was(engines, seal, make):
    _fill(engines["admr-81"], seal, make, "cde")
    others = _show(engines["admr-81"])
    _fill(engines["file"], seal, make)
    for engine in engines.values():
        Journal(engine, seal)  # tells the database its seal
    drop_journal(engines["una-35"])
    drop_journal(engines["back"])
    before = _show(engines["file"])
    carried = carry_journal(engines["file"], engines["una-35"])
    assert carried.books == {FLOW: carried.books[FLOW]}
    assert carried.books[FLOW]["received"] == 4
    assert _show(engines["una-35"]) == before
    assert carry_journal(engines["una-35"], engines["back"]) == carried
    assert _show(engines["back"]) == before
    assert _show(engines["admr-81"]) == others
    for name in ("una-35", "back"):
        journal = Journal(engines[name], seal)
        assert journal.verify_audit() == 1
        assert len(Quarantine(engines[name], seal).open_payloads([1, 2])) == 2


def test_new_rows_are_numbered_behind_those_that_came(engines, seal, make):
    _fill(engines["file"], seal, make, "abcdef")
    with open_reader(engines["file"]) as connection:
        last = connection.execute(text("SELECT max(id) FROM parcel")).scalar_one()
    carry_journal(engines["file"], engines["una-35"])
    journal = Journal(engines["una-35"], seal)
    journal.register(make.parcel("0"))
    assert journal.get_parcel_number(FLOW, "0" * 64) > last
    carry_journal(engines["una-35"], engines["back"])
    again = Journal(engines["back"], seal)
    again.register(make.parcel("1"))
    assert again.get_parcel_number(FLOW, "1" * 64) > journal.get_parcel_number(FLOW, "0" * 64)


def test_two_journals_are_never_put_together(engines, seal, make):
    _fill(engines["file"], seal, make)
    _fill(engines["una-35"], seal, make, "c")
    before = _show(engines["una-35"])
    with pytest.raises(UsageError) as caught:
        carry_journal(engines["file"], engines["una-35"])
    assert caught.value.code == "usage.move.taken"
    assert _show(engines["una-35"]) == before


def test_what_is_dropped_is_dropped_of_one_organisation(engines, seal, make):
    for name in ("una-35", "admr-81"):
        _fill(engines[name], seal, make)
    before = _show(engines["admr-81"])
    drop_journal(engines["una-35"])
    assert not any(_show(engines["una-35"]).values())
    assert _show(engines["admr-81"]) == before
    with open_reader(engines["admr-81"]) as connection:
        assert sum_books(connection)[FLOW]["received"] == 4
