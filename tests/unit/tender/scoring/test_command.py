"""What was typed, and what comes of it."""

from __future__ import annotations

import json
import shlex

import pytest

from passerelle.faces.cli.app import run
from passerelle.faces.cli.display_language import speak
from passerelle.tender import consultation as frozen
from passerelle.tender.requirement import Measure

from .conftest import consultation, requirement


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Type a command in a folder with a tender of one requirement: code, what is shown, what is told beside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASSERELLE_LANG", "en")
    monkeypatch.setenv("LANGUAGE", "en")
    (tmp_path / "exigences.json").write_bytes(frozen.write(consultation(requirement(1, Measure.FORM, "planned_start"))))

    def call(*words):
        speak("en")
        capsys.readouterr()
        code = int(run([str(word) for word in words], language_asked=True))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def test_a_sample_that_meets_everything_ends_with_nothing_to_look_at(command, sample):
    code, out, err = command("score", sample(40), "--tender", ".")
    assert (code, err) == (0, "")
    assert "100.0 / 100" in out


def test_a_requirement_that_is_not_met_asks_somebody_to_look(command, sample):
    code, out, _err = command("score", sample(40, planned_start="x"), "--tender", ".", "--format", "json")
    assert code == 1
    assert json.loads(out)["results"][0]["verdict"] == "failed"


def test_an_unfinished_sample_file_is_told_and_not_scored(command, tmp_path):
    path = tmp_path / "visit.xlsx"
    path.write_bytes(b"PK\x03\x04 cut off")
    code, _out, err = command("score", path, "--tender", ".")
    assert code == 64
    assert "visit.xlsx" in err


@pytest.mark.parametrize(
    "words",
    [
        ("score", "visit.csv"),
        ("score", "nowhere.csv", "--tender", "."),
        ("score", "visit.csv", "--tender", "nowhere"),
        ("score", "nothing", "--tender", "."),
        ("score", "visit.csv", "--tender", ".", "--answers", "visit.csv"),
        ("score", "visit.csv", "--tender", ".", "--connector", "unheard-of"),
        ("score", "visit.csv", "--tender", ".", "--format", "xlsx"),
        ("score", "visit.csv", "--tender", ".", "--date", "tomorrow"),
        ("score", "visit.csv", "--tender", ".", "--trace", "PAS-X"),
        ("score", "visit.csv", "--tender", ".", "--output", "visit.csv"),
        ("score", "--compare", "visit.csv", "visit.csv"),
        ("score", "--compare", "visit.csv", "visit.csv", "--format", "junit"),
        ("coverage", "unheard-of.toml"),
    ],
    ids=lambda words: " ".join(words[1:]),
)
def test_what_cannot_be_is_refused_and_explained(words, command, sample, tmp_path):
    sample(5)
    (tmp_path / "nothing").mkdir()
    code, _out, err = command(*words)
    assert code == 64
    assert err


def test_one_form_is_written_where_it_is_asked_for(command, sample, tmp_path):
    command("score", sample(40), "--tender", ".", "--format", "html", "--output", "page.html")
    assert (tmp_path / "page.html").read_text("utf-8").startswith("<!doctype html>")


def test_the_date_of_a_score_is_an_input(command, sample):
    path = sample(40)
    _code, usual, _err = command("score", path, "--tender", ".", "--format", "json")
    _code, dated, _err = command("score", path, "--tender", ".", "--format", "json", "--date", "2027-01-15")
    assert (json.loads(usual)["date"], json.loads(dated)["date"]) == ("2026-11-21", "2027-01-15")


def test_a_description_in_toml_is_covered_without_a_plugin(command, tmp_path):
    (tmp_path / "codes").mkdir()
    (tmp_path / "s.toml").write_text(
        'id = "s"\ntitle = "S"\n[connector.s-v]\ntitle = "V"\ndialect = { kind = "csv" }\n'
        '[connector.s-v.table.v]\ncontract = "visit/1"\n[connector.s-v.table.v.fields]\n'
        'ref = { kind = "ref", column = "Id", entity = "visit" }\n'
        'person_ref = { kind = "ref", column = "P", entity = "person" }\n'
        'status = { kind = "word", column = "E", table = { Fait = "done" } }\n',
        encoding="utf-8",
    )
    code, out, _err = command("coverage", "s.toml", "--for", ".", "--format", "json")
    assert code == 0
    contracts = json.loads(out)["contracts"]
    assert [one["contract"] for one in contracts] == ["visit/1", "person/1"]
    fields = {one["name"]: one for one in contracts[0]["fields"]}
    assert fields["status"]["returned"]
    assert fields["planned_start"]["requirements"] == ["PAS-VIS-001"]
    assert contracts[1]["connectors"] == []


