"""A PostgreSQL that holds the journal of several organisations, with a database of its own for their keyrings."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeying import Workshop, to_files
from postgresql_servers import run_guarded_server
from sqlalchemy import create_engine, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNT = "passerelle"
NAMED = """journal = "env:PASSERELLE_JOURNAL"
organisation = "{name}"
keyring = "env:PASSERELLE_TROUSSEAU"
key_file = "{key}"
"""


@dataclass(frozen=True)
class SharedServer:
    """A server, and the addresses that organisations are given."""

    address: str

    def locate(self, database: str, account: str = ACCOUNT) -> str:
        return f"postgresql://{account}:le-bon@{self.address}/{database}"

    @property
    def variables(self) -> dict[str, str]:
        return {"PASSERELLE_JOURNAL": self.locate("journal"), "PASSERELLE_TROUSSEAU": self.locate("trousseau")}

    def act(self, *statements: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run statements as superuser, whom no policy binds; return the rows of the last one."""
        engine = create_engine(
            f"postgresql+psycopg{self.locate(database, 'postgres')[10:]}", isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            for statement in statements:
                result = connection.execute(text(statement))
            rows = [tuple(row) for row in result] if result.returns_rows else []
        engine.dispose()
        return rows


@contextmanager
def serve_shared() -> Iterator[SharedServer]:
    """Run a server with an ordinary account that owns two databases."""
    with run_guarded_server() as address:
        server = SharedServer(address)
        server.act(f"CREATE ROLE {ACCOUNT} LOGIN PASSWORD 'le-bon'")
        server.act(*(f"CREATE DATABASE {name} OWNER {ACCOUNT}" for name in ("journal", "trousseau")))
        yield server


def make_settings(name: str = "", key: str = "../installation.cle", destination: str = "") -> str:
    """Write settings of one flow into files; with a name, of an organisation on a shared journal."""
    text = to_files(destination or 'kind = "folder", path = "sortants"')
    return text.replace('state = "etat"\n', f'state = "etat"\n{NAMED.format(name=name, key=key) if name else ""}')


def open_workshop(folder: Path, server: SharedServer, name: str = "") -> Workshop:
    """Make a folder of an organisation whose commands know the addresses."""
    folder.mkdir()
    workshop = Workshop.at(folder)
    workshop.environment |= server.variables
    workshop.write(make_settings(name))
    return workshop
