"""`passerelle consent`: what people are told when they record what somebody said."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
import time
from typing import Any

import pytest
from person_acts import FOLDER, PersonHouse

from .conftest import SAMPLES


@pytest.fixture
def say(program, monkeypatch):
    """Call a command of `consent` with references on standard input."""

    def say(act: str, *lines: str, options: tuple[str, ...] = ()) -> Any:
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines)))
        return program("consent", act, "-", *options)

    return say


@pytest.fixture
def delivered(program, folder) -> list[dict[str, Any]]:
    shutil.copy(SAMPLES / "nominal.csv", folder / "entrees")
    program("run")
    return [json.loads(line) for path in (folder / "sorties").iterdir() for line in path.read_text().splitlines()]


def test_how_many_are_known_is_told(say, delivered):
    known = sorted({record["person_ref"] for record in delivered})
    told = say("refuse", *known, "compani:person:nobody", options=("--format", "json")).json
    assert (told["count"], told["known"], told["unknown"]) == (len(known) + 1, len(known), 1)
    assert told["unknown_lines"] == [len(known) + 1]
    text = say("refuse", "compani:person:nobody").out
    assert "None of these references matches anybody" in text


def test_professionals_are_known_as_well(say, delivered):
    staff = sorted({record["professional_ref"] for record in delivered if "professional_ref" in record})
    assert say("refuse", *staff, options=("--format", "json")).json["known"] == len(staff) > 0


def test_somebody_who_is_only_in_quarantine_is_known(program, folder, say):
    text = (SAMPLES / "nominal.csv").read_text(encoding="utf-8-sig")
    cells, *_rest = csv.DictReader(io.StringIO(text), delimiter=";")
    with (folder / "entrees" / "a.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, cells, delimiter=";")
        writer.writeheader()
        writer.writerow(cells | {"Début planifié": "hier"})
    assert program("run", "--format", "json").json["flows"][0]["balance"]["rejected"] == 1
    ref = f"compani:person:{cells['Id Bénéficiaire']}"
    assert say("refuse", ref, options=("--format", "json")).json["known"] == 1


@pytest.mark.parametrize("respell", [str.upper, lambda ref: ref.replace("person:", "person:00")])
def test_what_only_looks_like_somebody_known_is_named(say, delivered, respell):
    ref = delivered[0]["person_ref"]
    system, entity, local = ref.split(":")
    other = respell(f"person:{local}").replace("PERSON:", "person:")
    told = say("refuse", ref, f"{system}:{other}", options=("--format", "json")).json
    if f"{system}:{other}" != f"{system}:{entity}:{local}":
        assert told["alike_lines"] == [2]
        assert "looks like" in say("refuse", f"{system}:{other}").out


@pytest.mark.usefixtures("folder")
def test_a_file_with_one_line_that_is_no_reference_records_nothing(program, say):
    failed = say("refuse", "compani:person:1", "Dupont Jean", "12345", "compani:visit:1")
    assert failed.code == 64
    assert all(f"line {number}" in failed.err for number in (2, 3, 4))
    assert "Dupont" not in failed.err
    assert program("consent", "list", "--format", "json").json["answers"] == []


@pytest.mark.usefixtures("folder")
def test_forgetting_what_was_never_said_is_told(say):
    assert "Nothing to forget" in say("forget", "compani:person:1").out
    say("refuse", "compani:person:1")
    assert say("forget", "compani:person:1", options=("--format", "json")).json["ended"] == 1


def test_an_answer_has_a_history_with_what_proves_it(program, say, folder):
    paper = folder / "papier.pdf"
    paper.write_bytes(b"signed")
    options = ("--answer", "yes", "--text", "notice-3", "--collected", "sur papier", "--by", "Mme Petit")
    options += ("--until", "2999-01-01", "--purpose", "support", "--recipient", "visites", "--proof", str(paper))
    assert say("record", "compani:person:1", options=options).code == 0
    say("withdraw", "compani:person:1", options=("--purpose", "support"))
    (said,) = program("consent", "history", "compani:person:1", "--format", "json").json["subjects"]
    first, second = said["statements"]
    assert (first["accepted"], first["purpose"], first["recipient"], first["text"]) == (
        True,
        "support",
        "visites",
        "notice-3",
    )
    assert first["until"].startswith("2999-01-0")
    assert len(first["proof"]) == 64
    assert "collected" not in first
    assert (second["accepted"], second["counts"]) == (False, True)
    assert program("consent", "history", "compani:person:1", "--reveal").code == 64
    shown = program("consent", "history", "compani:person:1", "--reveal", "--why", "asked by the person").out
    assert "Mme Petit" in shown


@pytest.mark.usefixtures("folder")
@pytest.mark.skipif(not hasattr(time, "tzset"), reason="no zone of a process there")
def test_the_history_shows_moments_in_the_time_of_the_machine(program, say, monkeypatch):
    say("refuse", "compani:person:1", options=("--until", "2999-01-01"))
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        assert "2999-01-02 00:00" in program("consent", "history", "compani:person:1").out
    finally:
        monkeypatch.undo()
        time.tzset()


def _read_deletions(folder) -> list[str]:
    files = (folder / "sorties").glob("*-withdrawn.ndjson")
    return sorted(json.loads(line)["ref"] for path in files for line in path.read_text().splitlines())


def test_a_withdrawal_reaches_the_recipient_under_what_stands_there_and_says_so(say, delivered, folder):
    ref = delivered[0]["person_ref"]
    told = say("withdraw", ref, options=("--format", "json")).json
    own = sorted(record["ref"] for record in delivered if record["person_ref"] == ref)
    assert _read_deletions(folder) == own
    assert (told["flows"], told["withdrawn"], told["remaining"], told["list"]) == (["visites"], len(own), 0, None)
    assert "visites: 0 records deleted at the recipient, 0 could not be." in say("withdraw", ref).out


def test_a_withdrawal_leaves_what_it_is_not_about(say, delivered, folder):
    other = say("withdraw", delivered[0]["person_ref"], options=("--purpose", "portability"))
    assert "there is nothing to delete" in other.out
    assert _read_deletions(folder) == []


def test_what_a_recipient_cannot_delete_is_a_list_for_people_under_what_stands_there(say, tmp_path, monkeypatch):
    house = PersonHouse(tmp_path, people=FOLDER + ', layout = "gens"')
    house.send_people("1;A;01/02/1950", "2;B;01/02/1950")
    monkeypatch.chdir(tmp_path)
    told = say("withdraw", "essai:person:1", options=("--format", "json"))
    (row,) = csv.DictReader((tmp_path / told.json["list"]).open(encoding="utf-8-sig"), delimiter=";")
    assert (told.code, told.json["withdrawn"], told.json["remaining"]) == (1, 0, 1)
    assert [row["ref"]] == house.to_outside("gens", ["essai:person:1"]) != ["essai:person:1"]
    assert "1 records could not be deleted by us" in say("withdraw", "essai:person:1").out


@pytest.mark.parametrize(
    "options", [("--recipient", "nobody"), ("--until", "2001-01-01"), ("--until", "demain"), ("--proof", "not-there")]
)
@pytest.mark.usefixtures("folder")
def test_what_would_bind_nobody_is_refused(program, say, options):
    assert say("refuse", "compani:person:1", options=options).code == 64
    assert program("consent", "list", "--format", "json").json["answers"] == []


def test_the_trail_names_the_purpose(program, say, folder):
    from passerelle.engine.settings.workspace_settings import load_settings  # noqa: PLC0415  the same
    from passerelle.engine.workspace.assembly import open_workspace  # noqa: PLC0415  beside the program, in its folder

    say("refuse", "compani:person:1", options=("--purpose", "steering"))
    with open_workspace(load_settings(folder / "passerelle.toml")) as workspace:
        (entry,) = workspace.journal.list_audit_entries()
    assert (entry.action, entry.subject, entry.purpose) == ("consent.refuse", "compani:person:1", "steering")
