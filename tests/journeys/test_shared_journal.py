"""Several organisations on one PostgreSQL: the same deliveries and books as alone, and a key whose end is the end."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from journeying import visits
from postgresql_servers import find_binaries
from shared_journals import make_settings, open_workshop, serve_shared

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary.errors import FatalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from journeying import Workshop
    from shared_journals import SharedServer

OWN, OTHER = "una-35", "admr-81"
CANARIES = 20


@pytest.fixture
def server(monkeypatch) -> Iterator[SharedServer]:
    with serve_shared() as running:
        for name, value in running.variables.items():
            monkeypatch.setenv(name, value)
        yield running


def _run(workshop: Workshop, name: str, content: str) -> int:
    (workshop.folder / "entrants" / name).write_text(content, "utf-8")
    return workshop.command("run").returncode


def _read_delivered(workshop: Workshop) -> dict[str, bytes]:
    """Return the files that were delivered, without the moment at which each night received its export."""
    paths = sorted((workshop.folder / "sortants").iterdir())
    return {path.name: re.sub(rb'"received_at":"[^"]*"', b"", path.read_bytes()) for path in paths}


def _show_books(workshop: Workshop) -> dict[str, object]:
    told = workshop.flows()["visites"]
    return {part: told[part] for part in ("balance", "replayed")}


def _move_in(workshop: Workshop, name: str) -> subprocess.CompletedProcess[str]:
    ways = ("--to", "env:PASSERELLE_JOURNAL", "--keyring", "env:PASSERELLE_TROUSSEAU")
    key = str(workshop.folder.parent / "installation.cle")
    return workshop.command("fleet", "move", "--from", "etat", *ways, "--organisation", name, "--key", key)


def _spoil(content: str) -> str:
    """Make the second visit of an export one that is set aside."""
    lines = content.split("\r\n")
    lines[2] = lines[2].replace('"0,50"', '"beaucoup"').replace("2024/05/", "2024/55/")
    return "\r\n".join(lines)


def test_a_journal_that_moves_in_and_out_delivers_the_same_bytes_and_books(tmp_path, server):
    alone, shared = (open_workshop(tmp_path / name, server) for name in ("seule", "partagee"))
    other = open_workshop(tmp_path / "autre", server, OTHER)
    assert _run(other, "mai.csv", visits(5)) == 0
    nights = [_spoil(visits(40)), visits(60, first=20, month="06"), _spoil(visits(30, first=70))]
    codes = []
    for night, content in enumerate(nights):
        if night == 1:
            moved = _move_in(shared, OWN)
            assert moved.returncode == 0, moved.stderr
            # the settings of before open nothing any more, and say so
            assert shared.command("status").returncode == 3
            shared.write(make_settings(OWN))
            assert _move_in(shared, OWN).returncode == 64
        if night == 2:
            back = shared.command("fleet", "move", "--from", "env:PASSERELLE_JOURNAL", "--to", "etat", "--key", "cle2")
            assert back.returncode == 0, back.stderr
            (shared.folder / "etat" / "cle").unlink()
            shared.write(make_settings().replace('state = "etat"\n', 'state = "etat"\nkey_file = "cle2"\n'))
        codes.append([_run(each, f"{night}.csv", content) for each in (alone, shared)])
        assert _read_delivered(alone) == _read_delivered(shared)
        assert _show_books(alone) == _show_books(shared)
    assert codes == [[1, 1], [0, 0], [1, 1]]
    assert shared.command("audit", "verify").returncode == 0
    listing = ("quarantine", "list", "--format", "json")
    held, also_held = (json.loads(each.command(*listing).stdout)["causes"] for each in (alone, shared))
    assert [cause["count"] for cause in held] == [cause["count"] for cause in also_held]
    # nothing of it is left on the server, and everything of the other one
    owners = server.act("SELECT DISTINCT organisation FROM parcel", database="journal")
    assert owners == [(OTHER,)]
    assert other.command("run").returncode == 0
    assert _show_books(other)["balance"]["received"] == 5


def test_nothing_of_an_organisation_whose_key_was_destroyed_opens_again(tmp_path, server):
    houses = {name: open_workshop(tmp_path / name, server, name) for name in (OWN, OTHER)}
    for house in houses.values():
        for number in range(CANARIES):
            # each is one file that was received and one row that was set aside
            (house.folder / "entrants" / f"{number}.csv").write_text(_spoil(visits(2, first=10 * number)), "utf-8")
        assert house.command("run").returncode == 1
    assert [_count_open(house) for house in houses.values()] == [2 * CANARIES, 2 * CANARIES]
    dump = tmp_path / "avant.dump"
    _dump(server, "journal", dump)
    own = houses[OWN]
    assert _shred(own, OWN, typed="una-36").returncode == 64
    assert _shred(own, OTHER, typed=OTHER).returncode == 64
    assert _count_open(own) == 2 * CANARIES
    old = (tmp_path / "installation.cle").read_bytes()
    shredded = _shred(own, OWN, typed=OWN)
    assert shredded.returncode == 0, shredded.stderr
    assert _try_opening(own) == "incident.key.shredded"
    assert own.command("run").returncode == 3
    assert _shred(own, OWN, typed=OWN).returncode == 0  # once more, for what a kill may have left
    assert houses[OTHER].command("organisation", "rotate-key", "--why", "une structure part").returncode == 0
    assert (tmp_path / "installation.cle").read_bytes() != old
    assert _count_open(houses[OTHER]) == 2 * CANARIES
    # the dump from before, beside the key of today: the keys in it are locked with the old one
    _restore(server, "revenu", dump)
    server_before = server.locate("revenu")
    own.environment["PASSERELLE_JOURNAL"] = server_before
    assert own.command("run").returncode == 3
    assert _try_opening(own, journal=server_before) == "incident.key.other"
    acts = server.act(
        "SELECT organisation, action FROM audit ORDER BY organisation DESC, entry DESC", database="journal"
    )
    assert acts[0] == (OWN, "organisation.shred")


def _shred(house: Workshop, name: str, *, typed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        house.line("organisation", "shred", name, "--why", "fin d'adhésion"),
        cwd=house.folder,
        env=house.variables(),
        input=f"{typed}\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _count_open(house: Workshop) -> int:
    """Count the canaries that open: received files, and rows that were set aside."""
    with open_workspace(load_settings(house.folder / "passerelle.toml")) as workspace:
        ids = [row.id for row in workspace.quarantine.iter_rows()]
        payloads = workspace.quarantine.open_payloads(ids)
        return len(payloads) + sum(map(workspace.depot.is_sound, workspace.depot.list_digests()))


def _try_opening(house: Workshop, journal: str = "") -> str:
    with pytest.MonkeyPatch.context() as patch:
        if journal:
            patch.setenv("PASSERELLE_JOURNAL", journal)
        with pytest.raises(FatalError) as caught, open_workspace(load_settings(house.folder / "passerelle.toml")):
            pass
    return caught.value.code


def _locate_tool(name: str) -> str:
    binaries = find_binaries()
    assert binaries is not None
    return str((binaries / "initdb").resolve().with_name(name))


def _dump(server: SharedServer, database: str, target: Path) -> None:
    command = [_locate_tool("pg_dump"), "-Fc", "-f", str(target), server.locate(database, "postgres")]
    subprocess.run(command, check=True, timeout=120)


def _restore(server: SharedServer, database: str, dump: Path) -> None:
    server.act(f"CREATE DATABASE {database} OWNER passerelle")
    command = [_locate_tool("pg_restore"), "-d", server.locate(database, "postgres"), str(dump)]
    subprocess.run(command, check=True, timeout=120)


def test_a_shared_journal_is_examined_rehearsed_on_and_saved(tmp_path, server):
    house = open_workshop(tmp_path / "maison", server, OWN)
    (house.folder / "sortants").mkdir()
    assert house.command("rehearse", "visites").returncode in (0, 1)
    assert server.act("SELECT count(*) FROM organisation", database="journal") == [(0,)]
    assert _run(house, "mai.csv", visits(8)) == 0
    (house.folder / "entrants" / "juin.csv").write_text(visits(9), "utf-8")
    before = server.act("SELECT id, state FROM parcel", database="journal")
    told = house.command("rehearse", "visites")
    assert told.returncode == 0, told.stderr
    assert server.act("SELECT id, state FROM parcel", database="journal") == before
    assert house.command("doctor", "--offline").returncode in (0, 1)
    saved = house.command("backup", str(tmp_path))
    assert (saved.returncode, len(list(tmp_path.glob("*.tar")))) == (0, 1), "its own organisation, whole"
    assert house.command("key", "rotate", "--why", "essai").returncode == 64
    # an account that no policy binds, and a server that is not there
    bound = house.command("run", PASSERELLE_JOURNAL=server.locate("journal", "postgres"))
    assert bound.returncode == 3
    assert "BYPASSRLS" in bound.stderr
    away = house.command("run", PASSERELLE_JOURNAL="postgresql://x:s3cret@127.0.0.1:9/journal?connect_timeout=2")
    assert away.returncode == 3
    assert "s3cret" not in away.stderr + away.stdout
    together = house.command("run", PASSERELLE_TROUSSEAU=server.locate("journal"))
    assert together.returncode == 3
    shutil.rmtree(house.folder / "etat")
    assert _run(house, "mai.csv", visits(8)) == 0  # another machine: what was delivered is known, nothing is lost
    assert _show_books(house)["balance"]["received"] >= 8
