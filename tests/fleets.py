"""What tests of a fleet are made of: a PostgreSQL that can be restarted, a folder of many flows, workers that die."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from journeying import StandIn, Workshop, visits
from postgresql_servers import find_binaries, run_as_server
from sqlalchemy import create_engine, text

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

ORGANISATION = "seule"
FLOW = """
[flow.{name}]
connector = "compani-interventions"
purpose = "effectivity"
processing = {{ recipient = {{ kind = "payer", name = "Département", country = "FR", secrecy = "CASF, L. 133-5" }}, \
basis = "public_task", special_ground = "h", retention = {{ recipient_days = 1825, then = "erase" }}, \
informed_on = 2020-01-15, council_consulted_on = 2020-01-15 }}
block_bytes = 1024
source = {{ kind = "folder", path = "entrants/{name}", glob = "*.csv", quiet_seconds = 0 }}
destination = {{ kind = "api", base_url = "{url}/recepteur", path = "visits", scheme = "bearer", \
token = "env:STAND_IN_TOKEN", per_second = 2000 }}
"""


@dataclass
class RestartedServer:
    """A PostgreSQL of its own, that can be stopped as at a power cut and started again."""

    folder: Path
    binaries: Path

    @classmethod
    @contextmanager
    def start(cls) -> Iterator[RestartedServer]:
        binaries = find_binaries()
        if binaries is None:
            pytest.skip("no PostgreSQL to start here (binaries; for root, setpriv)")
        server = cls(Path(tempfile.mkdtemp(prefix="pg-")), binaries)
        if os.geteuid() == 0:
            shutil.chown(server.folder, "postgres", "postgres")
        initdb = str(binaries / "initdb")
        run_as_server(initdb, "-D", server.data, "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8")
        server.control("start")
        try:
            yield server
        finally:
            server.control("stop")
            shutil.rmtree(server.folder)

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    @property
    def url(self) -> str:
        return f"postgresql://passerelle@/passerelle?host={self.folder}"

    def control(self, act: str) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=100"
        more = ("-o", options) if act != "stop" else ()
        mode = ("-m", "immediate") if act != "start" else ()
        run_as_server(str(self.binaries / "pg_ctl"), "-D", self.data, "-w", *mode, *more, act)

    def open_everything(self) -> Engine:
        """Return a way in that sees the rows of all organisations."""
        return create_engine(f"postgresql+psycopg://postgres@/passerelle?host={self.folder}", pool_pre_ping=True)

    def make_database(self) -> Engine:
        """Make a new database of an account that is no superuser, and return a way in."""
        server = create_engine(
            f"postgresql+psycopg://postgres@/postgres?host={self.folder}", isolation_level="AUTOCOMMIT"
        )
        with server.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS passerelle WITH (FORCE)"))
            connection.execute(text("DROP ROLE IF EXISTS passerelle"))
            connection.execute(text("CREATE ROLE passerelle LOGIN"))
            connection.execute(text("CREATE DATABASE passerelle OWNER passerelle"))
        server.dispose()
        # whose rows are looked at, as a transaction of the program says it
        whose = {"options": f"-c passerelle.organisation={ORGANISATION}"}
        return create_engine(
            self.url.replace("postgresql:", "postgresql+psycopg:"), pool_pre_ping=True, connect_args=whose
        )


@dataclass
class Fleet:
    """A folder with the settings of many flows towards a recording supplier, and the workers on them."""

    workshop: Workshop
    stand_in: StandIn
    names: list[str]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    below: str = ""
    """The folder of the organisations, where each flow is one's own."""

    @classmethod
    def at(cls, folder: Path, stand_in: StandIn, url: str, count: int, *, rules: str = "") -> Fleet:
        workshop = Workshop.at(folder)
        workshop.environment["PASSERELLE_JOURNAL"] = url
        names = [f"org-{number:03d}" for number in range(count)]
        general = '[passerelle]\njournal = "env:PASSERELLE_JOURNAL"\norganisation = "' + ORGANISATION + '"\n'
        flows = "".join(FLOW.format(name=name, url=stand_in.url) for name in names)
        usual = "heartbeat = 1\nsweep_every = 2\nlook_every = 10\nspread = 2\nper_organisation = 0\n"
        workshop.write(f"{general}\n[fleet]\n{rules or usual}{flows}")
        for name in names:
            (folder / "entrants" / name).mkdir()
        return cls(workshop, stand_in, names)

    @classmethod
    def federate(cls, folder: Path, stand_in: StandIn, url: str, count: int, *, rules: str) -> Fleet:
        """Make an installation of so many organisations, each with a key and one flow of its own."""
        workshop = Workshop.at(folder)
        workshop.environment["PASSERELLE_JOURNAL"] = url
        workshop.write(f'[passerelle]\norganisations = "organisations/*/passerelle.toml"\n\n[fleet]\n{rules}')
        names = [f"org-{number:03d}" for number in range(count)]
        for name in names:
            house = folder / "organisations" / name
            (house / "entrants" / name).mkdir(parents=True)
            general = '[passerelle]\nkey_file = "../../installation.cle"\njournal = "env:PASSERELLE_JOURNAL"\n'
            own = f'organisation = "{name}"\n{FLOW.format(name=name, url=stand_in.url)}'
            (house / "passerelle.toml").write_text(general + own, "utf-8")
        return cls(workshop, stand_in, names, below="organisations")

    def supply(self, name: str, parcels: int, rows: int, *, first: int) -> None:
        """Put exports before a flow, in their order; the rows of each flow are its own."""
        for number in range(parcels):
            house = self.workshop.folder / self.below / name if self.below else self.workshop.folder
            path = house / "entrants" / name / f"{number:03d}.csv"
            path.write_text(visits(rows, first=first + number * rows), "utf-8")
            moment = time.time() - 1_000 + number
            os.utime(path, (moment, moment))

    def add_worker(self, *options: str) -> subprocess.Popen[bytes]:
        log = (self.workshop.folder / f"worker-{len(self.workers)}.log").open("wb")
        worker = subprocess.Popen(
            self.workshop.line("fleet", "work", *options),
            cwd=self.workshop.folder,
            env=self.workshop.variables(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        self.workers.append(worker)
        return worker

    def choose_victim(self, chance: random.Random) -> subprocess.Popen[bytes]:
        """Return a worker that has ended a turn, once there is one: who dies while it starts proves nothing."""
        while True:
            living = [nth for nth, worker in enumerate(self.workers) if worker.poll() is None]
            logs = {nth: (self.workshop.folder / f"worker-{nth}.log").read_bytes() for nth in living}
            begun = [nth for nth, log in logs.items() if b"turn_ended" in log]
            if begun:
                return self.workers[chance.choice(begun)]
            time.sleep(0.1)

    def end(self) -> list[int]:
        """Ask all workers to end, and return their exit codes."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGTERM)
        return [worker.wait(20) for worker in self.workers]

    def kill_all(self) -> None:
        for worker in self.workers:
            worker.send_signal(signal.SIGCONT)
            worker.kill()
            worker.wait()

    def read_status(self) -> dict[str, object]:
        return json.loads(self.workshop.command("fleet", "status", "--format", "json").stdout)

    def list_delivered(self) -> list[tuple[str, str]]:
        """List what the supplier recorded, in its order: the digest of the parcel and the record; no key has two."""
        bodies = [json.loads(body) for _status, body in self.stand_in.effects().values()]
        return [(body["source"]["parcel"], body["ref"]) for body in bodies]


def wait_until(is_so: Callable[[], bool], seconds: float, pause: float = 0.2) -> bool:
    """Whether something comes to be so within a time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(pause)
    return False


def list_registered(engine: Engine) -> dict[str, list[str]]:
    """List the names outside of the parcels of each flow, in order of registration."""
    listed: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for flow, key, outside in connection.execute(text("SELECT flow, key, outside FROM parcel ORDER BY id")):
            listed.setdefault(flow, []).append(outside or key)
    return listed


def has_kept_order(engine: Engine) -> bool:
    """Whether the parcels of each flow were closed in order of registration."""
    late = text(
        "SELECT count(*) FROM parcel earlier JOIN parcel later ON later.flow = earlier.flow AND later.id > earlier.id"
        " WHERE later.closed_at < earlier.closed_at"
    )
    with engine.connect() as connection:
        return connection.execute(late).scalar() == 0


def read_queue(engine: Engine) -> str:
    """Return everything that stands in the tables of the queue."""
    told = []
    with engine.connect() as connection:
        wanted = text("SELECT tablename FROM pg_tables WHERE tablename LIKE 'procrastinate%'")
        for name in connection.execute(wanted).scalars().all():
            told += [str(tuple(row)) for row in connection.execute(text(f"SELECT * FROM {name}"))]  # noqa: S608  names of the catalogue
    return "\n".join(told)


def read_waiting(engine: Engine) -> int:
    """Return how many bells were ever rung; 0 before the tables are there."""
    with engine.connect() as connection:
        if not connection.execute(text("SELECT to_regclass('procrastinate_jobs')")).scalar():
            return 0
        return connection.execute(text("SELECT last_value FROM procrastinate_jobs_id_seq")).scalar_one()


def count_parcels(engine: Engine) -> tuple[int, int]:
    """Return how many parcels are registered, and how many of these are done."""
    with engine.connect() as connection:
        row = connection.execute(text("SELECT count(*), count(*) FILTER (WHERE state = 'done') FROM parcel")).one()
    return row[0], row[1]
