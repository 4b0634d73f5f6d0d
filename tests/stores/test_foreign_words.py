"""Foreign words are sealed at rest: nothing of them is read without the key, and the program does not notice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from passerelle.stores.database import open_database, open_reader, open_writer
from passerelle.stores.journal import Journal
from passerelle.stores.quarantine import Quarantine
from passerelle.stores.seal import SEALED_WORD, Seal
from passerelle.stores.settlement import ReasonKey
from passerelle.vocabulary.errors import FatalError

NAME = "Visites de Mme Quatrebarbes"
OLDER = (
    "UPDATE batch_reason SET column_name = :name",
    "UPDATE quarantine SET column_name = :name, facts = '{\"expected\": \"' || :name || '\"}'",
    "UPDATE column_met SET column_name = :name, member = 'feuille'",
)
"""What a journal of an earlier version looks like, in words."""


@given(st.text(min_size=1))
def test_a_word_comes_back_and_the_same_word_gives_the_same_text(word):
    seal = Seal(b"k" * 32)
    sealed = seal.seal_word(word)
    assert seal.open_word(sealed) == word
    assert Seal(b"k" * 32).seal_word(word) == sealed
    assert sealed.isascii()
    assert sealed.startswith(SEALED_WORD)


def test_a_lone_surrogate_comes_back():
    seal = Seal(b"k" * 32)
    assert seal.open_word(seal.seal_word("a\ud800b")) == "a\ud800b"


def test_another_key_opens_nothing():
    with pytest.raises(FatalError) as raised:
        Seal(b"l" * 32).open_word(Seal(b"k" * 32).seal_word("nom"))
    assert raised.value.code == "incident.seal.broken"


def test_words_are_told_as_they_were_written(journal, quarantine, make):
    journal.register(make.parcel("a"))
    run = journal.begin_run([make.flow], make.now)
    settled = make.settlement(0, items=[make.item()], run=run)
    journal.settle(replace(settled, member="feuille", columns=(NAME, "Statut")))
    assert journal.list_columns_met(make.flow) == {"feuille": frozenset({NAME, "Statut"})}
    assert [key.column for key in journal.count_reasons(make.flow)] == ["Statut"]
    (row,) = quarantine.list_rows()
    assert (row.place.column, row.details) == ("Statut", {"expected": "DD/MM"})
    assert quarantine.list_causes()[0].column == "Statut"


def test_equal_counts_are_told_in_the_order_of_their_names(journal, make):
    journal.register(make.parcel("a"))
    run = journal.begin_run([make.flow], make.now)
    names = sorted("zyxwvutsrq")
    keys = {ReasonKey("visit/1", "", "validate.field.missing", name, "status", "warning"): 3 for name in names[::-1]}
    journal.settle(replace(make.settlement(0, run=run), reasons=keys))
    assert [key.column for key in journal.count_reasons(make.flow)] == names


def test_a_journal_of_an_earlier_version_is_sealed_when_it_is_opened(journal, engine, seal, make):
    journal.register(make.parcel("a"))
    settled = make.settlement(0, items=[make.item()], run=journal.begin_run([make.flow], make.now))
    journal.settle(replace(settled, member="feuille", columns=("Statut",)))
    with open_writer(engine) as connection:
        for statement in OLDER:
            connection.execute(text(statement), {"name": NAME})
        connection.execute(text("DELETE FROM word_form"))
    again = Journal(engine, seal)
    with open_reader(engine) as connection:
        for table in ("batch_reason", "quarantine", "column_met"):
            assert NAME not in str(connection.execute(text(f"SELECT * FROM {table}")).all())  # noqa: S608  our own names
    assert again.list_columns_met(make.flow) == {"feuille": frozenset({NAME})}
    assert [key.column for key in again.count_reasons(make.flow)] == [NAME]
    (row,) = Quarantine(engine, seal).list_rows()
    assert (row.place.column, row.details) == (NAME, {"expected": NAME})


def test_a_table_of_the_version_before_gets_its_mark(tmp_path, seal, make):
    path = tmp_path / "state" / "journal.db"
    engine = open_database(path)
    with open_writer(engine) as connection:
        connection.execute(text("DROP TABLE word_form"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0006'"))
    engine.dispose()
    engine = open_database(path)
    Journal(engine, seal)
    with open_reader(engine) as connection:
        assert connection.execute(text("SELECT form FROM word_form")).scalars().all() == [1]
    engine.dispose()
