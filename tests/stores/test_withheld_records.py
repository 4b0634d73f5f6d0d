"""A record that is withheld is told as removed once to whoever follows; what is doubtful is told again."""

from __future__ import annotations

import pytest

from passerelle.stores.api_store import ApiStore
from passerelle.stores.database import open_database, open_writer
from passerelle.stores.seal import Seal
from passerelle.stores.withheld_records import forget_told

AGENDA, PAY = b"a" * 16, b"p" * 16
ONE, TWO = b"1" * 16, b"2" * 16


@pytest.fixture
def store(tmp_path):
    engine = open_database(tmp_path / "journal.sqlite3")
    yield ApiStore(engine, Seal(bytes(32)))
    engine.dispose()


def test_who_passed_the_number_under_which_it_was_told_is_told_no_more(store):
    assert not store.has_told(AGENDA)
    assert store.choose_untold(AGENDA, {ONE: 7}, [], 3) == {ONE}
    assert store.has_told(AGENDA)
    assert store.choose_untold(AGENDA, {ONE: 9, TWO: 10}, [], 8) == {TWO}
    # another reader of the same client, who comes from before
    assert store.choose_untold(AGENDA, {ONE: 9, TWO: 10}, [], 5) == {ONE, TWO}
    assert store.choose_untold(PAY, {ONE: 9}, [], 8) == {ONE}


def test_a_record_that_was_read_again_or_of_which_somebody_answered_is_told_anew(store):
    store.choose_untold(AGENDA, {ONE: 7, TWO: 8}, [], 3)
    assert store.choose_untold(AGENDA, {}, [ONE], 8) == frozenset()
    assert store.choose_untold(AGENDA, {ONE: 12, TWO: 13}, [], 11) == {ONE}
    with open_writer(store._engine) as connection:
        forget_told(connection, [TWO])
    assert store.choose_untold(AGENDA, {ONE: 14, TWO: 15}, [], 13) == {TWO}
