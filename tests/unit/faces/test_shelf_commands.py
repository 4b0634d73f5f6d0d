"""`passerelle shelf`: what is kept is told wherever people look, filled and emptied by name."""

from __future__ import annotations

import shutil

import pytest

from .conftest import SAMPLES


@pytest.fixture
def shelved(program, folder):
    """Give a flow that delivered, and then gained a shelf."""
    shutil.copy(SAMPLES / "nominal.csv", folder / "entrees")
    program("run")
    settings = folder / "passerelle.toml"
    settings.write_text(settings.read_text("utf-8") + "shelf = { days = 400 }\n", "utf-8")
    return settings


def test_a_shelf_is_filled_shown_and_emptied(program, shelved):
    assert "Nothing is on a shelf" in program("shelf", "status").out
    filled = program("shelf", "fill", "visites", "--format", "json").json
    assert (filled["files"], filled["gone"]) == (1, 0)
    assert filled["records"] > 0
    assert "Records put on the shelf: 0." in program("shelf", "fill", "visites").out
    shelves = program("shelf", "status", "--format", "json").json["shelves"]
    assert [one["contract"] for one in shelves] == ["planned_visit/1", "visit/1"]
    assert {(one["flow"], one["purpose"], one["days"]) for one in shelves} == {("visites", "effectivity", 400)}
    assert sum(one["records"] for one in shelves) == filled["records"]
    assert all(one["bytes"] > 0 for one in shelves)
    assert "visit/1" in program("shelf", "status").out
    assert program("shelf", "empty", "visites", "--format", "json").json["records"] == filled["records"]
    assert "Records taken off the shelf: 0." in program("shelf", "empty", "visites").out
    assert "Nothing is on a shelf" in program("shelf", "status").out


def test_a_flow_without_a_shelf_is_told_how_it_gets_one(program, folder):
    told = program("shelf", "fill", "visites")
    assert told.code == 64
    assert "shelf = { days = 400 }" in told.err
    assert program("shelf", "fill", "nobody").code == 64


def test_the_status_and_the_doctor_tell_what_is_kept(program, shelved):
    program("shelf", "fill", "visites")
    assert "On the shelf, visit/1:" in program("status").out
    (flow,) = program("status", "--format", "json").json["flows"]
    assert [one["contract"] for one in flow["shelf"]] == ["planned_visit/1", "visit/1"]
    assert "kept for 400 days" in program("doctor").out


def test_the_record_and_the_notices_tell_how_long_it_is_kept(program, shelved, folder):
    program("register", lang="fr")
    assert "400 jours après son dernier changement" in (folder / "registre.html").read_text("utf-8")
    assert program("register", "--format", "json").json["activities"][0]["shelf_days"] == 400
    program("notice", "--output", "avis", lang="fr")
    pages = [path.read_text("utf-8") for path in (folder / "avis").iterdir()]
    assert len(pages) == 2
    assert all("400" in page and "une copie de ce qui est envoyé" in page for page in pages)


def test_nothing_of_a_shelf_is_told_where_there_is_none(program, folder):
    shutil.copy(SAMPLES / "nominal.csv", folder / "entrees")
    program("run")
    assert "shelf" not in program("status").out.casefold()
    program("register", lang="fr")
    assert "étagère" not in (folder / "registre.html").read_text("utf-8").casefold()
    assert program("status", "--format", "json").json["flows"][0]["shelf"] == []
