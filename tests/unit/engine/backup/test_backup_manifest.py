"""What a backup says of itself is read back as it was written, and other texts are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from passerelle.engine.backup.backup_manifest import BackupManifest, is_expected, read_manifest
from passerelle.vocabulary.errors import FatalError

MANIFEST = BackupManifest(
    datetime(2026, 3, 1, 2, 30, tzinfo=UTC),
    "1.0",
    "0013",
    "passerelle.toml",
    {"run": 1},
    {"visites": {"received": 2, "delivered": 2}},
    {"etat/journal.sqlite3": "ab"},
)


def test_a_manifest_is_read_back_as_it_was_written():
    assert read_manifest(MANIFEST.to_json().encode(), "a.tar") == MANIFEST


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"schema": "passerelle.backup/2"}, "incident.backup.newer"),
        ({"schema": "passerelle.status/1"}, "incident.backup.broken"),
        ({"made_at": "yesterday"}, "incident.backup.broken"),
        ({"surprise": 1}, "incident.backup.broken"),
    ],
)
def test_another_text_is_refused(changed, code):
    content = {**json.loads(MANIFEST.to_json()), **changed}
    with pytest.raises(FatalError) as caught:
        read_manifest(json.dumps(content).encode(), "a.tar")
    assert caught.value.code == code
    with pytest.raises(FatalError):
        read_manifest(b"[]", "a.tar")


def test_names_stay_below_the_folders_of_a_backup():
    assert is_expected("etat/depot/ab")
    assert is_expected("reglages/éditeurs/un.toml")
    assert not any(map(is_expected, ("etat", "../etat/x", "/etat/x", "etat/../x", "autre/x", "etat//x")))
