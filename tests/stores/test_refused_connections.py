"""Who is not let in by a PostgreSQL server learns why, by the server's code: the flow is suspended, or waits."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from postgresql_servers import find_port, run_guarded_server
from sqlalchemy import create_engine, text

from passerelle.edges.databases import refused_connections
from passerelle.edges.databases.refused_connections import find_refusal
from passerelle.edges.destinations.database import DatabaseDestination
from passerelle.vocabulary import language
from passerelle.vocabulary.errors import FlowError, TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator

CANARY = "CANARI1850578006084"


@pytest.fixture(scope="module")
def guarded_server() -> Iterator[str]:
    """Yield the address of a server that asks for passwords: `127.0.0.1:port`."""
    with run_guarded_server() as address:
        engine = create_engine(f"postgresql+psycopg://postgres:le-bon@{address}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in (
                f"CREATE ROLE lecteur LOGIN PASSWORD '{CANARY}'",
                "CREATE DATABASE close",
                "REVOKE CONNECT ON DATABASE close FROM PUBLIC",
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            ):
                connection.execute(text(statement))
        engine.dispose()
        yield address


@pytest.mark.parametrize(
    ("account", "base", "code"),
    [
        ("postgres:faux", "postgres", "incident.flow_database.credentials"),
        ("postgres", "postgres", "incident.flow_database.credentials"),
        (f"inconnu:{CANARY}", "postgres", "incident.flow_database.credentials"),
        ("postgres:le-bon", "rien", "incident.flow_database.absent"),
        (f"lecteur:{CANARY}", "close", "incident.flow_database.right"),
        (f"lecteur:{CANARY}", "postgres", "incident.flow_database.right"),
    ],
)
def test_what_has_to_be_corrected_is_named_and_suspends_the_flow(guarded_server, account, base, code):
    destination = DatabaseDestination(f"postgresql://{account}@{guarded_server}/{base}")
    with pytest.raises(FlowError) as refused:
        destination.try_out()
    destination.close()
    assert refused.value.code == code
    language.set_language("fr")
    assert "url" in str(refused.value) or "droit" in str(refused.value)
    assert CANARY not in repr(refused.value) + str(refused.value) + str(refused.value.details)


def test_a_server_that_refuses_encryption_is_told_and_nothing_is_sent_in_clear(guarded_server):
    destination = DatabaseDestination(f"postgresql://postgres:le-bon@{guarded_server}/postgres?sslmode=require")
    with pytest.raises(FlowError) as refused:
        destination.try_out()
    destination.close()
    assert refused.value.code == "incident.flow_database.in_clear"


@pytest.mark.parametrize("host", ["nom..impossible", f"{'x' * 64}.example"])
def test_a_host_that_cannot_exist_has_to_be_corrected(host):
    destination = DatabaseDestination(f"postgresql://u:{CANARY}@{host}/x")
    with pytest.raises(FlowError) as refused:
        destination.try_out()
    destination.close()
    assert refused.value.code == "incident.flow_database.host"


def test_a_name_server_that_does_not_answer_is_no_answer(monkeypatch):
    def fail(*_arguments):
        raise socket.gaierror(socket.EAI_AGAIN, "x")

    monkeypatch.setattr(refused_connections.socket, "getaddrinfo", fail)
    assert refused_connections.is_unknown("base.example") is False


def test_a_server_that_is_down_or_full_is_waited_for(guarded_server):
    down = DatabaseDestination(f"postgresql://postgres:le-bon@127.0.0.1:{find_port()}/postgres")
    with pytest.raises(TransientError):
        down.try_out()
    down.close()
    engine = create_engine(f"postgresql+psycopg://postgres:le-bon@{guarded_server}/postgres", pool_size=8)
    connections = [engine.connect() for _ in range(8)]
    full = DatabaseDestination(f"postgresql://lecteur:{CANARY}@{guarded_server}/postgres")
    with pytest.raises(TransientError) as waits:
        full.try_out()
    full.close()
    for connection in connections:
        connection.close()
    engine.dispose()
    assert waits.value.code == "incident.destination.unreachable"


def test_a_connection_that_succeeds_has_no_code_and_neither_has_nonsense(guarded_server):
    host, port = guarded_server.split(":")
    good = {"host": host, "port": port, "user": "postgres", "password": "le-bon", "dbname": "postgres"}
    assert find_refusal(good) == ""
    assert find_refusal(good | {"dbname": "rien"}) == "3D000"
    assert find_refusal({"aucun": "sens"}) == ""
