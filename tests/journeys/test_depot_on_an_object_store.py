"""Received files in an object store: delivered as from a folder, nothing to read there, and what fails is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from journeying import Workshop, to_files, visits
from s3_store import ACCESS, BUCKET, REGION, SECRET, serve_s3
from tls_servers import make_trusted

from passerelle.vocabulary.failpoints import CARRY_FAILPOINTS

if TYPE_CHECKING:
    from s3_store import S3Store

TABLE = """
[passerelle.depot]
kind = "s3"
base_url = "https://127.0.0.1:{port}"
region = "{region}"
bucket = "{bucket}"
prefix = "{prefix}"
access_key = "env:DEPOT_CLE"
secret_key = "env:DEPOT_MOT"
"""


@pytest.fixture
def store(tmp_path, monkeypatch):
    with serve_s3(make_trusted(tmp_path / "tls", monkeypatch, 30)[0]) as running:
        yield running


@pytest.fixture
def workshop(tmp_path, store):
    (tmp_path / "maison").mkdir()
    workshop = Workshop.at(tmp_path / "maison")
    trusted = str(tmp_path / "tls" / "tous.pem")
    workshop.environment |= {"DEPOT_CLE": ACCESS, "DEPOT_MOT": SECRET, "SSL_CERT_FILE": trusted}
    _write(workshop, store)
    return workshop


def _write(workshop: Workshop, store: S3Store, bucket: str = BUCKET) -> None:
    table = TABLE.format(port=store.port, region=REGION, bucket=bucket, prefix=f"essai-{store.port}")
    text = to_files('kind = "folder", path = "sortants"')
    workshop.write(text.replace("[flow.", f"{table}\n[flow.", 1))


def _receive(workshop: Workshop, name: str, content: str) -> int:
    (workshop.folder / "entrants" / name).write_text(content, "utf-8")
    return workshop.command("run").returncode


def test_what_is_received_lies_sealed_in_the_store_and_goes_its_way(workshop, store):
    asked = workshop.command("doctor", "--format", "json")
    findings = json.loads(asked.stdout)["findings"]
    assert [one["verdict"] for one in findings if one["about"] == "depot"] == ["good"], asked.stdout
    assert _receive(workshop, "mai.csv", visits(5)) == 0
    kept = store.read(f"essai-{store.port}/depot/")
    assert len(kept) == 1
    assert all(b"2024" not in content and b"mai.csv" not in content for content in kept.values())
    assert list((workshop.folder / "etat" / "depot").iterdir()) == []
    assert workshop.flows()["visites"]["balance"]["delivered"] == 5
    again = workshop.command("flow", "take-again", "visites")
    assert again.returncode == 0, again.stderr


def test_a_store_that_is_away_makes_files_wait_and_one_that_is_named_wrongly_stops(workshop, store):
    _write(workshop, store, bucket="personne")
    (workshop.folder / "entrants" / "mai.csv").write_text(visits(5), "utf-8")
    stopped = workshop.command("run")
    assert stopped.returncode == 3
    assert "[passerelle.depot]" in stopped.stderr
    _write(workshop, store)
    store.instead = lambda environ: ("503 Slow Down", "SlowDown") if environ["REQUEST_METHOD"] == "PUT" else None
    assert workshop.command("run").returncode == 75
    store.instead = lambda _environ: None
    assert workshop.command("run").returncode == 0
    assert workshop.flows()["visites"]["balance"]["received"] == 5
    assert len(store.read(f"essai-{store.port}/depot/")) == 1


def test_received_files_are_carried_into_the_store_and_back(workshop, store):
    with_store = (workshop.folder / "passerelle.toml").read_text("utf-8")
    in_folder = to_files('kind = "folder", path = "sortants"')
    workshop.write(in_folder)
    assert _receive(workshop, "mai.csv", visits(5)) == 0
    (kept,) = (workshop.folder / "etat" / "depot").iterdir()
    content = {kept.name: kept.read_bytes()}
    prefix = f"essai-{store.port}/depot/"
    (workshop.folder / "avant.toml").write_text(in_folder, "utf-8")
    assert workshop.command("fleet", "carry", "--before", "avant.toml").returncode == 64
    workshop.write(with_store)
    # wherever it is killed, what was received is in one place or in both, and the same command ends it
    for place in CARRY_FAILPOINTS:
        workshop.environment["PASSERELLE_FAILPOINT"] = place
        assert workshop.command("fleet", "carry", "--before", "avant.toml").returncode == -9
        assert store.read(prefix) == content
    del workshop.environment["PASSERELLE_FAILPOINT"]
    moved = workshop.command("fleet", "carry", "--before", "avant.toml", "--format", "json")
    # the list of what the export held; the export itself left its old place before the last kill
    assert (moved.returncode, json.loads(moved.stdout)["files"]) == (0, 1), moved.stderr
    assert store.read(prefix) == content
    assert list(kept.parent.iterdir()) == []
    (workshop.folder / "avant.toml").write_text(with_store, "utf-8")
    workshop.write(in_folder)
    assert workshop.command("fleet", "carry", "--before", "avant.toml").returncode == 0
    assert store.read(prefix) == {}
    assert kept.read_bytes() == content[kept.name]
    assert workshop.command("flow", "take-again", "visites").returncode == 0
