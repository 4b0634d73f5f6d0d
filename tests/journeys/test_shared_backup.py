"""One organisation of a shared journal is saved and put back alone: its books as they were, the others untouched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from journeying import visits
from shared_journals import open_workshop, serve_shared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from journeying import Workshop
    from shared_journals import SharedServer

OWN, OTHER = "una-35", "admr-81"


@pytest.fixture
def server(monkeypatch) -> Iterator[SharedServer]:
    with serve_shared() as running:
        for name, value in running.variables.items():
            monkeypatch.setenv(name, value)
        yield running


def _receive(house: Workshop, name: str, content: str) -> int:
    (house.folder / "entrants" / name).write_text(content, "utf-8")
    return house.command("run").returncode


def _spoil(content: str) -> str:
    """Make the second visit of an export one that is set aside."""
    lines = content.split("\r\n")
    lines[2] = lines[2].replace('"0,50"', '"beaucoup"').replace("2024/05/", "2024/55/")
    return "\r\n".join(lines)


def _lose(server: SharedServer, name: str, *databases: str) -> None:
    """Remove all rows of an organisation, as a mistake or a disk would; keys too."""
    for database in databases:
        found = "SELECT table_name FROM information_schema.columns WHERE column_name = 'organisation'"
        tables = [str(row[0]) for row in server.act(f"{found} AND table_schema = 'public'", database=database)]
        removals = [f"DELETE FROM \"{table}\" WHERE organisation = '{name}'" for table in tables]  # noqa: S608  our own names
        server.act("SET session_replication_role = replica", *removals, "SELECT 1", database=database)


def _count_rows(server: SharedServer, name: str) -> list[tuple[object, ...]]:
    counted = (f"SELECT '{each}', count(*) FROM {each} WHERE organisation = '{name}'" for each in ("parcel", "known"))  # noqa: S608  our own names
    return server.act(" UNION ALL ".join(counted), database="journal")


def _restore(house: Workshop, file: Path, *more: str):
    return house.command("restore", str(file), "--format", "json", *more)


def _kill_restore(house: Workshop, place: str, file: Path, *more: str) -> None:
    house.environment["PASSERELLE_FAILPOINT"] = place
    assert _restore(house, file, *more).returncode == -9
    del house.environment["PASSERELLE_FAILPOINT"]


def test_an_organisation_that_lost_everything_comes_back_alone(tmp_path, server):
    own, other = (open_workshop(tmp_path / name, server, name) for name in (OWN, OTHER))
    assert _receive(other, "mai.csv", visits(4)) == 0
    assert _receive(own, "mai.csv", _spoil(visits(9))) == 1
    (tmp_path / "copies").mkdir()
    (tmp_path / "cles").mkdir()
    file, ring = tmp_path / "copies" / "sauvegarde.tar", tmp_path / "cles" / "trousseau.sqlite3"
    saved = own.command("backup", str(file), "--keyring", str(ring))
    assert saved.returncode == 0, saved.stderr
    before, others = own.flows(), _count_rows(server, OTHER)
    assert (tmp_path / "installation.cle").read_bytes() not in file.read_bytes()
    # a backup is no reason to put anything over what is there, and another organisation's is refused
    assert _restore(own, file).returncode == 64
    assert _restore(other, file).returncode == 64
    # what comes after the backup is what the restored journal will not know
    assert _receive(own, "juin.csv", visits(3, month="06")) == 0
    _lose(server, OWN, "journal", "trousseau")
    assert own.command("restore", str(file)).returncode == 3  # without the keyring nothing opens
    _kill_restore(own, "restore.placed", file, "--keyring", str(ring))
    assert _count_rows(server, OWN) == [("parcel", 0), ("known", 0)]
    _kill_restore(own, "restore.journal", file, "--keyring", str(ring))
    # the entry is among the rows: whatever is there was told of
    assert own.command("audit", "list", "--format", "json").stdout.count("state.restore") == 1
    assert own.command("audit", "verify").returncode == 0
    _lose(server, OWN, "journal", "trousseau")
    restored = _restore(own, file, "--keyring", str(ring))
    assert restored.returncode == 0, restored.stderr
    assert json.loads(restored.stdout)["unknown"] == 1
    assert own.flows() == before
    assert _count_rows(server, OTHER) == others
    # what it knew it knows, and what was set aside opens
    assert _receive(own, "encore.csv", _spoil(visits(9))) in (0, 1)
    balance = own.flows()["visites"]["balance"]
    assert balance["delivered"] == before["visites"]["balance"]["delivered"]
