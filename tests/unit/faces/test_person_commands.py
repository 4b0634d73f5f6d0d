"""`passerelle person`: find somebody, and show what is known of them."""

from __future__ import annotations

import io
import json
import shutil

import pytest

from .conftest import SAMPLES


@pytest.fixture
def ref(program, folder) -> str:
    shutil.copy(SAMPLES / "nominal.csv", folder / "entrees")
    program("run")
    path, *_others = (folder / "sorties").glob("*.ndjson")
    found: str = json.loads(path.read_text().splitlines()[0])["person_ref"]
    return found


def test_the_supplier_s_own_id_makes_the_reference(program, ref):
    number = ref.rpartition(":")[2]
    assert program("person", "find", number).code == 64
    found = program("person", "find", number.upper(), "--why", "demande de la personne", "--format", "json")
    assert found.code == 0
    assert {"ref": ref, "known": True, "flows": ["visites"]} in found.json["found"]
    unknown = program("person", "find", "nobody", "--why", "demande de la personne")
    assert unknown.code == 1
    assert "compani:person:nobody" in unknown.out
    assert program("person", "find", "--why", "demande de la personne").code == 64


def test_what_is_known_is_shown_with_the_answers(program, ref):
    program("consent", "refuse", ref, "--purpose", "steering")
    shown = program("person", "show", ref, "--format", "json").json
    assert [(flow["flow"], flow["purpose"], flow["waiting"]) for flow in shown["flows"]] == [
        ("visites", "effectivity", 0)
    ]
    assert [said["purpose"] for said in shown["statements"]] == ["steering"]
    assert "steering" in program("person", "show", ref).out
    assert program("person", "show", "compani:person:nobody").code == 1
    assert program("person", "show", "Dupont Jean").code == 64


def test_an_answer_to_a_request_for_access_is_a_page_or_data_and_says_what_to_do_before(program, ref, folder):
    assert program("person", "export", ref).code == 64
    made = program("person", "export", ref, "--why", "asked in writing", "--out", "answer.html")
    assert made.code == 0
    assert "answer.html" in made.err
    assert "to be completed" in made.err
    page = (folder / "answer.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "Département (payer)" in page
    assert (folder / "answer.html").stat().st_mode & 0o077 == 0
    data = program("person", "export", ref, "--why", "asked in writing", "--format", "json").json
    assert data["schema"] == "passerelle.person.export/1"
    assert data["known"]
    assert data["transfers"][0]["recipient"] == "Département"
    listed = program("audit", "list", "--action", "person", "--format", "json").json
    assert [entry["action"] for entry in listed["entries"]] == ["person.export"] * 2


def test_who_is_not_known_gets_a_page_that_says_so_and_two_persons_get_none(program, ref, typed):
    unknown = program("person", "export", "compani:person:nobody", "--why", "asked in writing")
    assert unknown.code == 1
    assert "We hold no data about you there" in unknown.out
    assert "Nobody is known here" in unknown.err
    typed(f"{ref}\ncompani:person:other\n")
    assert program("person", "export", "-", "--why", "asked in writing").code == 64
    typed(f"{ref}\n")
    assert program("person", "export", "-", "--why", "asked in writing").code == 0


@pytest.fixture
def typed(monkeypatch):
    def type_in(text):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return type_in
