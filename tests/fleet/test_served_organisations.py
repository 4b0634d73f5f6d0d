"""One worker for all organisations of an installation: each under its own key, fair, and failing alone."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest
from fleets import RestartedServer, wait_until
from journeying import Workshop, to_files, visits
from sqlalchemy import NullPool, create_engine, text

from passerelle.engine.settings.installation_settings import read_installation
from passerelle.vocabulary.errors import FatalError, UsageError

pytest.importorskip("procrastinate", reason="the extra fleet is not installed")
from passerelle.fleet.served_organisations import ServedOrganisations, open_members
from passerelle.vocabulary.turns import Fence, FlowKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

INSTALLATION = """[passerelle]
organisations = "organisations/*/passerelle.toml"

[fleet]
heartbeat = 1
sweep_every = 1
look_every = 10
spread = 0
per_organisation = 1
"""
NAMED = """journal = "env:PASSERELLE_JOURNAL"
organisation = "{name}"
key_file = "../../installation.cle"
"""


@pytest.fixture(scope="module")
def server() -> Iterator[RestartedServer]:
    with RestartedServer.start() as started:
        yield started


@pytest.fixture
def federation(tmp_path, server, monkeypatch) -> Federation:
    server.make_database().dispose()
    monkeypatch.setenv("PASSERELLE_JOURNAL", server.url)
    return Federation(tmp_path, server)


class Federation:
    """An installation in a folder, and what became of the exports of its members."""

    def __init__(self, folder: Path, server: RestartedServer) -> None:
        self.folder, self.server = folder, server
        self.workshop = Workshop.at(folder)
        self.workshop.environment["PASSERELLE_JOURNAL"] = server.url
        self.workshop.write(INSTALLATION)

    @property
    def installation(self):
        return read_installation(self.folder / "passerelle.toml")

    def add(self, name: str, exports: int = 1, rows: int = 5, more: str = "") -> Path:
        """Add a member whose exports wait."""
        house = self.folder / "organisations" / name
        for part in ("entrants", "sortants"):
            (house / part).mkdir(parents=True)
        for number in range(exports):
            (house / "entrants" / f"{number}.csv").write_text(visits(rows, first=rows * number), "utf-8")
        own = to_files('kind = "folder", path = "sortants"')
        said = f'state = "etat"\n{NAMED.format(name=name)}'
        (house / "passerelle.toml").write_text(own.replace('state = "etat"\n', said) + more, "utf-8")
        return house

    def count_done(self) -> Mapping[str, int]:
        engine = create_engine(
            f"postgresql+psycopg://postgres@/passerelle?host={self.server.folder}", poolclass=NullPool
        )
        with engine.connect() as connection:
            if not connection.execute(text("SELECT to_regclass('parcel')")).scalar():
                engine.dispose()
                return {}
            rows = connection.execute(
                text("SELECT organisation, count(*) FROM parcel WHERE state = 'done' GROUP BY organisation")
            )
            found = {name: count for name, count in rows}  # noqa: C416  rows, not pairs
        engine.dispose()
        return found

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        with (self.folder / "worker.log").open("ab") as log:
            return subprocess.Popen(
                self.workshop.line("fleet", "work", *options),
                cwd=self.folder,
                env=self.workshop.variables(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def read_events(self, name: str) -> list[dict[str, object]]:
        lines = (self.folder / "worker.log").read_text("utf-8").splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{")]
        return [event for event in events if event["event"] == name]


@pytest.mark.slow
def test_one_worker_serves_every_member_and_what_fails_at_one_fails_alone(federation):
    federation.add("admr-81", exports=3)
    federation.add("una-35")
    federation.add("ccas-29", more="\nnot_a_table = 1\n")  # settings that are refused
    lost = federation.add("mutualite-44")
    lost.joinpath("etat-trousseau").write_text("no folder", "utf-8")  # its keyring cannot be
    worker = federation.start()
    try:
        assert wait_until(lambda: federation.count_done() == {"admr-81": 3, "una-35": 1}, 120), federation.count_done()
        failed = federation.read_events("organisation_failed")
        assert {event["organisation"] for event in failed} == {"ccas-29"}
        assert wait_until(lambda: federation.read_events("turn_failed"), 60)
        assert {event["organisation"] for event in federation.read_events("turn_failed")} == {"mutualite-44"}
        # one that joins is seen without anybody starting anything
        federation.add("entraide-56", exports=2)
        assert wait_until(lambda: federation.count_done().get("entraide-56") == 2, 120)
        status = federation.workshop.command("fleet", "status", "--format", "json")
        told = {one["organisation"]: one for one in json.loads(status.stdout)["organisations"]}
        assert {name: one["workers"] for name, one in told.items()} == {
            "admr-81": 1,
            "entraide-56": 1,
            "mutualite-44": 1,
            "una-35": 1,
        }
        assert {name for name, one in told.items() if one["bells"]["failed"]} == {"mutualite-44"}
        assert status.returncode == 1
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(15) == 0
    for name, files in (("admr-81", 3), ("una-35", 1), ("entraide-56", 2)):
        assert len(list((federation.folder / "organisations" / name / "sortants").iterdir())) == files


def test_on_shared_connections_the_key_of_one_member_opens_nothing_of_another(federation):
    for name in ("admr-81", "una-35"):
        federation.add(name)
    with open_members(federation.installation, (), 1) as (_engine, workspaces):
        sealed = {}
        for name in workspaces.openings:
            with workspaces.lend(Fence(FlowKey(name, "visites"), 1, "me")) as workspace:
                assert workspace.journal.list_parcels() == ()
                workspace.journal.append_audit("journal.begun_anew", "", "", workspace.clock.now(), name)
                sealed[name] = workspace.seal.seal(b"a value", about=b"x")
        for name, other in (("admr-81", "una-35"), ("una-35", "admr-81")):
            with workspaces.lend(Fence(FlowKey(name, "visites"), 2, "me")) as workspace:
                assert workspace.seal.open(sealed[name], about=b"x") == b"a value"
                with pytest.raises(FatalError):
                    workspace.seal.open(sealed[other], about=b"x")
        workspaces.close()


def test_one_whose_settings_change_is_opened_anew_and_one_that_leaves_is_served_no_more(federation):
    house = federation.add("una-35")
    federation.add("admr-81")
    with open_members(federation.installation, (), 1) as (_engine, workspaces):
        fence = Fence(FlowKey("una-35", "visites"), 1, "me")
        with workspaces.lend(fence) as first:
            pass
        assert workspaces.renew() is False
        with workspaces.lend(fence) as again:
            assert again is first
        settings = house / "passerelle.toml"
        settings.write_text(settings.read_text("utf-8").replace("[passerelle]\n", "[passerelle]\nretention_days = 5\n"))
        assert workspaces.renew() is False
        with workspaces.lend(fence) as changed:
            assert changed.settings.retention_days == 5
        # how long the others wait is the installation's to say
        assert changed.settings.fleet.per_organisation == 1
        settings.rename(house / "autre.toml")
        assert workspaces.renew() is True
        assert set(workspaces.openings) == {"admr-81"}
        workspaces.close()


def test_one_that_is_not_in_the_journal_of_the_others_is_named_and_left_out(federation, monkeypatch):
    federation.add("admr-81")
    other = federation.add("una-35") / "passerelle.toml"
    other.write_text(other.read_text("utf-8").replace("PASSERELLE_JOURNAL", "AUTRE_JOURNAL"), "utf-8")
    monkeypatch.setenv("AUTRE_JOURNAL", "postgresql://passerelle@elsewhere/passerelle")
    with open_members(federation.installation, (), 1) as (_engine, workspaces):
        assert set(workspaces.openings) == {"admr-81"}


def test_where_no_member_shares_a_journal_there_is_nothing_for_a_fleet_to_do(federation):
    house = federation.add("una-35") / "passerelle.toml"
    house.write_text(house.read_text("utf-8").replace(NAMED.format(name="una-35"), ""), "utf-8")
    with pytest.raises(UsageError) as caught, open_members(federation.installation, (), 1):
        pass
    assert caught.value.code == "usage.fleet.alone"


def test_only_those_that_are_named_are_served(federation):
    for name in ("admr-81", "una-35", "ccas-29"):
        federation.add(name)
    assert set(ServedOrganisations(federation.installation, ("una-35", "admr-81")).read()) == {"una-35", "admr-81"}
