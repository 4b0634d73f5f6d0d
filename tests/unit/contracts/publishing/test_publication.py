"""Publishing refuses what breaks a promise, and writes nothing then."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from passerelle import contracts
from passerelle.contracts.evolution.edition import read_edition
from passerelle.contracts.evolution.edition_archive import Objection, Refusal, archive, find_objections
from passerelle.contracts.publishing import build_edition, publication
from passerelle.contracts.publishing.__main__ import main
from passerelle.contracts.publishing.publication import publish_honestly

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Publish everything for the first time, once."""
    folder = tmp_path_factory.mktemp("published")
    assert publish_honestly(folder, TODAY) == []
    return folder


@pytest.fixture
def folder(tmp_path, monkeypatch, published):
    """Give a folder where everything is published and archived."""
    monkeypatch.setenv("PASSERELLE_LANG", "en")
    return Path(shutil.copytree(published, tmp_path / "contracts"))


def state(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def archived_otherwise(folder, change, *, version=""):
    """Pretend that something else was published before: rewrite the archived edition of `visit`, and its digests."""
    kept = folder / "editions" / "visit" / "1.0.0"
    for path in kept.glob("*.json"):
        schema = json.loads(path.read_text("utf-8"))
        change(schema)
        path.write_text(json.dumps(schema), "utf-8")
    if version:
        kept.rename(kept.with_name(version))
    (folder / "need").rename(folder / "away")
    shutil.rmtree(folder / "editions" / "need")
    (folder / "away").rename(folder / "need")
    archive(folder)


def test_what_is_published_already_is_published_again_without_a_change(folder):
    before = state(folder)
    assert publish_honestly(folder, TODAY) == []
    assert state(folder) == before


def test_a_first_publication_archives_everything(published):
    assert list(find_objections(published, published=TODAY)) == []
    assert len((published / "editions" / "DIGESTS").read_text("utf-8").splitlines()) == 2 * len(contracts.catalogue())


def test_an_edition_reads_the_same_from_the_models_as_from_its_folder(published):
    assert read_edition(published / "visit" / "1") == build_edition(contracts.get("visit/1"))


def test_a_published_edition_that_would_change_is_refused_and_nothing_is_written(folder, capsys):
    archived_otherwise(folder, lambda schema: schema["properties"].pop("comment"))
    (folder / "README.md").unlink()
    before = state(folder)
    assert main([str(folder)]) == 1
    assert "visit 1.0.0 is published and can no longer change" in capsys.readouterr().err
    assert state(folder) == before


def test_a_field_that_leaves_unannounced_is_refused(folder):
    def once_wider(schema):
        schema["x-passerelle"]["version"] = "0.9.0"
        schema["properties"]["former"] = {"type": "string", "x-passerelle": {}}

    archived_otherwise(folder, once_wider, version="0.9.0")
    (told,) = publish_honestly(folder, TODAY)
    assert told.startswith("visit 1.0.0: former: removed_unannounced.")


@pytest.mark.parametrize("refusal", list(Refusal))
def test_every_refusal_names_the_edition_and_says_what_to_do(refusal):
    words = publication.explain_objection(Objection("visit", "1.1.0", refusal, "MAJOR"))
    assert "visit 1.1.0" in words
    assert words.endswith(".")


def test_the_archive_may_be_frozen_anew_only_before_the_first_release(folder, monkeypatch):
    archived_otherwise(folder, lambda schema: schema["properties"].pop("comment"))
    monkeypatch.setattr(publication, "version", lambda _name: "1.0.0")
    assert "is released" in publish_honestly(folder, TODAY, refreeze=True)[0]
    monkeypatch.setattr(publication, "version", lambda _name: "0.4.0")
    assert publish_honestly(folder, TODAY, refreeze=True) == []
    assert list(find_objections(folder, published=TODAY)) == []
