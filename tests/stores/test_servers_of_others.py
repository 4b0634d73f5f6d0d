"""Who is not let in by a MariaDB server learns why, and is protected on the way; what other servers are told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from mail_sink import make_certificate
from mariadb_servers import run_mariadb
from postgresql_servers import find_port
from sqlalchemy import create_engine, text

from passerelle.edges.destinations.database import DatabaseDestination
from passerelle.vocabulary import language
from passerelle.vocabulary.errors import FlowError, SettingsError, TransientError
from passerelle.vocabulary.parcels import BatchKey, Delivery

if TYPE_CHECKING:
    from collections.abc import Iterator

CANARY = "CANARI1850578006084"
REQUIRED = "?ssl_mode=required"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("maria"))


@pytest.fixture(scope="module")
def guarded(certificate) -> Iterator[str]:
    """Yield the address of a server with accounts of several rights, and a certificate."""
    with run_mariadb(certificate) as address:
        engine = create_engine(f"mysql+pymysql://admin:le-bon@{address}/", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in (
                "CREATE DATABASE passerelle",
                "CREATE DATABASE close",
                f"CREATE USER lecteur IDENTIFIED BY '{CANARY}'",
                "GRANT SELECT ON passerelle.* TO lecteur",
                f"CREATE USER ecrivain IDENTIFIED BY '{CANARY}'",
                "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER ON passerelle.* TO ecrivain",
            ):
                connection.execute(text(statement))
        engine.dispose()
        yield address


def refuse(url: str) -> FlowError:
    destination = DatabaseDestination(url)
    with pytest.raises(FlowError) as refused:
        destination.try_out()
    destination.close()
    return refused.value


@pytest.mark.parametrize(
    ("account", "base", "code"),
    [
        ("admin:faux", "passerelle", "incident.flow_database.credentials"),
        (f"inconnu:{CANARY}", "passerelle", "incident.flow_database.credentials"),
        ("admin:le-bon", "rien", "incident.flow_database.absent"),
        (f"lecteur:{CANARY}", "close", "incident.flow_database.right"),
        (f"lecteur:{CANARY}", "passerelle", "incident.flow_database.right"),
    ],
)
def test_what_has_to_be_corrected_is_named_and_suspends_the_flow(guarded, account, base, code):
    refused = refuse(f"mysql://{account}@{guarded}/{base}{REQUIRED}")
    assert refused.code == code
    language.set_language("fr")
    assert "url" in str(refused) or "droit" in str(refused)
    assert CANARY not in repr(refused) + str(refused) + str(refused.details)


def test_a_certificate_of_nobody_is_refused_before_the_password_is_said(guarded):
    assert refuse(f"mysql://admin:faux@{guarded}/x?ssl_mode=verify_identity").code == "incident.flow_database.untrusted"


def test_a_server_whose_certificate_is_named_is_trusted_under_its_own_name_only(guarded, certificate):
    named = f"ssl_mode=verify_identity&ssl_ca={certificate[0]}"
    good = DatabaseDestination(f"mysql://admin:le-bon@{guarded}/passerelle?{named}")
    good.try_out()
    good.close()
    other = guarded.replace("127.0.0.1", "localhost")
    assert refuse(f"mysql://admin:le-bon@{other}/passerelle?{named}").code == "incident.flow_database.untrusted"


def test_a_server_that_does_not_encrypt_is_told_nothing(mariadb_server):
    assert refuse(f"mysql://admin:le-bon@{mariadb_server}/x{REQUIRED}").code == "incident.flow_database.in_clear"


def test_a_certificate_that_is_not_there_and_an_unknown_word_are_told(guarded):
    with pytest.raises(SettingsError) as absent:
        DatabaseDestination(f"mysql://admin:le-bon@{guarded}/passerelle?ssl_ca=/nulle/part.pem")
    assert absent.value.code == "incident.flow_database.certificate_file"
    assert refuse(f"mysql://admin:le-bon@{guarded}/passerelle?mot=x").code == "incident.flow_database.address"


@pytest.mark.parametrize("host", ["nom..impossible", f"{'x' * 64}.example"])
@pytest.mark.parametrize("kind", ["mysql", "mariadb"])
def test_a_host_that_cannot_exist_has_to_be_corrected(kind, host):
    assert refuse(f"{kind}://u:{CANARY}@{host}/x").code == "incident.flow_database.host"


@pytest.mark.parametrize("address", ["mysql://u:{0}@127.0.0.1:{1}/x", "oracle://u:{0}@127.0.0.1:{1}/x"])
def test_a_server_that_is_down_is_waited_for(address):
    down = DatabaseDestination(address.format(CANARY, find_port()))
    with pytest.raises(TransientError) as waits:
        down.try_out()
    down.close()
    assert waits.value.code == "incident.destination.unreachable"


def test_an_account_that_may_not_remove_tables_suffices_and_trying_leaves_what_a_run_makes(guarded):
    destination = DatabaseDestination(f"mysql://ecrivain:{CANARY}@{guarded}/passerelle{REQUIRED}")
    destination.try_out()
    destination.try_out()
    body = json.dumps({"ref": "a:person:1"}).encode()
    frame = pl.DataFrame({"ref": ["a:person:1"]})
    destination.deliver(Delivery("nuit", "person/1", BatchKey("ab" * 32, 0), frame, (body,), ("k",), (1,)))
    assert list(destination.iter_versions("person/1")) == [(["a:person:1"], [1])]
    destination.close()
