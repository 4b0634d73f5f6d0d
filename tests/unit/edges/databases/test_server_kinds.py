"""Each kind of server is encrypted and verified, unless its address says otherwise or it is on this machine."""

from __future__ import annotations

import ssl

import pytest
from sqlalchemy import make_url

from passerelle.edges.databases.connection import open_engine
from passerelle.edges.databases.server_kinds import find_kind, parse_url
from passerelle.vocabulary.errors import SettingsError


def protect(address):
    url = make_url(address)
    return find_kind(url).protect(url)


def is_verified(address):
    url = make_url(address)
    return find_kind(url).is_verified(url)


def test_mysql_is_verified_by_name_unless_it_is_here_or_the_address_says():
    url, added = protect("mysql://u:p@base.example/x")
    assert (added["ssl"].check_hostname, added["ssl"].verify_mode) == (True, ssl.CERT_REQUIRED)
    url, added = protect("mysql://u:p@base.example/x?ssl_mode=required&charset=utf8mb4")
    assert (added["ssl"].check_hostname, added["ssl"].verify_mode) == (False, ssl.CERT_NONE)
    assert dict(url.query) == {"charset": "utf8mb4"}
    assert protect("mysql://u:p@base.example/x?ssl_mode=DISABLED")[1] == {"ssl_disabled": True}
    assert protect("mysql://u:p@127.0.0.1/x")[1] == {}
    assert protect("mysql://u:p@/x?unix_socket=/run/mysqld/mysqld.sock")[1] == {}


def test_a_way_to_protect_that_mysql_does_not_know_is_refused():
    with pytest.raises(SettingsError):
        protect("mysql://u:p@base.example/x?ssl_mode=perhaps")


def test_sql_server_is_told_to_encrypt_and_to_verify_whatever_its_driver_takes_for_granted():
    url, _added = protect("mssql://u:p@base.example/x")
    assert dict(url.query) == {
        "driver": "ODBC Driver 18 for SQL Server",
        "Encrypt": "yes",
        "TrustServerCertificate": "no",
    }
    own = "mssql://u:p@base.example/x?driver=Autre&encrypt=no"
    assert dict(protect(own)[0].query) == {"driver": "Autre", "encrypt": "no", "TrustServerCertificate": "no"}
    assert protect("mssql://u:p@127.0.0.1/x")[0].query["Encrypt"] == "no"


@pytest.mark.parametrize(
    ("address", "dsn"),
    [
        ("oracle://u:p@base.example/service", "tcps://base.example:2484/service"),
        ("oracle://u:p@base.example:1530/?service_name=s", "tcps://base.example:1530/s"),
        ("oracle://u:p@base.example/s?protocol=tcp", "tcp://base.example:1521/s"),
        ("oracle://u:p@127.0.0.1/s", "tcp://127.0.0.1:1521/s"),
    ],
)
def test_oracle_is_reached_by_tls(address, dsn):
    url, added = protect(address)
    assert added == {"dsn": dsn}
    assert not url.query


def test_the_dialect_of_oracle_takes_the_service_that_we_name_and_not_another():
    url, added = protect("oracle+oracledb://u:p@base.example/service?wallet_location=/etc/x")
    engine = open_engine("oracle://u:p@base.example/service?wallet_location=/etc/x")
    _positional, named = engine.dialect.create_connect_args(url)
    assert {**named, **added} == {
        "dsn": "tcps://base.example:2484/service",
        "user": "u",
        "password": "p",
        "wallet_location": "/etc/x",
    }
    engine.dispose()


@pytest.mark.parametrize(
    ("address", "verified"),
    [
        ("mysql://base.example/x", True),
        ("mysql://base.example/x?ssl_mode=verify_ca", False),
        ("mysql://base.example/x?ssl_mode=disabled", False),
        ("mysql://localhost/x?ssl_mode=disabled", True),
        ("mssql://base.example/x", True),
        ("mssql://base.example/x?TrustServerCertificate=yes", False),
        ("mssql://base.example/x?encrypt=no", False),
        ("oracle://base.example/x", True),
        ("oracle://base.example/x?protocol=tcp", False),
        ("postgresql://base.example/x", True),
        ("postgresql://base.example/x?sslmode=require", False),
    ],
)
def test_who_gives_protection_up_is_known(address, verified):
    assert is_verified(address) is verified


@pytest.mark.parametrize(
    ("address", "driver"),
    [
        ("mariadb://h/x", "mysql+pymysql"),
        ("mysql+mysqldb://h/x", "mysql+pymysql"),
        ("oracle://h/x", "oracle+oracledb"),
        ("postgres+asyncpg://h/x", None),
    ],
)
def test_the_driver_is_ours(address, driver):
    if driver is None:
        with pytest.raises(SettingsError):
            parse_url(address)
    else:
        assert parse_url(address).drivername == driver


def test_what_a_driver_stands_on_is_named_when_it_is_not_there(monkeypatch):
    def fail(*_words, **_options):
        raise ImportError

    monkeypatch.setattr("passerelle.edges.databases.connection.create_engine", fail)
    with pytest.raises(SettingsError) as refused:
        open_engine("oracle://h/x")
    assert refused.value.code == "incident.flow_database.driver"
