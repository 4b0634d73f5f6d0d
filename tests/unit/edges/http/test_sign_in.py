"""Signing in: what is posted, what is repeated, and that no secret shows."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.policy import Policy
from passerelle.edges.http.sign_in import SignInCredentials
from passerelle.vocabulary.errors import FlowError


def signed(clock) -> SignInCredentials:
    return SignInCredentials(
        path="token",
        form={"key": "{username}", "time": "{time}", "api_signature": "{signature}"},
        signs="{username}+GET+{time}",
        member="token",
        life=600,
        username="clef",
        password="privée",
        clock=clock,
    )


def by_headers(clock) -> SignInCredentials:
    return SignInCredentials(
        path="sign_in",
        form={"email": "{username}", "password": "{password}"},
        repeats=("access-token", "uid"),
        life=600,
        username="moi",
        password="secret {uid}",
        clock=clock,
    )


def opened(server, clock, credentials) -> HttpClient:
    return HttpClient(server.url, credentials=credentials, policy=Policy(per_second=0, deadline=5), clock=clock)


def test_the_request_is_signed_and_its_token_travels_in_every_body(server, clock):
    server.follows(server.reply(200, {"status": "OK", "token": "t1"}))
    client = opened(server, clock, signed(clock))
    client.post("search", b'{"pagenum": 1}')
    client.post("search", b'{"pagenum": 2}')
    client.close()
    entered, first, second = server.asked
    form = json.loads(entered.body)
    text = f"clef+GET+{form['time']}".encode()
    assert form["time"].startswith("20260302080000.")
    assert form["api_signature"] == hmac.new("privée".encode(), text, hashlib.sha1).hexdigest().upper()
    assert [json.loads(one.body) for one in (first, second)] == [
        {"pagenum": 1, "token": "t1"},
        {"pagenum": 2, "token": "t1"},
    ]


def test_headers_of_the_answer_are_repeated_and_a_401_signs_in_once_more(server, clock):
    entered = []

    def act(connection, asked):
        if asked.target == "/sign_in":
            entered.append(json.loads(asked.body))
            return server.reply(200, {}, access_token=f"t{len(entered)}", uid="moi")(connection, asked)
        return server.reply(200 if asked.headers["access-token"] == "t2" else 401, {})(connection, asked)

    server.follows(act)
    client = opened(server, clock, by_headers(clock))
    assert client.get("a").status == 200
    client.close()
    assert entered == [{"email": "moi", "password": "secret {uid}"}] * 2


@pytest.mark.parametrize("answer", [{"status": "KO", "message": "clef"}, ["t1"], {"token": 1}])
def test_an_answer_without_a_token_is_a_refusal_whatever_its_status(server, clock, answer):
    server.follows(server.reply(200, answer))
    client = opened(server, clock, signed(clock))
    with pytest.raises(FlowError) as caught:
        client.post("search", b"{}")
    client.close()
    assert caught.value.code == "incident.credentials.refused"


def test_no_secret_shows(clock):
    assert "clef" not in repr(signed(clock))
    assert "privée" not in repr(signed(clock))
