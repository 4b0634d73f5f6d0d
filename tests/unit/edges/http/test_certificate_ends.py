"""The end of a certificate is what was shown at the last connection, of the server that was asked, and of no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tls_servers import make_trusted, serve_api

from passerelle.edges.http import network
from passerelle.edges.http.certificate_ends import find_certificate_end
from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.policy import Policy
from passerelle.vocabulary.errors import FlowError

NEAR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _as_before():
    yield
    network._make_tls_context.cache_clear()


def _ask(address, clock):
    client = HttpClient(address, policy=Policy(deadline=5, per_second=0), clock=clock)
    try:
        return client.get("a").status
    finally:
        client.close()


def test_it_is_known_after_a_call_by_host_and_port_and_newer_with_the_next(tmp_path, monkeypatch, clock):
    soon, later = make_trusted(tmp_path / "tls", monkeypatch, 5, 300)
    with serve_api(soon) as port, serve_api(later) as other:
        address = f"https://127.0.0.1:{port}/v1"
        assert find_certificate_end(address) is None
        assert _ask(address, clock) == 201
        assert abs(find_certificate_end(address) - datetime.now(UTC) - timedelta(days=5)) < NEAR
        assert find_certificate_end(f"https://127.0.0.1:{other}") is None
        assert find_certificate_end(f"http://127.0.0.1:{port}") is None
        assert find_certificate_end("n'importe quoi") is None
    with serve_api(later, port):
        assert _ask(address, clock) == 201
        assert abs(find_certificate_end(address) - datetime.now(UTC) - timedelta(days=300)) < NEAR


def test_one_that_is_not_trusted_is_not_noted(tmp_path, monkeypatch, clock):
    (over,) = make_trusted(tmp_path / "tls", monkeypatch, -2)
    with serve_api(over) as port:
        with pytest.raises(FlowError) as caught:
            _ask(f"https://127.0.0.1:{port}", clock)
        assert find_certificate_end(f"https://127.0.0.1:{port}") is None
    assert caught.value.code == "incident.supplier.untrusted"
