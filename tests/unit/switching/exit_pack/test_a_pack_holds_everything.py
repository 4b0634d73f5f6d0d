"""An exit pack, made of a house where flows have run, and read back."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from journeying import to_files, visits
from old_software import settle_in

from passerelle.contracts.catalogue import catalogue
from passerelle.engine.quarantine.quarantine_acts import QuarantineSelection, replay_items
from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.switching.exit_pack.manifest import PackManifest
from passerelle.switching.exit_pack.pack_selection import PackSelection
from passerelle.switching.exit_pack.pack_verifying import verify_pack
from passerelle.switching.exit_pack.packing import ExitPackOrder, pack
from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
EXPORT = visits(12)


@contextmanager
def _opened(folder):
    (folder / "entrants").mkdir()
    (folder / "entrants" / "mai.csv").write_text(EXPORT.replace('"0,50"', '"zéro"', 1), "utf-8")
    words = to_files('kind = "folder", path = "sorties"').replace("state", 'plugins = ["compani"]\nstate', 1)
    with open_workspace(load_settings(settle_in(folder, words))) as opened:
        run_flow(opened, "visites", run=opened.journal.begin_run(["visites"], opened.clock.now()))
        yield opened


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Share a house between tests that only read what it holds."""
    with _opened(tmp_path_factory.mktemp("maison")) as opened:
        yield opened


@pytest.fixture
def own_house(tmp_path):
    with _opened(tmp_path) as opened:
        yield opened


def _made(house, tmp_path, name="pack.zip", **order):
    target = tmp_path / name
    return target, pack(house, target, ExitPackOrder(at=AT, **({"why": "essai de sortie"} | order)))


