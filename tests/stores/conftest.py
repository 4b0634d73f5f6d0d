"""Both engines for every test of the stores: SQLite in a temporary folder, PostgreSQL on a socket of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mariadb_servers import run_mariadb
from postgresql_servers import find_binaries, run_as_server
from sqlalchemy import create_engine, make_url, text

from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.quarantine import Quarantine
from passerelle.stores.seal import Seal
from passerelle.stores.settlement import DeliveredRecords, QuarantineItem, ReasonKey, Settlement
from passerelle.vocabulary.outcomes import Balance, Fate, SetAside
from passerelle.vocabulary.parcels import BatchKey, Parcel
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
FLOW = "visites"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Yield the URL of a server: PASSERELLE_TEST_PG, or one started here; skip where there is none."""
    if given := os.environ.get("PASSERELLE_TEST_PG"):
        yield given
        return
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL to start here (binaries; for root, setpriv), and PASSERELLE_TEST_PG names none")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data, control = str(folder / "data"), str(binaries / "pg_ctl")
    run_as_server(str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8")
    # fsync stays on: the crash tests stand on it.
    options = f"-k {folder} -c listen_addresses='' -c max_connections=40"
    run_as_server(control, "-D", data, "-w", "-o", options, "start")
    yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    run_as_server(control, "-D", data, "-w", "-m", "immediate", "stop")
    shutil.rmtree(folder)


_OWNER = "passerelle_essai"
"""An account without rights of its own: who is superuser sees the rows of all organisations."""


@contextmanager
def _database(server_url: str, template: str = "template1", owner: str = _OWNER) -> Iterator[str]:
    """Lend the URL of a new database on the server, as its owner; as the account of the server when there is none."""
    name = f"t{uuid.uuid4().hex}"
    server = create_engine(server_url, isolation_level="AUTOCOMMIT")
    own = server.url.set(database=name)
    with server.connect() as connection:
        there = text("SELECT 1 FROM pg_roles WHERE rolname = :owner")
        if owner and not connection.execute(there, {"owner": owner}).first():
            connection.execute(text(f"CREATE ROLE {owner} LOGIN PASSWORD '{owner}'"))
        owned = f" OWNER {owner}" if owner else ""
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}{owned}"))
    yield (own.set(username=owner, password=owner) if owner else own).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Give an empty PostgreSQL database."""
    with _database(postgresql_server, owner="") as url:
        yield url


@pytest.fixture
def owned_postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Give an empty PostgreSQL database to an account that owns it and has no other right."""
    with _database(postgresql_server) as url:
        yield url


@pytest.fixture
def unencoded_postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Give an empty PostgreSQL database that keeps bytes as they come."""
    with _database(postgresql_server, "template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'") as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[str]:
    """Yield the address of a MariaDB server, `127.0.0.1:port`; skip where there is none."""
    with run_mariadb() as address:
        yield address


@pytest.fixture
def mariadb_url(mariadb_server: str) -> Iterator[str]:
    """Give an empty MariaDB database."""
    name = f"t{uuid.uuid4().hex}"
    server = create_engine(f"mysql+pymysql://admin:le-bon@{mariadb_server}/")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield f"mysql+pymysql://admin:le-bon@{mariadb_server}/{name}"
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> str:
    """Give a place for a database, empty, on each engine in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "state" / "journal.db")
    return request.getfixturevalue("owned_postgresql_url")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory) -> Path:
    """Give a migrated file to copy: a test that is not about migrating need not pay for it."""
    path = tmp_path_factory.mktemp("template") / "journal.db"
    open_database(path).dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: str) -> Iterator[str]:
    """Give the name of a migrated database to copy."""
    with _database(postgresql_server) as url:
        open_database(url).dispose()
        yield str(make_url(url).database)


@pytest.fixture
def copied_postgresql_url(postgresql_server: str, migrated_postgresql: str) -> Iterator[str]:
    """Give a migrated PostgreSQL database."""
    with _database(postgresql_server, migrated_postgresql) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def journal_url(request, tmp_path) -> str:
    """Give a migrated database, on each engine in turn."""
    if request.param == "postgresql":
        return request.getfixturevalue("copied_postgresql_url")
    (tmp_path / "state").mkdir(mode=0o700)
    return str(shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "state" / "journal.db"))


@pytest.fixture
def engine(journal_url):
    engine = open_database(journal_url)
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

    def item(
        self, payload: bytes = b"cells", reason: str = "validate.field.missing", days: int = 90, likeness: str = ""
    ) -> QuarantineItem:
        place = Place(line=7, column="Statut", field="status")
        aside = SetAside(Fate.REJECTED, reason, place, details={"expected": "DD/MM"}, contract="visit/1")
        return QuarantineItem(aside, payload, NOW + timedelta(days), likeness)

    def known(self, key: bytes, content: bytes = b"c" * 16, version: int = 1, remote: str = "") -> DeliveredRecords:
        return DeliveredRecords("visit/1", key.ljust(16, b"."), content, (version,), (remote,))

    def settlement(self, number=0, *, parcel="a", run=1, items=(), known=(), delivered=None, flow=FLOW, at=NOW):
        delivered = len(known) if delivered is None else delivered
        fates = {Fate.DELIVERED: delivered, Fate.REJECTED: len(items)}
        reasons = {
            ReasonKey("visit/1", "", item.aside.reason, "Statut", "status", "rejected"): len(items) for item in items
        }
        return Settlement(
            flow=flow,
            run=run,
            batch=BatchKey(parcel * 64, number),
            balance=Balance(delivered + len(items), fates),
            at=at,
            reasons=reasons,
            quarantined=tuple(items),
            delivered=tuple(known),
        )


@pytest.fixture(scope="session")
def make() -> Maker:
    return Maker()


@pytest.fixture
def registered(journal, make) -> Journal:
    """Give a journal with a parcel «aaa…» and a run 1."""
    journal.register(make.parcel())
    assert journal.begin_run([FLOW], NOW) == 1
    return journal
