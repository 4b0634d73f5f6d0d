"""A backup that was cut, changed or made up is refused, wherever that happened; nothing leaves its folder."""

from __future__ import annotations

import io
import json
import tarfile
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.engine.backup.backup_manifest import SCHEMA, BackupManifest, is_expected
from passerelle.engine.backup.backup_reading import extract_backup, verify_backup
from passerelle.vocabulary.errors import PasserelleError

FILES = {"reglages/passerelle.toml": b"[passerelle]\n", "etat/journal.sqlite3": bytes(range(256)) * 9}


def _pack(path, files, *, manifest=None, kind=tarfile.REGTYPE):
    digests = {name: sha256(content).hexdigest() for name, content in files.items()}
    own = BackupManifest(datetime(2026, 3, 1, tzinfo=UTC), "1", "0013", "passerelle.toml", {"run": 1}, {}, digests)
    with tarfile.open(path, "w") as archive:
        for name, content in [*files.items(), ("manifeste.json", (manifest or own.to_json()).encode())]:
            entry = tarfile.TarInfo(name)
            entry.size, entry.type = len(content), tarfile.REGTYPE if name == "manifeste.json" else kind
            archive.addfile(entry, io.BytesIO(content))
    return own


def _refusal(path) -> str:
    with pytest.raises(PasserelleError) as caught:
        verify_backup(path)
    return caught.value.code


def test_a_whole_one_is_read_and_laid_out(tmp_path):
    manifest = _pack(tmp_path / "a.tar", FILES)
    assert verify_backup(tmp_path / "a.tar") == manifest
    extract_backup(tmp_path / "a.tar", tmp_path / "out", "etat/")
    assert (tmp_path / "out" / "etat" / "journal.sqlite3").read_bytes() == FILES["etat/journal.sqlite3"]
    assert not (tmp_path / "out" / "reglages").exists()


@given(where=st.integers(0, 10_239), cut=st.booleans())
def test_one_that_was_cut_or_changed_anywhere_in_its_content_is_refused(tmp_path_factory, where, cut):
    path = tmp_path_factory.mktemp("b") / "a.tar"
    _pack(path, FILES)
    whole = path.read_bytes()
    end = whole.rindex(b"}") + 1
    where %= end
    changed = whole[:where] if cut else whole[:where] + bytes([whole[where] ^ 1]) + whole[where + 1 :]
    path.write_bytes(changed)
    code = "incident.backup.broken"
    try:
        read = verify_backup(path)
    except PasserelleError as error:
        code = error.code
    else:  # padding, and what tar itself notes of times, owners and sizes of the manifest, is no content
        assert not cut
        assert {name: read.digests[name] for name in FILES} == {name: sha256(FILES[name]).hexdigest() for name in FILES}
    assert code in {"incident.backup.broken", "incident.backup.newer"}


@pytest.mark.parametrize(
    "name", ["../etat/x", "/etat/x", "etat/../../x", "autre/x", "x", "etat", "etat//x", "etat/./x", "reglages/a/../b"]
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    assert not is_expected(name)
    _pack(tmp_path / "a.tar", {**FILES, name: b"x"})
    assert _refusal(tmp_path / "a.tar") == "incident.backup.broken"
    with pytest.raises(PasserelleError):
        extract_backup(tmp_path / "a.tar", tmp_path / "out")
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written <= {"a.tar", *(f"out/{each}" for each in FILES)}


def test_links_made_up_files_and_later_forms_are_refused(tmp_path):
    path = tmp_path / "a.tar"
    _pack(path, FILES, kind=tarfile.SYMTYPE)
    assert _refusal(path) == "incident.backup.broken"
    path.write_bytes(b"no archive")
    assert _refusal(path) == "incident.backup.broken"
    for schema, code in ((SCHEMA[:-1] + "2", "incident.backup.newer"), ("other/1", "incident.backup.broken")):
        _pack(path, FILES, manifest=json.dumps({"schema": schema}))
        assert _refusal(path) == code
    assert _refusal(tmp_path / "absent.tar") == "usage.file.unreadable"
