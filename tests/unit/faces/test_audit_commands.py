"""`passerelle audit`: what was done by hand, and whether anything of it is missing."""

from __future__ import annotations

import sqlite3

import pytest

REF = "compani:person:1"


@pytest.fixture
def refused(program, folder):
    program("consent", "refuse", REF, "--purpose", "steering")
    program("consent", "accept", REF)
    return folder


@pytest.mark.usefixtures("refused")
def test_acts_are_listed_without_whom_they_are_about_unless_a_reason_is_given(program):
    listed = program("audit", "list", "--format", "json").json["entries"]
    assert [(entry["action"], entry["purpose"]) for entry in listed] == [
        ("consent.refuse", "steering"),
        ("consent.accept", "*"),
    ]
    assert REF not in program("audit", "list").out
    assert program("audit", "list", "--reveal").code == 64
    assert REF in program("audit", "list", "--reveal", "--why", "question de la personne").out
    (revealed,) = program("audit", "list", "--action", "audit", "--format", "json").json["entries"]
    assert revealed["why"] == "question de la personne"
    assert program("audit", "list", "--since", "2999-01-01", "--format", "json").json["entries"] == []


def test_a_run_shows_the_head_against_which_a_cut_shows(program, refused):
    head = program("run", "--format", "json").json["audit_head"]
    assert head in program("run").out
    assert program("audit", "anchor").out.strip() == head
    assert program("audit", "anchor", "--output", str(refused / "tetes.txt")).code == 0
    assert program("audit", "verify", "--anchor", head, "--format", "json").json == {
        "schema": "passerelle.audit.verify/1",
        "entries": 2,
        "heads": 1,
    }
    assert "no head" in program("audit", "verify").out
    with sqlite3.connect(refused / "etat" / "journal.sqlite3") as connection:
        connection.execute("DELETE FROM audit WHERE entry = 2")
    connection.close()
    assert program("audit", "verify").code == 0
    for anchor in (head, str(refused / "tetes.txt")):
        failed = program("audit", "verify", "--anchor", anchor)
        assert failed.code == 3
        assert "1 entries" in failed.err
    assert program("audit", "verify", "--anchor", "nowhere").code == 64
