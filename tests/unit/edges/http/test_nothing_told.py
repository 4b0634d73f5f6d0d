"""Canaries in URL, body, headers, secrets and answers: none in any log, exception, traceback or repr."""

from __future__ import annotations

import dataclasses
import logging
import traceback

import pytest

from passerelle.edges.http import body, client, network, wire
from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.credentials import Basic, OAuth2
from passerelle.edges.http.policy import Policy
from passerelle.vocabulary.errors import PasserelleError

CANARY = "CANARI1850578006084"
FAULTS = {
    "500 with a page": lambda server: server.reply(500, CANARY.encode(), X_Name=CANARY),
    "401": lambda server: server.reply(401, {"error": CANARY}),
    "403": lambda server: server.reply(403, {"error": CANARY}),
    "301": lambda server: server.reply(301, Location=f"http://evil.example/{CANARY}"),
    "302": lambda server: server.reply(302, Location=f"http://evil.example/{CANARY}"),
    "reset": lambda server: server.raw(b"", reset=True),
    "not http": lambda server: server.raw(CANARY.encode() + b"\r\n\r\n"),
    "bad header": lambda server: server.raw(b"HTTP/1.1 200 OK\r\n" + CANARY.encode() + b"\r\n\r\n"),
    "wrong length": lambda server: server.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + CANARY.encode()),
    "bad length": lambda server: server.raw(b"HTTP/1.1 200 OK\r\nContent-Length: " + CANARY.encode() + b"\r\n\r\n"),
    "bad gzip": lambda server: server.reply(200, CANARY.encode(), Content_Encoding="gzip"),
    "too large": lambda server: server.reply(200, CANARY.encode() * 1000),
    "garbled token": lambda server: server.reply(200, f'{{"access_token": ["{CANARY}"]'.encode()),
    "drip": lambda server: server.drip(b"HTTP/1.1 200 " + CANARY.encode() * 9, 0.02),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", ["get", "post", "send", "next", "token"])
def test_no_canary_is_told(server, clock, caplog, capfd, fault, call):
    caplog.set_level(logging.DEBUG)
    credentials = OAuth2("token", CANARY, CANARY) if call == "token" else Basic(CANARY, CANARY)
    asked = HttpClient(
        server.url, credentials=credentials, policy=Policy(deadline=0.3, per_second=0, max_bytes=9999), clock=clock
    )
    server.follows(FAULTS[fault](server))
    told = [repr(asked), repr(credentials)]
    calls = {
        "get": lambda: asked.get("visits", {"nir": CANARY}).json(),
        "post": lambda: asked.post("visits", CANARY.encode(), {"X-Name": CANARY}).json(),
        "send": lambda: asked.send("POST", "visits", CANARY.encode(), key_header="X-Key", key=CANARY).json(),
        "next": lambda: asked.get(f"https://evil.example/{CANARY}"),
        "token": lambda: asked.get("visits"),
    }
    try:
        calls[call]()
    except PasserelleError as problem:
        told += [str(problem), repr(problem), "".join(traceback.format_exception(problem)), str(problem.details)]
    else:
        pytest.fail("the fault went unnoticed")
    finally:
        asked.close()
    told += [caplog.text, *capfd.readouterr()]
    assert CANARY not in "".join(told)


def test_what_a_request_holds_is_not_part_of_any_repr():
    shown = [
        f"{kind.__name__}.{entry.name}"
        for module in (client, wire, body, network)
        for kind in vars(module).values()
        if dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__
        for entry in dataclasses.fields(kind)
        if entry.repr and entry.name in {"url", "body", "headers", "content"}
    ]
    assert shown == []
