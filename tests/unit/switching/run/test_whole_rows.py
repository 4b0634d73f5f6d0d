"""A move into software that takes several contracts in one row: rows go whole, wait whole, and survive any kill."""

from __future__ import annotations

import csv
import random
import signal

import pytest
from killed_moves import move
from row_software import PLUGINS, SHEETS, SWITCH, export, export_workers, prepare

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.switching import switch_settings as switching
from passerelle.switching.decisions import AcceptedLoss, Decisions
from passerelle.switching.rollback.undoing import roll_back
from passerelle.switching.run.moving import prepare_move, run_move


@pytest.fixture
def house(tmp_path):
    with open_workspace(load_settings(prepare(tmp_path)), plugins=PLUGINS) as opened:
        yield opened


def _find_move(house):
    return prepare_move(house, switching.load_switch_file(house.settings.path.with_name("switch.toml")), "bascule")


def _run(house, decisions=None):
    return run_move(house, _find_move(house), decisions)


def _read_rows(folder):
    rows = []
    for path in sorted((folder / "import").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            rows += [tuple(row.values()) for row in csv.DictReader(stream, delimiter=";")]
    return sorted(rows)


def _name(rows):
    return [row[1] for row in rows]


def test_records_of_one_row_are_one_row_again(house, tmp_path):
    moved = _run(house)
    assert (moved.stopped, moved.waiting) == ("", 0)
    rows = _read_rows(tmp_path)
    assert _name(rows) == ["Martin", "Durand", "Blanc", "Roux"]
    martin, blanc = rows[0], rows[2]
    assert ("2024-05-02" in martin or "02/05/2024" in martin, martin[-1]) == (True, "Petit")
    assert (blanc[2], blanc[-1]) == ("", "Grand")


def test_what_one_row_holds_is_counted_together(house):
    status = next(one for one in _run(house).statuses if one.contract == "person/1")
    assert status.beside == ("case/1", "related_contact/1")
    assert status.balance.fates == {"delivered": 4 + 2 + 2}


def test_what_a_row_refers_to_goes_before_it(house):
    assert [flow.contract for flow in _find_move(house).sub_flows] == ["professional/1", "person/1"]


def test_the_same_command_again_writes_nothing(house, tmp_path):
    _run(house)
    before = {path.name: path.read_bytes() for path in (tmp_path / "import").iterdir()}
    assert sum(status.balance.received for status in _run(house).statuses) == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "import").iterdir()} == before


def test_what_changed_in_a_row_is_written_with_the_rest_of_it(house, tmp_path):
    _run(house)
    export(tmp_path, SHEETS[0].replace("Petit", "Moyen"), *SHEETS[1:], name="fiches-bis")
    _run(house)
    assert [row[-1] for row in _read_rows(tmp_path) if row[1] == "Martin"] == ["Moyen", "Petit"]
    assert len(_read_rows(tmp_path)) == len(SHEETS) + 1


def test_a_row_waits_whole_and_goes_whole(house, tmp_path):
    export(tmp_path, "5;Vert;04/05/2024;9;Noir", name="fiches-ter")
    moved = _run(house)
    assert (moved.stopped, moved.waiting) == ("", 1)
    assert "Vert" not in _name(_read_rows(tmp_path))
    export_workers(tmp_path, "9;Charlie", name="pros-bis")
    moved = _run(house)
    assert (moved.stopped, moved.waiting) == ("", 0)
    assert [row[-1] for row in _read_rows(tmp_path) if row[1] == "Vert"] == ["Noir"]
    status = next(one for one in moved.statuses if one.contract == "person/1")
    assert status.balance.fates == {"delivered": 3}


def test_a_row_that_lacks_what_the_import_wants_is_refused_whole_and_stops_the_move(house, tmp_path):
    export(tmp_path, "5;;04/05/2024;7;Noir", name="fiches-ter")
    moved = _run(house)
    assert (moved.stopped, moved.at) == ("deliver.loss.undecided", "person/1")
    assert next(one for one in moved.statuses if one.contract == "person/1").lost == 3
    assert "Noir" not in {row[-1] for row in _read_rows(tmp_path)}


def test_the_loss_of_a_row_is_accepted_contract_by_contract(house, tmp_path):
    export(tmp_path, "5;;04/05/2024;7;Noir", name="fiches-ter")
    losses = [
        AcceptedLoss(contract, "", "record_refused", "La directrice", "Fiche vide", most=1)
        for contract in ("person/1", "case/1", "related_contact/1")
    ]
    assert _run(house, Decisions(accepted=tuple(losses[:2]))).stopped == "deliver.loss.undecided"
    assert _run(house, Decisions(accepted=tuple(losses))).stopped == ""


def test_a_rollback_counts_each_contract_and_names_the_files_once(house, tmp_path):
    _run(house)
    undone = {one.contract: one for one in roll_back(house, _find_move(house))}
    assert [undone[name].created for name in ("person/1", "case/1", "related_contact/1")] == [4, 2, 2]
    files = [item.what for one in undone.values() for item in one.remaining if one.contract != "professional/1"]
    assert sorted(files) == sorted(path.name for path in (tmp_path / "import").iterdir())


def test_two_records_of_one_row_and_contract_wait_and_go_together(house, tmp_path):
    text = SWITCH.replace(
        '"ancien-fiches", path = "exports/fiches*.csv"', '"ancien-proches", path = "exports/liens*.csv"'
    )
    text = text.replace('"ancien-pros", path = "exports/pros*.csv"', '"ancien-fiches", path = "exports/fiches*.csv"')
    (tmp_path / "switch.toml").write_text(text.replace(', layout = "neuf-fiches"', ""), "utf-8")
    export(tmp_path, "9;Prune;Olive", name="liens", header="Id;Proche;Tuteur")
    moved = _run(house)
    assert (moved.stopped, moved.waiting) == ("", 1)
    export(tmp_path, "9;Vert;;;", name="fiches-bis")
    moved = _run(house)
    assert (moved.stopped, moved.waiting) == ("", 0)
    status = next(one for one in moved.statuses if one.contract == "related_contact/1")
    assert status.balance.fates == {"delivered": 2}


PLACES = ("collect.registered", "decode.batch", "folder.written", "folder.renamed", "settle.before")
LATER = ("settle.quarantined", "settle.committed", "parcel.closed", "collect.copied")


def test_killed_at_any_moment_no_row_is_lost_or_halved(tmp_path):
    prepare(tmp_path)
    draw, killed = random.Random(20261130), 0  # noqa: S311  a seeded test
    for _turn in range(6):
        place = f"{draw.choice((*PLACES, *LATER))}:{draw.randrange(1, 3)}"
        killed += move(tmp_path, place, software="row_software") == -signal.SIGKILL
    assert move(tmp_path, software="row_software") == 0
    with open_workspace(load_settings(tmp_path / "passerelle.toml"), plugins=PLUGINS) as house:
        assert sum(status.balance.received for status in _run(house).statuses) == 0
    rows = _read_rows(tmp_path)
    assert _name(rows) == ["Martin", "Durand", "Blanc", "Roux"]
    assert [row[-1] for row in rows] == ["Petit", "", "Grand", ""]
    assert killed >= 2
