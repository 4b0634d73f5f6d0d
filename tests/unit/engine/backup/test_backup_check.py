"""What of an unpacked state does not open, or does not add up, is counted or refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from person_acts import PersonHouse

from passerelle.engine.backup.backup_check import KeySources, count_losses, examine_state
from passerelle.engine.backup.backup_reading import extract_backup
from passerelle.engine.backup.backup_writing import write_backup
from passerelle.engine.clock import SystemClock
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.vocabulary.errors import FatalError


@pytest.fixture
def unpacked(tmp_path):
    """Settings, the folder of an unpacked state, its manifest, the keys of the state that it is of."""
    settings = load_settings(PersonHouse.filled(tmp_path / "ici").path)
    file = write_backup(settings, tmp_path / "a.tar", clock=SystemClock()).file
    manifest = extract_backup(file, tmp_path / "out")
    keys = KeySources(settings.key_file, settings.keyring_folder / "cles.sqlite3")
    return settings, tmp_path / "out" / "etat", manifest, keys


def test_damaged_and_absent_files_are_counted(unpacked):
    settings, state, manifest, keys = unpacked
    assert examine_state(settings, state, manifest, keys).is_whole
    first, second, *_others = sorted((state / "depot").iterdir())
    content = bytearray(first.read_bytes())
    content[-1] ^= 1
    first.write_bytes(content)
    found = examine_state(settings, state, manifest, keys)
    assert (found.deposits, found.broken, found.closed, found.missing) == (2, 1, 0, 0)
    assert not found.is_whole
    second.unlink()  # that of a parcel which is done: nothing waits for it
    assert examine_state(settings, state, manifest, keys).missing == 0


def test_books_that_are_not_those_of_the_manifest_are_refused(unpacked):
    settings, state, manifest, keys = unpacked
    books = {**manifest.books, "gens": {**manifest.books["gens"], "delivered": 1}}
    with pytest.raises(FatalError) as caught:
        examine_state(settings, state, replace(manifest, books=books), keys)
    assert caught.value.code == "incident.backup.books"


def test_nothing_is_lost_where_nothing_is(unpacked, tmp_path):
    settings, _state, manifest, _keys = unpacked
    assert count_losses(replace(settings, state=tmp_path / "nulle-part"), manifest) == {}
