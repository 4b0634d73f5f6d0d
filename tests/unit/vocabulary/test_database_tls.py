"""A PostgreSQL server elsewhere is verified, unless its address says otherwise."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url

from passerelle.vocabulary.database_tls import choose_tls, is_verified

LOCAL = [
    "postgresql://u@/db",
    "postgresql://u@localhost/db",
    "postgresql://u@127.0.0.1:5433/db",
    "postgresql://u@[::1]/db",
    "postgresql://u@localhost/db?hostaddr=127.0.0.1",
    "postgresql://u@/db?host=/var/run/postgresql",
    "postgresql:///db?host=localhost:5432&host=127.0.0.1:5433",
]
ELSEWHERE = [
    "postgresql://u:p@db.example/db",
    "postgresql://u@10.0.0.5/db",
    "postgresql://u@localhost.example/db",
    "postgresql:///db?host=/run&host=db.example",
    "postgresql:///db?service=elsewhere",
    "postgresql://u@localhost/db?hostaddr=10.0.0.5",
    "postgresql:///db?hostaddr=127.0.0.1&hostaddr=10.0.0.5",
]


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PGHOST", raising=False)
    monkeypatch.delenv("PGHOSTADDR", raising=False)


def choose(address: str) -> dict[str, str]:
    url = make_url(address)
    return choose_tls(url.host, url.query)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_a_server_elsewhere_is_verified(address):
    assert choose(address) == {"sslmode": "verify-full", "sslrootcert": "system"}


@pytest.mark.parametrize("address", LOCAL)
def test_a_server_on_this_machine_is_not_asked_for_a_certificate(address):
    assert choose(address) == {}


@pytest.mark.parametrize(("name", "value"), [("PGHOST", "db.example"), ("PGHOSTADDR", "10.0.0.5")])
def test_a_host_of_the_environment_counts(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert choose("postgresql:///db")["sslmode"] == "verify-full"


def test_roots_of_ones_own_are_left_to_the_driver(tmp_path):
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").write_text("")
    assert choose("postgresql://u@db.example/db") == {"sslmode": "verify-full"}
    assert choose("postgresql://u@db.example/db?sslrootcert=/x") == {"sslmode": "verify-full"}


@pytest.mark.parametrize("mode", ["disable", "prefer", "require", "verify-ca"])
def test_an_address_that_says_otherwise_decides_and_is_told(mode):
    url = make_url(f"postgresql://u@db.example/db?sslmode={mode}")
    assert choose_tls(url.host, url.query) == {}
    assert not is_verified(url.host, url.query)


@pytest.mark.parametrize("address", [*LOCAL, *ELSEWHERE, "postgresql://u@db.example/db?sslmode=verify-full"])
def test_what_says_nothing_is_verified_or_here(address):
    url = make_url(address)
    assert is_verified(url.host, url.query)
