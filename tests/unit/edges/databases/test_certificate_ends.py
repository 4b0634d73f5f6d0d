"""A PostgreSQL server is asked for its certificate as libpq asks, and told nothing; ours is read where it lies."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mail_sink import make_certificate
from postgresql_servers import find_binaries, run_as_server
from tls_servers import serve_database

from passerelle.edges.databases.certificate_ends import find_client_end, find_server_end

NEAR = timedelta(hours=1)


def _expect(days):
    return datetime.now(UTC) + timedelta(days=days)


@pytest.mark.parametrize("days", [5, -3])
def test_the_end_of_a_server_is_read_also_when_it_is_over(tmp_path, days):
    with serve_database(make_certificate(tmp_path, days)) as port:
        found = find_server_end(f"postgresql://compte:mot@127.0.0.1:{port}/base")
    assert abs(found - _expect(days)) < NEAR


def test_a_server_without_encryption_or_that_does_not_answer_or_a_socket_has_none(tmp_path):
    with serve_database(None) as port:
        assert find_server_end(f"postgresql://127.0.0.1:{port}/base") is None
    assert find_server_end(f"postgresql://127.0.0.1:{port}/base") is None
    assert find_server_end("postgresql:///base?host=/var/run/postgresql") is None
    assert find_server_end("sqlite:///base.db") is None
    assert find_server_end("n'importe quoi") is None
    with serve_database(make_certificate(tmp_path)) as port:
        assert find_server_end(f"postgresql://127.0.0.1:{port}/base?sslmode=disable") is None


def test_our_own_certificate_is_read_where_the_address_says(tmp_path):
    certificate, key = make_certificate(tmp_path, 9)
    address = "postgresql://serveur.exemple.fr/base?sslcert={}"
    assert abs(find_client_end(address.format(certificate)) - _expect(9)) < NEAR
    assert find_client_end(address.format(tmp_path / "absent.pem")) is None
    assert find_client_end(address.format(key)) is None
    assert find_client_end("postgresql://serveur.exemple.fr/base") is None
    assert find_client_end(f"sqlite:///base.db?sslcert={certificate}") is None


def test_a_real_server_shows_the_certificate_that_it_was_given():
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL to start here")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    certificate, key = make_certificate(folder, 12)
    key.chmod(0o600)
    if os.geteuid() == 0:
        for path in (folder, certificate, key):
            shutil.chown(path, "postgres", "postgres")
    data, control = str(folder / "data"), str(binaries / "pg_ctl")
    try:
        run_as_server(str(binaries / "initdb"), "-D", data, "-N", "-A", "trust", "-U", "postgres")
        options = f"-k {folder} -c listen_addresses=127.0.0.1 -c port={port} -c fsync=off -c ssl=on"
        options += f" -c ssl_cert_file={certificate} -c ssl_key_file={key}"
        run_as_server(control, "-D", data, "-w", "-o", options, "start")
        try:
            found = find_server_end(f"postgresql://postgres@127.0.0.1:{port}/postgres")
        finally:
            run_as_server(control, "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
    assert abs(found - _expect(12)) < NEAR
