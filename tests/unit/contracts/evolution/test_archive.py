"""Published editions are immutable, and a new one is held to all of them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from passerelle.contracts.evolution.edition_archive import Refusal, archive, find_objections

TODAY = date(2026, 11, 21)
PUBLISHED = Path(__file__).parents[4] / "contracts"


def publish(folder: Path, version: str, **properties: object) -> None:
    for name, is_open in (("schema.json", False), ("schema.reading.json", True)):
        schema = {
            "x-passerelle": {"family": "person", "version": version},
            "type": "object",
            "properties": {"ref": {"type": "string"}, **properties},
            "required": ["ref"],
            "additionalProperties": is_open,
        }
        path = folder / "person" / "1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(schema), "utf-8")


def refusals(folder: Path) -> list[Refusal]:
    return [objection.refusal for objection in find_objections(folder, published=TODAY)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    publish(tmp_path, "1.0.0")
    assert archive(tmp_path) == ["person 1.0.0"]
    return tmp_path


def test_what_was_just_archived_passes(folder):
    assert refusals(folder) == []
    assert archive(folder) == []


def test_a_published_version_cannot_change(folder):
    publish(folder, "1.0.0", name={"type": "string"})
    assert refusals(folder) == [Refusal.CHANGED]


def test_an_edition_that_is_not_archived_is_refused(folder):
    publish(folder, "1.1.0", name={"type": "string"})
    assert refusals(folder) == [Refusal.UNPUBLISHED]
    archive(folder)
    assert refusals(folder) == []


def test_a_break_behind_a_minor_number_is_refused(folder):
    publish(folder, "1.1.0", ref={"type": "string", "maxLength": 5})
    archive(folder)
    objection = next(iter(find_objections(folder, published=TODAY)))
    assert objection.refusal is Refusal.DISHONEST
    assert objection.comparison.answers["C3"].witness["ref"]


def test_an_archived_file_that_was_touched_is_told(folder):
    path = folder / "editions" / "person" / "1.0.0" / "schema.json"
    path.write_text(path.read_text() + " ")
    assert Refusal.CHANGED in refusals(folder)


def test_what_this_repository_publishes_passes_the_gate():
    assert list(find_objections(PUBLISHED, published=TODAY)) == []
