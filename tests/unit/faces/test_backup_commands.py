"""`passerelle backup` and `restore`: what is written and what not, what a rehearsal says."""

from __future__ import annotations

import pytest


@pytest.fixture
def used(program, oddities):
    """A folder where a flow has run, with places for copies."""
    program("run")
    for name in ("sauvegardes", "cles", "ailleurs"):
        (oddities / name).mkdir()
    return oddities


def test_a_backup_says_what_is_not_in_it_and_a_rehearsal_what_would_be_lost(program, used):
    made = program("backup", "sauvegardes/a.tar", "--keyring", "cles/trousseau.sqlite3")
    assert made.code == 0
    assert "The master key is not in it" in made.out
    checked = program("restore", "--check", "sauvegardes/a.tar")
    assert checked.code == 0
    assert "nothing would be lost" in checked.out
    assert "visites: received" in checked.out
    program("consent", "refuse", "compani:person:1", "--purpose", "steering")
    later = program("restore", "--check", "sauvegardes/a.tar")
    assert "answers of persons (refusals too: record them again): 1" in later.out
    described = program("restore", "--check", "sauvegardes/a.tar", "--format", "json").json
    assert described["schema"] == "passerelle.restore/1"
    assert described["lost"]["statement"] == 1
    assert described["made"] == []


def test_a_restore_replaces_nothing_and_works_where_nothing_is(program, used, monkeypatch):
    made = program("backup", "sauvegardes", "--keyring", "cles/trousseau.sqlite3", "--format", "json").json
    assert program("restore", made["file"]).code == 64
    monkeypatch.chdir(used / "ailleurs")
    done = program("restore", made["file"], "--key", "../etat/cle", "--keyring", "../cles/trousseau.sqlite3")
    assert done.code == 0, done.err
    assert "passerelle doctor" in done.out
    assert "state.restore" in program("audit", "list").out


def test_what_is_no_backup_is_refused(program, used):
    (used / "a.tar").write_bytes(b"no archive")
    refused = program("restore", "--check", "a.tar")
    assert refused.code == 3
    assert "a.tar" in refused.err
    assert program("backup", "nulle-part/a.tar").code == 64
