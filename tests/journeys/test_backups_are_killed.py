"""Killed at any moment, a backup is whole or not there, and a restore is finished by the same command."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from journeying import take_some
from person_acts import CANARY, PersonHouse

from passerelle.engine.backup.backup_reading import verify_backup
from passerelle.engine.backup.backup_writing import STAGE
from passerelle.vocabulary.failpoints import BACKUP_FAILPOINTS, LOG_VARIABLE, VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

KEYRING = "../cles/trousseau.sqlite3"
BACKUP = ("backup", "../sauvegardes/a.tar", "--keyring", KEYRING)
RESTORE = ("restore", "../sauvegardes/a.tar", "--keyring", KEYRING, "--key", "../cles/cle")
IN_BACKUPS = ("backup.gathered", "backup.keyring", "backup.written")
IN_RESTORES = (
    *("restore.settings", "restore.extracted", "restore.keys", "restore.placed:1", "restore.placed:2"),
    "restore.journal",
)


def _call(folder: Path, *arguments: str, place: str = "", passed: str = "") -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "passerelle.faces.cli.main", *arguments]
    environment = {**os.environ, "PASSERELLE_LANG": "en", VARIABLE: place, LOG_VARIABLE: passed}
    return subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def house(tmp_path) -> PersonHouse:
    made = PersonHouse.filled(tmp_path / "ici")
    for name in ("sauvegardes", "cles", "la-bas"):
        (tmp_path / name).mkdir()
    shutil.copy(made.folder / "etat" / "cle", tmp_path / "cles")
    return made


def test_every_place_is_passed_and_killed_at(tmp_path, house):
    log = tmp_path / "passed.txt"
    assert _call(house.folder, *BACKUP, passed=str(log)).returncode == 0
    restored = _call(tmp_path / "la-bas", *RESTORE, passed=str(log))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    tried = {place.partition(":")[0] for place in (*IN_BACKUPS, *IN_RESTORES)}
    assert tried == set(BACKUP_FAILPOINTS) == set(log.read_text("ascii").split()) & set(BACKUP_FAILPOINTS)


@pytest.mark.parametrize("place", take_some(IN_BACKUPS, 1))
def test_a_backup_that_was_killed_looks_like_none_and_the_same_command_makes_one(tmp_path, house, place):
    assert _call(house.folder, *BACKUP, place=place).returncode == -signal.SIGKILL
    assert [path.name for path in (tmp_path / "sauvegardes").iterdir() if not path.name.startswith(".")] == []
    done = _call(house.folder, *BACKUP)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in (tmp_path / "sauvegardes").iterdir()] == ["a.tar"]
    assert verify_backup(tmp_path / "sauvegardes" / "a.tar").rows["parcel"] == 3
    assert not (house.folder / "etat" / STAGE).exists()


@pytest.mark.parametrize("place", take_some(IN_RESTORES, 2))
def test_a_restore_that_was_killed_is_finished_by_the_same_command(tmp_path, house, place):
    assert _call(house.folder, *BACKUP).returncode == 0
    folder = tmp_path / "la-bas"
    assert _call(folder, *RESTORE, place=place).returncode == -signal.SIGKILL
    again = _call(folder, *RESTORE)
    # killed behind its last step, all was in its place
    assert again.returncode == (64 if place == "restore.journal" else 0), again.stdout + again.stderr
    assert not (folder / "etat" / "restauration.part").exists()
    there = PersonHouse.__new__(PersonHouse)
    there.folder, there.path = folder, folder / "passerelle.toml"
    assert CANARY.encode() in there.open_all()


def test_what_is_saved_while_a_run_goes_on_opens_and_adds_up(tmp_path, house):
    """The run is slow: many rows, one batch after the other, and backups all along."""
    rows = "\n".join(["id;nom;naissance", *(f"{number};NOM{number};01/02/1950" for number in range(100, 1_600))])
    (house.folder / "entrees" / "gens" / "beaucoup.csv").write_text(rows + "\n", "utf-8")
    text = house.path.read_text("utf-8").replace('purpose = "support"', 'purpose = "support"\nblock_bytes = 1_024', 1)
    house.path.write_text(text, "utf-8")
    line = [sys.executable, "-m", "passerelle.faces.cli.main", "run", "gens"]
    parcels, batches, ended = set(), set(), False
    with subprocess.Popen(line, cwd=house.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        for number in range(60):
            ended = run.poll() is not None
            file = f"../sauvegardes/{number}.tar"
            assert _call(house.folder, "backup", file, "--keyring", KEYRING).returncode == 0
            rows_there = verify_backup(house.folder / file).rows
            parcels.add(rows_there["parcel"])
            batches.add(rows_there["batch"])
            if ended:
                break
            checked = _call(house.folder, "restore", "--check", file)
            assert checked.returncode == 0, checked.stdout + checked.stderr
    assert ended
    assert len(batches) > 1, "some were made while the run went on"
    assert max(batches) >= 30