def _read(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def test_a_pack_is_complete_and_its_own_reader_finds_nothing_wrong(house, tmp_path):
    path, manifest = _made(house, tmp_path)
    assert (manifest.status, manifest.type) == ("COMPLETE", "MASSIF")
    assert [(one.contract, one.records, one.persons) for one in manifest.contracts] == [("visit/1", 11, 11)]
    report = verify_pack(path)
    assert report.findings == []
    assert report.records == sum(one.records for one in manifest.contracts)
    assert path.stat().st_mode & 0o077 == 0


def test_files_are_in_it_byte_for_byte_as_they_came(house, tmp_path):
    path, manifest = _made(house, tmp_path)
    (received,) = manifest.received
    assert _read(path, received.path) == (house.settings.path.parent / "entrants" / "archives" / "mai.csv").read_bytes()


def test_the_same_order_gives_the_same_bytes(house, tmp_path):
    one, _manifest = _made(house, tmp_path, "un.zip")
    house.journal.append_audit("something", "else", "", AT, "somebody")
    other, _manifest = _made(house, tmp_path, "deux.zip", selection=PackSelection(), settings=False)
    with zipfile.ZipFile(one) as first, zipfile.ZipFile(other) as second:
        differing = [
            name
            for name in first.namelist()
            if not name.startswith("journal/") and first.read(name) != second.read(name)
        ]
    assert differing == ["manifest.json"]


def test_the_spreadsheet_says_the_same_as_the_json_and_tells_none_from_unknown(house, tmp_path):
    path, manifest = _made(house, tmp_path)
    for one in manifest.contracts:
        folder = f"contrats/{one.contract.replace('/', '-')}"
        records = [json.loads(line) for line in _read(path, f"{folder}/donnees.jsonl").splitlines()]
        text = _read(path, f"{folder}/donnees.csv").decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
        assert [row["ref"] for row in rows] == [record["ref"] for record in records]
        assert [row["confirmed_none"].split() for row in rows] == [
            record.get("confirmed_none", []) for record in records
        ]
        scalars = [name for name, value in records[0].items() if isinstance(value, str)]
        assert scalars
        assert all(
            row[name] == record.get(name, "") for row, record in zip(rows, records, strict=True) for name in scalars
        )


def test_a_row_that_was_set_aside_is_in_it_with_its_reason_and_its_cells(house, tmp_path):
    path, manifest = _made(house, tmp_path)
    (read,) = manifest.connectors
    lines = _read(path, "mis-de-cote/quarantaine.jsonl").splitlines()
    assert [json.loads(line)["content"]["cells"]["Durée"] for line in lines] == ["zéro"]
    assert sum(read.aside.values()) == 1


@pytest.mark.parametrize(("corrected", "aside"), [("zéro", 1), ("0,50", 0)])
def test_a_row_that_was_taken_up_again_is_counted_once_as_what_became_of_it(own_house, tmp_path, corrected, aside):
    (waiting,) = own_house.quarantine.list_rows(flow="visites")
    cells = json.loads(own_house.quarantine.open_payloads([waiting.id])[waiting.id])["cells"]
    replay_items(own_house, QuarantineSelection((waiting.id,)), {waiting.id: {**cells, "Durée": corrected}})
    run_flow(own_house, "visites", run=own_house.journal.begin_run(["visites"], own_house.clock.now()))
    _path, manifest = _made(own_house, tmp_path)
    (read,) = manifest.connectors
    assert sum(read.aside.values()) == aside
    assert (read.received, read.in_contract_form) == (12, 12 - aside)


def test_what_one_needs_to_read_it_goes_along(house, tmp_path):
    path, _manifest = _made(house, tmp_path, settings=True)
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        page = archive.read("index.html").decode()
    assert {"contrats/visit-1/dictionnaire.md", "contrats/visit-1/schema.json"} <= names
    assert {"contrats/visit-1/exemples-acceptes.jsonl", "correspondances/compani-interventions.csv"} <= names
    assert {"reglages/passerelle.toml", "reglages/greffons.json", "journal/bilans.json"} <= names
    assert "<script" not in page
    assert 'lang="fr"' in page
    mapping = json.loads(_read(path, "correspondances/compani-interventions.json"))
    assert {table["contract"] for table in mapping["tables"]} <= set(catalogue())


def test_for_one_person_only_what_speaks_of_that_person_goes(house, tmp_path):
    person = f"compani:person:{5_000_003:024x}"
    path, manifest = _made(house, tmp_path, type="UNITAIRE", selection=PackSelection(person=person))
    assert verify_pack(path).findings == []
    assert manifest.persons == 1
    assert "DUPRE3" in _all_text(path)
    assert "DUPRE4" not in _all_text(path)
    assert not any(file.path.startswith(("recus/", "mis-de-cote/", "journal/")) for file in manifest.files)
    visit = json.loads(_read(path, "contrats/visit-1/donnees.jsonl"))
    assert visit["person_ref"] == person


def test_for_a_period_only_what_happened_then_goes(house, tmp_path):
    path, manifest = _made(house, tmp_path, type="CIBLE", selection=PackSelection(start="2024-05-02", end="2024-05-03"))
    held = {one.contract: one for one in manifest.contracts}
    assert (held["visit/1"].records, held["visit/1"].first, held["visit/1"].last) == (2, "2024-05-02", "2024-05-03")
    assert verify_pack(path).findings == []


def test_a_later_export_replaces_the_earlier_state_and_the_count_says_so(own_house, tmp_path):
    later = EXPORT.replace('"Non";"Non"', '"Oui";"Non"')
    (tmp_path / "entrants" / "mai-bis.csv").write_text(later, "utf-8")
    run_flow(own_house, "visites", run=own_house.journal.begin_run(["visites"], own_house.clock.now()))
    _path, manifest = _made(own_house, tmp_path)
    visit = next(one for one in manifest.contracts if one.contract == "visit/1")
    assert (visit.records, visit.replaced) == (12, 11)


def test_a_file_that_is_no_longer_held_makes_the_pack_partial(own_house, tmp_path):
    own_house.depot.remove(own_house.journal.list_parcels("visites")[0].digest)
    _path, manifest = _made(own_house, tmp_path)
    assert manifest.status == "PARTIAL"
    assert [one.trouble for one in manifest.received] == ["deliver.pack.gone"]


def test_a_file_whose_flow_is_no_longer_in_the_settings_goes_along_as_received(house, tmp_path):
    bare = replace(house, settings=replace(house.settings, flows={}))
    path, manifest = _made(bare, tmp_path)
    (received,) = manifest.received
    assert (received.trouble, manifest.contracts, manifest.status) == ("deliver.pack.unread", (), "PARTIAL")
    assert _read(path, received.path) == (house.settings.path.parent / "entrants" / "archives" / "mai.csv").read_bytes()
    assert verify_pack(path).is_good


def test_a_sealed_pack_opens_with_its_passphrase_alone(house, tmp_path):
    path, manifest = _made(house, tmp_path, passphrase="trois mots choisis")
    assert b"DUPRE3" not in path.read_bytes()
    assert verify_pack(path, passphrase="trois mots choisis").records == sum(one.records for one in manifest.contracts)
    with pytest.raises(UsageError) as refused:
        verify_pack(path, passphrase="autre chose")
    assert refused.value.code == "usage.pack.sealed"


def test_what_waits_on_the_disk_while_a_pack_is_made_cannot_be_read_and_goes_away(house, tmp_path):
    seen = []

    def look(done, total):
        files = [file for folder in house.settings.state.glob("exit-pack-*") for file in folder.rglob("*")]
        seen.append(any(b"DUPRE" in file.read_bytes() for file in files if file.is_file()))

    pack(house, tmp_path / "pack.zip", ExitPackOrder(at=AT, why="essai de sortie"), look)
    assert seen
    assert not any(seen)
    assert list(house.settings.state.glob("exit-pack-*")) == []


def test_making_a_pack_is_in_the_audit_trail(house, tmp_path):
    _made(house, tmp_path, who="Jeanne")
    last = house.journal.list_audit_entries()[-1]
    assert (last.action, last.subject, last.who) == ("exit_pack", "MASSIF", "Jeanne")
    assert (last.why, last.purpose) == ("essai de sortie", "portability")


def test_nothing_is_packed_without_a_reason(house, tmp_path):
    with pytest.raises(UsageError):
        _made(house, tmp_path, why="parce")
    assert not (tmp_path / "pack.zip").exists()


def test_a_file_that_exists_is_left_as_it_is(house, tmp_path):
    (tmp_path / "pack.zip").write_bytes(b"old")
    with pytest.raises(UsageError):
        _made(house, tmp_path)
    assert (tmp_path / "pack.zip").read_bytes() == b"old"


def _all_text(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith((".jsonl", ".csv")))


def test_a_manifest_can_be_read_back(house, tmp_path):
    path, manifest = _made(house, tmp_path)
    assert PackManifest.model_validate_json(_read(path, "manifest.json")) == manifest
