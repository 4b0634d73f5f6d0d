"""Both engines for every test of the stores: SQLite in a temporary folder, PostgreSQL on a socket of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.quarantine import Quarantine, QuarantineItem
from passerelle.stores.seal import Seal
from passerelle.stores.settlement import KnownRecord, ReasonKey, Settlement
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.parcels import BatchKey, Parcel, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
FLOW = "visites"


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _as_server(*command: str) -> list[str]:
    """Prefix a command with a change of user: the server refuses to run as root."""
    if os.geteuid() != 0:
        return list(command)
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Give the URL of a server: PASSERELLE_TEST_PG, or one started here; skip where there is none."""
    if given := os.environ.get("PASSERELLE_TEST_PG"):
        yield given
        return
    binaries = _binaries()
    if binaries is None or (os.geteuid() == 0 and not shutil.which("setpriv")):
        pytest.skip("no PostgreSQL server binaries here, and PASSERELLE_TEST_PG names no server")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", "check": True}
    data, control = str(folder / "data"), str(binaries / "pg_ctl")
    subprocess.run(_as_server(str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-N"), **quiet)
    # fsync stays on: the crash tests stand on it.
    options = f"-k {folder} -c listen_addresses='' -c max_connections=40"
    subprocess.run(_as_server(control, "-D", data, "-w", "-o", options, "start"), **quiet)
    yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    subprocess.run(_as_server(control, "-D", data, "-w", "-m", "immediate", "stop"), **quiet)
    shutil.rmtree(folder)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Give the URL of an empty database."""
    name = f"t{uuid.uuid4().hex}"
    server = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> str:
    """Give a place for a database, on each engine in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "state" / "journal.db")
    return request.getfixturevalue("postgresql_url")


@pytest.fixture
def engine(url):
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def seal(tmp_path) -> Seal:
    return Seal.from_key_file(tmp_path / "state" / "key", create=True)


@pytest.fixture
def journal(engine, seal) -> Journal:
    return Journal(engine, seal)


@pytest.fixture
def quarantine(engine, seal) -> Quarantine:
    return Quarantine(engine, seal)


@dataclass(frozen=True)
class Maker:
    """Makes what tests settle, with few words."""

    now: datetime = NOW
    flow: str = FLOW

    def parcel(self, letter: str = "a", flow: str = FLOW) -> Parcel:
        return Parcel(letter * 64, flow, 1234, NOW, "Suivi Mme Untel.csv", 1 << 20, 5000)

    def item(self, payload: bytes = b"cells", reason: str = "validate.field.missing", days: int = 90) -> QuarantineItem:
        place = Place(line=7, column="Statut", field="status")
        return QuarantineItem(Fate.REJECTED, reason, place, {"expected": "DD/MM"}, "visit/1", payload, NOW + timedelta(days))

    def known(self, key: bytes, content: bytes = b"c" * 16, version: int = 1, remote: str = "") -> KnownRecord:
        return KnownRecord("visit/1", key.ljust(16, b"."), content, version, remote)

    def settlement(self, number=0, *, parcel="a", run=1, items=(), known=(), delivered=None, flow=FLOW, at=NOW):
        delivered = len(known) if delivered is None else delivered
        fates = {Fate.DELIVERED: delivered, Fate.REJECTED: len(items)}
        reasons = {ReasonKey("visit/1", "", item.reason, "Statut", "status", "rejected"): len(items) for item in items}
        return Settlement(
            flow=flow,
            run=run,
            batch=BatchKey(parcel * 64, number),
            balance=Balance(delivered + len(items), fates),
            at=at,
            reasons=reasons,
            quarantined=tuple(items),
            known=tuple(known),
        )


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.fixture
def registered(journal, make) -> Journal:
    """Give a journal with a parcel «aaa…» and a run 1."""
    journal.register(make.parcel())
    assert journal.begin_run([FLOW], NOW) == 1
    return journal
