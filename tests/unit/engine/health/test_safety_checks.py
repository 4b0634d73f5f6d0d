"""What `doctor` says of what keeps others out."""

from __future__ import annotations

import re

import pytest

from passerelle.engine.health.findings import Severity
from passerelle.engine.health.safety_checks import (
    examine_database_addresses,
    examine_folder_rights,
    examine_key_place,
    examine_message_secrets,
    examine_secrets,
    examine_sharing,
)
from passerelle.engine.settings.workspace_settings import load_settings

INBOX = '{{ kind = "inbox", secret = "env:{}" }}'
TURNING = '{{ kind = "inbox", secret = "env:{}", previous_secret = "env:{}" }}'
FOLDER = '{ kind = "folder", path = "entrees" }'
OUT = '{ kind = "folder", path = "sorties" }'


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setenv("ONE", "a-secret-drawn-at-random")
    monkeypatch.setenv("TWO", "another-secret-at-random")
    monkeypatch.setenv("SHORT", "too-short")

    def call(*flows: tuple[str, str], head: str = ""):
        path = tmp_path / "passerelle.toml"
        described = (
            f'[flow.f{number}]\nconnector = "rdv-solidarites-rdvs-pushed"\npurpose = "support"\n'
            f"source = {source}\ndestination = {destination}\n"
            for number, (source, destination) in enumerate(flows)
        )
        path.write_text("\n".join([f"[passerelle]\n{head}", *described]), "utf-8")
        return load_settings(path)

    return call


def test_secrets_of_messages_are_looked_at(write):
    good = write((INBOX.format("ONE"), OUT), (INBOX.format("TWO"), OUT))
    assert list(examine_message_secrets(good)) == []
    (finding,) = examine_message_secrets(write((INBOX.format("ONE"), OUT), (INBOX.format("ONE"), OUT)))
    assert finding.severity is Severity.WRONG
    assert "f0, f1" in finding.sentence
    (finding,) = examine_message_secrets(write((INBOX.format("SHORT"), OUT)))
    assert finding.severity is Severity.WRONG
    (finding,) = examine_message_secrets(write((TURNING.format("ONE", "SHORT"), OUT)))
    assert finding.severity is Severity.WRONG, "one of the two opens the door"


def test_every_secret_is_tried_and_each_that_is_missing_is_told(write, tmp_path):
    (tmp_path / "jeton").write_text("x" * 20, "utf-8")
    (tmp_path / "jeton").chmod(0o644)
    settings = write(
        (INBOX.format("NOWHERE"), '{ kind = "database", url = "env:NOWHERE_EITHER" }'),
        ('{ kind = "inbox", secret = "file:jeton" }', OUT),
    )
    found = list(examine_secrets(settings))
    assert [one.severity for one in found] == [Severity.WRONG] * 2 + [Severity.DOUBTFUL, Severity.GOOD]
    assert "env:NOWHERE" in found[0].sentence
    assert "jeton" in found[2].sentence
    assert re.findall(r"\d+", found[3].sentence) == ["1"], "one was there, two were missing"


def test_a_channel_whose_secret_is_missing_is_told_and_stops_no_run(write):
    head = '[notify.webhook]\nurl = "env:NOWHERE"\n'
    (doubtful,) = examine_secrets(write((FOLDER, OUT), head=head))
    assert doubtful.severity is Severity.DOUBTFUL
    assert "env:NOWHERE" in doubtful.sentence


def test_settings_without_a_secret_are_good_and_count_none(write):
    (good,) = examine_secrets(write((FOLDER, OUT)))
    assert good.severity is Severity.GOOD
    assert "0" not in good.sentence


def test_two_flows_that_take_the_same_files_are_told_and_others_are_not(write):
    def source(glob, after="archive"):
        return f'{{ kind = "folder", path = "entrees", glob = "{glob}", after = "{after}" }}'

    for first, second, count in (
        (source("*"), source("*.csv"), 1),
        (source("*.csv"), source("*.xml"), 0),
        (source("visites*"), source("personnes*"), 0),
        (source("*", "keep"), source("*"), 0),
        (source("*"), INBOX.format("ONE"), 0),
    ):
        assert len(list(examine_sharing(write((first, OUT), (second, OUT))))) == count


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("postgresql://u:p@db.example/x", 0),
        ("postgresql://u:p@db.example/x?sslmode=require", 1),
        ("postgresql://u:p@localhost/x?sslmode=disable", 0),
        ("sqlite:///x.db", 0),
    ],
)
def test_a_database_elsewhere_that_is_not_verified_is_told(write, monkeypatch, address, count):
    monkeypatch.setenv("BASE", address)
    settings = write((FOLDER, '{ kind = "database", url = "env:BASE" }'))
    findings = list(examine_database_addresses(settings))
    assert [finding.severity for finding in findings] == [Severity.DOUBTFUL] * count
    assert all("db.example" not in finding.sentence + finding.advice for finding in findings)


def test_an_address_that_is_none_is_left_to_the_trial_of_its_flow(write, monkeypatch):
    for text in ("not an address", "http://x:y:z/"):
        monkeypatch.setenv("BASE", text)
        assert not list(examine_database_addresses(write((FOLDER, '{ kind = "database", url = "env:BASE" }'))))


@pytest.mark.parametrize(("place", "count"), [("etat/cle", 1), ("etat/a/../cle", 1), ("ailleurs/cle", 0)])
def test_a_key_beside_what_it_opens_is_told(write, place, count):
    assert len(list(examine_key_place(write((FOLDER, OUT), head=f'key_file = "{place}"')))) == count


@pytest.mark.parametrize(("mode", "count"), [(0o700, 0), (0o750, 0), (0o755, 0), (0o777, 1), (0o1777, 1)])
@pytest.mark.parametrize("name", ["entrees", "sorties"])
def test_a_folder_into_which_anybody_writes_is_told(write, tmp_path, name, mode, count):
    (tmp_path / name).mkdir()
    (tmp_path / name).chmod(mode)
    assert len(list(examine_folder_rights(write((FOLDER, OUT))))) == count
