"""Where we may connect to: public addresses, this machine by its literal name, private ones when declared."""

from __future__ import annotations

import socket
from functools import partial
from ipaddress import ip_address
from threading import Thread

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.network import is_loopback_name, is_reachable
from passerelle.edges.http.policy import Policy
from passerelle.vocabulary.errors import FlowError

PRIVATE = ["10.1.2.3", "172.16.0.1", "192.168.1.1", "fd00::1"]
NEVER = [
    "0.0.0.0",  # noqa: S104  nobody binds to it here
    "169.254.169.254", "fe80::1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::", "ff02::1",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
]  # fmt: skip
RESERVED = [
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
]
PUBLIC = ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE + NEVER + RESERVED + ["127.0.0.1", "::1"])
def test_nothing_but_public_addresses_without_a_word_of_the_operator(address):
    assert not is_reachable(ip_address(address), private=False, loopback=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_when_declared(address):
    assert is_reachable(ip_address(address), private=True, loopback=False)


@pytest.mark.parametrize("address", NEVER)
def test_link_local_and_the_like_never(address):
    assert not is_reachable(ip_address(address), private=True, loopback=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address):
    assert is_reachable(ip_address(address), private=False, loopback=False)


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_every_disguise(address):
    plain = is_reachable(address, private=False, loopback=False)
    for start in ("::ffff:0:0", "64:ff9b::"):
        disguised = ip_address(int(ip_address(start)) + int(address))
        assert is_reachable(disguised, private=False, loopback=False) == plain


@pytest.mark.parametrize(("host", "expected"), [
    ("localhost", True), ("127.0.0.1", True), ("127.8.9.1", True), ("::1", True),
    ("localhost.example", False), ("10.0.0.1", False), ("", False),
])  # fmt: skip
def test_this_machine_is_known_by_its_literal_names(host, expected):
    assert is_loopback_name(host) is expected


@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["169.254.169.254"]])
def test_a_public_name_that_leads_inside_is_refused_before_connecting(clock, monkeypatch, found):
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: entries)
    client = HttpClient("https://api.example", policy=Policy(per_second=0), clock=clock)
    with pytest.raises(FlowError) as caught:
        client.get("a")
    assert caught.value.code == "incident.address.private"
    client.close()


def test_a_name_is_connected_to_at_the_address_that_was_checked(server, clock, monkeypatch):
    port = int(server.url.rpartition(":")[2])
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: entries)
    client = HttpClient(f"http://api.internal:{port}", policy=Policy(allowed_private=True, per_second=0), clock=clock)
    assert client.get("a").status == 200
    assert server.asked[0].headers["host"] == f"api.internal:{port}"
    client.close()


@pytest.fixture
def writing(monkeypatch):
    """Put something in the way of everything that is written to the network."""

    def put(instead):
        class Backend(httpcore.SyncBackend):
            def connect_tcp(self, *args, **kwargs):
                stream = super().connect_tcp(*args, **kwargs)
                stream.write = partial(instead, stream.write)
                return stream

        monkeypatch.setattr(httpcore, "SyncBackend", Backend)

    return put


@pytest.mark.parametrize(("size", "most"), [(2, 1), (10_000, 1), (1_000_000, 16)])
def test_the_head_of_a_request_and_a_small_body_are_sent_in_one_go(server, clock, writing, size, most):
    sizes = []

    def noted(write, buffer, timeout):
        sizes.append(len(buffer))
        write(buffer, timeout)

    writing(noted)
    client = HttpClient(server.url, policy=Policy(per_second=0), clock=clock)
    client.post("a", b"x" * size)
    client.close()
    assert server.asked[0].body == b"x" * size
    assert len(sizes) == most
    assert max(sizes) <= 65_536


def test_an_answer_that_came_before_everything_was_sent_counts(clock, writing):
    def broken(_write, _buffer, _timeout):
        raise httpcore.WriteError

    def answer(listener):
        with listener.accept()[0] as connection:
            connection.sendall(b"HTTP/1.1 413 Word\r\nContent-Length: 0\r\n\r\n")
            connection.recv(1)

    writing(broken)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=answer, args=(listener,), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = HttpClient(url, policy=Policy(per_second=0, attempts=1), clock=clock)
        assert client.post("a", b"{}").status == 413
        client.close()
