"""Credentials: in headers only, renewed once, by one thread for all."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs

import pytest

from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.concurrent import map_in_order
from passerelle.edges.http.credentials import Basic, Bearer, Header, NoCredentials, OAuth2
from passerelle.edges.http.policy import Policy
from passerelle.vocabulary.errors import FlowError, TransientError


def tokens(server, *, life: int | None = 3600, valid: int = 1):
    """Answer token requests with t1, t2 …; refuse all but the tokens from number `valid` on."""
    given = []

    def act(connection, asked):
        if asked.target == "/token":
            given.append(asked)
            answer = {"access_token": f"t{len(given)}", "token_type": "Bearer"}
            return server.reply(200, answer | ({} if life is None else {"expires_in": life}))(connection, asked)
        number = int(asked.headers["authorization"].removeprefix("Bearer t"))
        return server.reply(200 if number >= valid else 401, {})(connection, asked)

    server.follows(act)
    return given


def opened(server, clock, credentials):
    return HttpClient(server.url, credentials=credentials, policy=Policy(per_second=0, deadline=5), clock=clock)


@pytest.mark.parametrize(
    ("credentials", "name", "value"),
    [
        (Bearer("jeton"), "authorization", "Bearer jeton"),
        (Basic("moi", "secret é"), "authorization", "Basic " + base64.b64encode("moi:secret é".encode()).decode()),
        (Header("X-Api-Key", "clef"), "x-api-key", "clef"),
    ],
)
def test_fixed_credentials_travel_in_their_header(server, clock, credentials, name, value):
    client = opened(server, clock, credentials)
    client.get("a")
    assert server.asked[0].headers[name] == value
    client.close()


def test_no_credentials_add_no_header(server, clock):
    client = opened(server, clock, NoCredentials())
    client.get("a")
    assert "authorization" not in server.asked[0].headers
    client.close()


@pytest.mark.parametrize(
    "credentials",
    [
        Bearer("tres-secret"),
        Basic("tres-secret", "tres-secret"),
        Header("X", "tres-secret"),
        OAuth2("token", "tres-secret", "tres-secret"),
    ],
)
def test_no_repr_holds_a_secret(credentials):
    assert "tres-secret" not in repr(credentials)


@pytest.mark.parametrize("secret", ["with\nline", "with é", "nul\x00"])
def test_a_secret_that_http_cannot_carry_is_said_without_it(server, clock, secret):
    client = opened(server, clock, Bearer(secret))
    with pytest.raises(FlowError) as caught:
        client.get("a")
    assert caught.value.code == "incident.request.malformed"
    assert server.asked == []
    client.close()


@pytest.mark.parametrize("in_body", [True, False])
def test_a_token_is_asked_for_once_with_id_and_secret_where_the_server_wants_them(server, clock, in_body):
    given = tokens(server)
    client = opened(server, clock, OAuth2("token", "moi", "a:b/c", scope="read write", in_body=in_body))
    client.get("a")
    client.get("b")
    form = parse_qs(given[0].body.decode())
    assert len(given) == 1
    assert form["grant_type"] == ["client_credentials"]
    assert form["scope"] == ["read write"]
    if in_body:
        assert form["client_secret"] == ["a:b/c"]
        assert "authorization" not in given[0].headers
    else:
        assert base64.b64decode(given[0].headers["authorization"].split()[1]) == b"moi:a%3Ab%2Fc"
    client.close()


def test_a_refused_token_is_renewed_once_and_the_call_goes_on(server, clock):
    given = tokens(server, valid=2)
    client = opened(server, clock, OAuth2("token", "moi", "secret"))
    assert client.post("a", b"{}").status == 200
    assert len(given) == 2
    client.close()


def test_a_renewed_token_that_is_refused_too_stops_the_flow(server, clock):
    given = tokens(server, valid=99)
    client = opened(server, clock, OAuth2("token", "moi", "secret"))
    with pytest.raises(FlowError) as caught:
        client.get("a")
    assert caught.value.code == "incident.credentials.refused"
    assert len(given) == 2
    client.close()


@pytest.mark.parametrize("life", [0, 10])
def test_a_token_about_to_expire_is_replaced_before_use(server, clock, life):
    given = tokens(server, life=life)
    client = opened(server, clock, OAuth2("token", "moi", "secret"))
    client.get("a")
    client.get("b")
    assert len(given) == 2
    client.close()


def test_eight_threads_cause_one_refresh(server, clock):
    given = tokens(server, valid=2, life=None)
    client = opened(server, clock, OAuth2("token", "moi", "secret"))
    replies = map_in_order(lambda number: client.get(f"a{number}").status, range(24), in_flight=8)
    assert replies == [200] * 24
    assert len(given) == 2
    client.close()


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_token_server_that_refuses_stops_the_flow(server, clock, status):
    server.follows(server.reply(status, {"error": "invalid_client"}))
    client = opened(server, clock, OAuth2("token", "moi", "secret"))
    with pytest.raises(FlowError):
        client.get("a")
    assert len(server.asked) == 1
    client.close()


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"access_token": ""}', b'{"access_token": 7}'])
def test_a_garbled_token_makes_the_batch_wait(server, clock, answer):
    server.follows(server.reply(200, answer))
    client = opened(server, clock, OAuth2("token", "moi", "secret"))
    with pytest.raises(TransientError) as caught:
        client.get("a")
    assert caught.value.code == "incident.supplier.garbled"
    client.close()


def test_a_token_server_elsewhere_is_never_asked_in_clear(server, clock):
    client = opened(server, clock, OAuth2("http://login.example/token", "moi", "secret"))
    with pytest.raises(FlowError) as caught:
        client.get("a")
    assert caught.value.code == "incident.address.clear"
    client.close()


def test_unless_told_otherwise_id_and_secret_travel_in_the_header(server, clock):
    given = tokens(server)
    client = opened(server, clock, OAuth2("token", "moi", "mot"))
    client.get("a")
    assert given[0].headers["authorization"] == "Basic " + base64.b64encode(b"moi:mot").decode()
    assert "client_secret" not in parse_qs(given[0].body.decode())
    client.close()


def test_no_repr_holds_a_token_that_was_received(server, clock):
    tokens(server)
    credentials = OAuth2("token", "moi", "secret")
    client = opened(server, clock, credentials)
    client.get("a")
    assert server.asked[-1].headers["authorization"] == "Bearer t1"
    assert "t1" not in repr(credentials)
    client.close()