def test_a_folder_without_samples_is_told_and_not_scored(command, tmp_path):
    (tmp_path / "handed-in").mkdir()
    (tmp_path / "handed-in" / "layout.toml").write_text("", "utf-8")
    code, out, err = command("score", "handed-in", "--tender", ".")
    assert (code, out) == (64, "")
    assert "handed-in" in err


def test_a_file_that_is_no_workbook_is_told_not_to_be_the_grid(command, sample):
    code, _out, err = command("score", sample(5), "--tender", ".", "--answers", "visit.csv")
    assert code == 64
    assert "answer grid" in err


def test_the_command_that_is_told_gives_the_same_score(command, sample):
    words = ("score", sample(40).name, "--tender", ".", "--bidder", "Aide d'ici", "--date", "2027-01-15", "--shapes")
    first = json.loads(command(*words, "--format", "json")[1])
    told = shlex.split(first["command"].replace("DOSSIER", "."))
    assert told[0] == "passerelle"
    assert json.loads(command(*told[1:], "--format", "json")[1]) == first


_DECISION = (
    '[[derogation]]\nexigence = "PAS-VIS-001"\nraison = "Repris en 2027"\npar = "Direction"\njour = 2026-11-20\n'
)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"Repris en 2027"', '""', "[[derogation]] 1, raison (it says too little)"),
        ("2026-11-20", '"hier"', "[[derogation]] 1, jour (it must be a day, written as 2026-11-21)"),
        ('par = "Direction"\n', "", "[[derogation]] 1, par (it is not there)"),
        ("par =", "qui =", "[[derogation]] 1, par (it is not there)"),
        ("derogation", "derogations", "[[derogations]] (nobody knows this key)"),
        ("2026-11-20", "", "line 5 is not valid TOML"),
    ],
    ids=["too short", "no day", "missing", "renamed", "unknown table", "no TOML"],
)
def test_a_decision_that_cannot_be_read_is_told_with_what_is_wrong(command, sample, tmp_path, old, new, told):
    (tmp_path / "decisions.toml").write_text(_DECISION.replace(old, new, 1), "utf-8")
    code, _out, err = command("score", sample(5), "--tender", ".", "--waivers", "decisions.toml")
    assert code == 64
    assert told in " ".join(err.split())


def test_a_conclusion_never_says_that_nothing_failed_without_saying_what_nobody_saw(command, sample):
    _code, out, _err = command("score", sample(3), "--tender", ".")
    assert "No primordial requirement was found not to be met; 1 was not shown." in out


MAPPING = """
id = "essai"
title = "Essai"
[connector.essai-visites]
title = "Visites"
dialect = { kind = "csv" }
[connector.essai-visites.table.v]
contract = "visit/1"
[connector.essai-visites.table.v.fields]
ref = { kind = "ref", column = "id", entity = "visit" }
person_ref = { kind = "ref", column = "usager", entity = "person" }
status = { kind = "constant", value = "done" }
planned_start = { kind = "local_date_time", column = "debut", formats = ["%d/%m/%Y %H:%M"] }
"""


def test_a_sample_is_read_where_it_is_at_home_and_the_score_says_so(command, tmp_path):
    (tmp_path / "essai.toml").write_text(MAPPING, "utf-8")
    # half past two: an hour that the clocks of Paris leave out that night, and those of La Réunion have
    rows = [f"{n};{n};30/03/2025 02:30" for n in range(40)]
    (tmp_path / "v.csv").write_text("\n".join(["id;usager;debut", *rows]), "utf-8")
    ask = ("score", "v.csv", "--tender", ".", "--mapping", "essai.toml", "--format", "json")
    there, here = (
        json.loads(command(*ask, *more)[1]) for more in (("--zone", "Indian/Reunion", "--country", "RE"), ())
    )
    assert [one["results"][0]["verdict"] for one in (there, here)] == ["met", "failed"]
    assert "--zone Indian/Reunion --country RE" in there["command"]
    assert "--zone" not in here["command"]
