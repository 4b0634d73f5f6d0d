"""The reader of packs: whatever is changed in one is found, and told by its place."""

from __future__ import annotations

import json
import random
import shutil
import zipfile
from datetime import UTC, datetime

import pytest
from journeying import to_files, visits
from old_software import settle_in

from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.switching.exit_pack.manifest import MANIFEST, PackFile, PackManifest
from passerelle.switching.exit_pack.pack_verifying import verify_pack
from passerelle.switching.exit_pack.packing import ExitPackOrder, as_bytes, compute_identity, pack
from passerelle.vocabulary.errors import UsageError

VISITS = "contrats/visit-1/donnees.jsonl"
TWIN = "contrats/visit-1/donnees.csv"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pack")
    (folder / "entrants").mkdir()
    (folder / "entrants" / "mai.csv").write_text(visits(6), "utf-8")
    settings = settle_in(
        folder, to_files('kind = "folder", path = "sorties"').replace("state", 'plugins = ["compani"]\nstate', 1)
    )
    with open_workspace(load_settings(settings)) as house:
        run_flow(house, "visites", run=house.journal.begin_run(["visites"], house.clock.now()))
        pack(house, folder / "pack.zip", ExitPackOrder(at=datetime(2026, 11, 21, tzinfo=UTC), why="essai de sortie"))
    return folder / "pack.zip"


def _rewritten(whole, target, change, *, honest=True):
    """Write a pack again with other contents; an honest liar brings the manifest in line."""
    with zipfile.ZipFile(whole) as source:
        contents = {name: source.read(name) for name in source.namelist()}
    manifest = PackManifest.model_validate_json(contents.pop(MANIFEST))
    contents = change(contents)
    if honest:
        import hashlib  # noqa: PLC0415  only this test needs it

        known = {file.path: file for file in manifest.files}
        files = tuple(
            PackFile(
                path=path,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                entity=known[path].entity if path in known else "",
                count=known[path].count if path in known else 0,
            )
            for path, content in sorted(contents.items())
        )
        manifest = manifest.model_copy(update={"files": files})
        manifest = manifest.model_copy(update={"export_id": compute_identity(manifest)})
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in {**contents, MANIFEST: as_bytes(manifest)}.items():
            archive.writestr(name, content)
    return target


def _codes(path):
    return {(one.code, one.path, one.line) for one in verify_pack(path).findings}


def _with(path, change):
    return lambda contents: contents | {path: change(contents[path])}


def test_a_changed_byte_is_told_with_its_file(whole, tmp_path):
    path = _rewritten(whole, tmp_path / "p.zip", _with(TWIN, lambda text: text + b" "), honest=False)
    assert ("validate.pack.altered", TWIN, 0) in _codes(path)


def test_files_that_are_missing_and_files_too_many_are_told(whole, tmp_path):
    def change(contents):
        return {name: content for name, content in contents.items() if name != TWIN} | {"notes.txt": b"x"}

    path = _rewritten(whole, tmp_path / "p.zip", change, honest=False)
    assert _codes(path) == {("validate.pack.absent", TWIN, 0), ("validate.pack.stranger", "notes.txt", 0)}


def test_a_manifest_that_was_edited_is_told(whole, tmp_path):
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            archive.writestr(name, content.replace(b'"persons": 6', b'"persons": 7') if name == MANIFEST else content)
    assert ("validate.pack.identity", MANIFEST, 0) in _codes(path)


def test_even_with_a_manifest_brought_in_line_a_record_against_its_contract_is_told_with_its_line(whole, tmp_path):
    def spoil(text):
        lines = text.splitlines(keepends=True)
        lines[2] = lines[2].replace(b'"ref":"compani:visit:', b'"ref":"compani:', 1)
        return b"".join(lines)

    path = _rewritten(whole, tmp_path / "p.zip", _with(VISITS, spoil))
    assert ("validate.pack.record", VISITS, 3) in _codes(path)


def test_a_line_that_is_no_record_is_told_once_with_its_line(whole, tmp_path):
    path = _rewritten(whole, tmp_path / "p.zip", _with(VISITS, lambda text: text.replace(b'{"ref"', b'{ "ref"', 1)))
    report = verify_pack(path)
    assert ("validate.pack.form", VISITS, 1) in {(one.code, one.path, one.line) for one in report.findings}
    assert report.counts["validate.pack.form"] == 1


def test_a_record_that_was_taken_out_is_told(whole, tmp_path):
    path = _rewritten(
        whole, tmp_path / "p.zip", _with(VISITS, lambda text: b"".join(text.splitlines(keepends=True)[1:]))
    )
    assert {code for code, _path, _line in _codes(path)} == {"validate.pack.count", "validate.pack.twin"}


def test_a_spreadsheet_that_holds_other_records_is_told(whole, tmp_path):
    path = _rewritten(
        whole, tmp_path / "p.zip", _with(TWIN, lambda text: text.replace(b"compani:visit:", b"compani:visit:9", 1))
    )
    assert _codes(path) == {("validate.pack.twin", TWIN, 0)}


def test_a_reference_that_leads_elsewhere_than_the_manifest_counts_is_told(whole, tmp_path):
    person = json.loads(_content(whole, VISITS).splitlines()[0])["person_ref"].encode()
    other = json.loads(_content(whole, VISITS).splitlines()[1])["person_ref"].encode()
    path = _rewritten(whole, tmp_path / "p.zip", _with(VISITS, lambda text: text.replace(person, other)))
    assert ("validate.pack.links", VISITS, 0) in _codes(path)


def test_whatever_byte_is_flipped_in_the_file_it_is_refused_or_found(whole, tmp_path):
    draw, content = random.Random(7), whole.read_bytes()  # noqa: S311  a seeded test
    with zipfile.ZipFile(whole) as archive:
        data = [(info.header_offset + 30 + len(info.filename), info.compress_size) for info in archive.infolist()]
    for _turn in range(8):
        start, size = draw.choice(data)
        place = start + draw.randrange(size)
        path = tmp_path / "flipped.zip"
        path.write_bytes(content[:place] + bytes([content[place] ^ (1 << draw.randrange(8))]) + content[place + 1 :])
        try:
            found = not verify_pack(path).is_good
        except UsageError:
            found = True
        # a bit of the deflated form that changes no byte of the content is no change of the pack
        assert found or _contents(path) == _contents(whole)


def test_what_is_no_pack_is_refused(tmp_path):
    (tmp_path / "p.zip").write_bytes(b"PK nothing of the kind")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("hello.txt", "hello")
    for name in ("p.zip", "other.zip", "absent.zip"):
        with pytest.raises(UsageError):
            verify_pack(tmp_path / name)


def test_many_findings_of_a_kind_are_counted_and_twenty_are_told(whole, tmp_path):
    path = tmp_path / "p.zip"
    shutil.copy(whole, path)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(25):
            archive.writestr(f"en-trop-{number:02d}.txt", "x")
    report = verify_pack(path)
    assert (len(report.findings), report.counts["validate.pack.stranger"]) == (20, 25)


def _content(path, name):
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def _contents(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
