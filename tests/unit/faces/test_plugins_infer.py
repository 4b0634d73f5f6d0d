"""`plugins infer` and `plugins new`: what people and programs read, and what is left on the disk."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "samples_to_infer"
AGENDA = SAMPLES / "agenda.csv"


def test_people_read_column_by_column_without_any_value(program):
    answer = program("plugins", "infer", AGENDA)
    assert answer.code == 0
    assert "appointment/1" in answer.out
    assert "id_rdv" in answer.out
    assert "MDS Roanne" not in answer.out


def test_values_are_shown_when_asked_for(program):
    assert "MDS Roanne" in program("plugins", "infer", AGENDA, "--show-values").out


def test_programs_read_fields_with_their_confidence(program):
    answer = program("plugins", "infer", AGENDA, "--contract", "appointment", "--format", "json").json
    assert answer["schema"] == "passerelle.plugins.infer/1"
    (status,) = [field for field in answer["fields"] if field["field"] == "status"]
    assert status["columns"] == ["statut"]
    assert 0 < status["confidence"] <= 1
    assert answer["ranking"] == []
    assert "values" not in answer
    assert "MDS Roanne" not in str(answer)


def test_values_reach_programs_only_when_asked_for(program):
    answer = program("plugins", "infer", AGENDA, "--format", "json", "--show-values").json
    assert answer["values"]["lieu"]
    assert answer["ranking"][0]["contract"] == "appointment/1"


def test_a_description_to_start_from_is_toml_without_values(program):
    out = program("plugins", "infer", AGENDA, "--format", "toml").out
    assert tomllib.loads(out)["connector"]["export-agenda-appointment"]["dialect"]["delimiter"] == ","
    assert "MDS Roanne" not in out


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_plugin_is_made_and_what_is_to_be_decided_is_counted(program, tmp_path, lang):
    answer = program("plugins", "new", "Agenda Clair", "--from", AGENDA, "--output", tmp_path / "x", lang=lang)
    assert answer.code == 0
    assert "agenda-clair-appointment" in answer.out
    made = {path.relative_to(tmp_path / "x").as_posix() for path in (tmp_path / "x").rglob("*") if path.is_file()}
    assert {"README.md", "pyproject.toml", "tests/test_conformance.py", "samples/nominal.csv"} <= made
    assert "src/passerelle_plugin_agenda_clair/supplier.toml" in made
    project = tomllib.loads((tmp_path / "x" / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["entry-points"]["passerelle.plugins"] == {
        "agenda-clair": "passerelle_plugin_agenda_clair:supplier.toml"
    }


def test_a_plugin_may_be_python(program, folder):
    answer = program("plugins", "new", "clair", "--from", AGENDA, "--as", "python", "--format", "json").json
    assert answer["schema"] == "passerelle.plugins.new/1"
    assert (folder / answer["folder"] / "src" / "passerelle_plugin_clair" / "__init__.py").is_file()
    assert not list((folder / answer["folder"]).rglob("supplier.toml"))


def test_a_folder_that_holds_something_is_left_as_it_is(program, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    answer = program("plugins", "new", "clair", "--from", AGENDA, "--output", tmp_path)
    assert answer.code == 64
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_contract_that_the_file_cannot_fill_is_refused_before_anything_is_written(program, tmp_path):
    (tmp_path / "x.csv").write_text("Couleur;Forme\nbleu;rond\nvert;rond\n", encoding="utf-8")
    answer = program(
        "plugins", "new", "clair", "--from", tmp_path / "x.csv", "--contract", "appointment", "--output", tmp_path / "y"
    )
    assert answer.code == 64
    assert "starts_at" in answer.err
    assert not (tmp_path / "y").exists()


def test_an_unknown_contract_and_a_nameless_plugin_are_wrong_usage(program):
    assert program("plugins", "infer", AGENDA, "--contract", "visite/1").code == 64
    assert program("plugins", "new", "42", "--from", AGENDA).code == 64


def test_a_file_that_cannot_be_read_ends_in_its_reason(program, tmp_path):
    (tmp_path / "x.csv").write_bytes(b"")
    answer = program("plugins", "infer", tmp_path / "x.csv", "--format", "json")
    assert answer.json["code"] == "decode.parcel.empty"
    assert answer.code == 1


@pytest.mark.parametrize(
    "command", [("plugins", "infer"), ("plugins", "new", "essai", "--from"), ("check", "--connector", "tddui-fhir")]
)
def test_a_file_that_cannot_be_read_is_named(program, tmp_path, command):
    empty = tmp_path / "vide.csv"
    empty.touch()
    answer = program(*command, empty)
    assert answer.code == 1
    assert answer.err.splitlines()[0].startswith("vide.csv")


def test_one_column_and_one_row_are_counted_as_one(program, tmp_path):
    small = tmp_path / "petit.csv"
    small.write_text("Nom\nExemple\n", encoding="utf-8")
    assert "CSV, 1 column, 1 row looked at" in program("plugins", "infer", small).out
