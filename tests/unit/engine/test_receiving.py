"""Who may push is settled when the letter boxes are opened; what is pushed is settled before it is answered."""

from __future__ import annotations

import hmac
from hashlib import sha256

import pytest

from passerelle.edges.sources.inbox import MAX_MESSAGE
from passerelle.engine.assembly import open_workspace
from passerelle.engine.receiving import Receiver, Reception
from passerelle.engine.settings import load_settings
from passerelle.vocabulary.errors import FlowError

SECRET, BEFORE = "a-secret-drawn-at-random", "the-secret-of-last-year"
PUSHED = "rdv-solidarites-rdvs-pushed"
HEADER = "x-lapin-signature"
INBOX = '{ kind = "inbox", secret = "env:PUSH_SECRET", previous_secret = "env:PUSH_SECRET_BEFORE" }'
FOLDER = '{ kind = "folder", path = "entrees" }'


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Open the letter boxes of one flow: `opened(connector=…, source=…)`."""
    monkeypatch.setenv("PUSH_SECRET", SECRET)
    monkeypatch.setenv("PUSH_SECRET_BEFORE", BEFORE)
    houses = []

    def call(connector: str = PUSHED, source: str = INBOX, more: str = "") -> Receiver:
        path = tmp_path / "passerelle.toml"
        path.write_text(
            f'[flow.rdv]\nconnector = "{connector}"\npurpose = "support"\nsource = {source}\n'
            f'destination = {{ kind = "folder", path = "sorties" }}\n{more}\n',
            "utf-8",
        )
        context = open_workspace(load_settings(path))
        houses.append(context)
        return Receiver(context.__enter__())

    yield call
    for context in houses:
        context.__exit__(None, None, None)


def proof(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {HEADER: hmac.new(secret.encode(), body, sha256).hexdigest()}


def test_a_connector_that_takes_no_messages_is_refused_by_its_name(opened):
    with pytest.raises(FlowError) as refused:
        opened("compani-interventions")
    assert (refused.value.code, refused.value.details) == (
        "settings.connector.no_push",
        {"connector": "compani-interventions"},
    )


@pytest.mark.parametrize(("name", "secret"), [("PUSH_SECRET", "x" * 15), ("PUSH_SECRET_BEFORE", "x" * 15)])
def test_a_secret_of_fifteen_characters_can_be_guessed_and_one_of_sixteen_is_taken(opened, monkeypatch, name, secret):
    monkeypatch.setenv(name, secret)
    with pytest.raises(FlowError) as refused:
        opened()
    assert (refused.value.code, refused.value.details) == ("settings.secret.short", {"least": "16"})
    monkeypatch.setenv(name, "x" * 16)
    assert opened().flows == ["rdv"]


@pytest.mark.parametrize(("source", "more"), [(FOLDER, ""), (INBOX, "enabled = false")])
def test_a_flow_that_is_off_or_reads_otherwise_takes_nothing(opened, source, more):
    receiver = opened(source=source, more=more)
    assert receiver.flows == []
    assert receiver.take("rdv", proof(b"{}"), b"{}") is Reception.NOWHERE


def test_a_message_is_taken_once_and_known_from_then_on(opened):
    receiver = opened()
    assert receiver.take("rdv", proof(b"{}"), b"{}") is Reception.TAKEN
    assert receiver.take("rdv", proof(b"{}"), b"{}") is Reception.KNOWN
    assert receiver.take("rdv", proof(b"[]", BEFORE), b"[]") is Reception.TAKEN
    assert receiver.take("autre", proof(b"{}"), b"{}") is Reception.NOWHERE


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, proof(b"{}", "a-secret-of-somebody-else"), proof(b"{ }")])
def test_what_is_not_proven_is_not_kept(opened, headers):
    receiver = opened()
    assert receiver.take("rdv", headers, b"{}") is Reception.UNPROVEN
    assert receiver.take("rdv", proof(b"{}"), b"{}") is Reception.TAKEN, "it was not taken before"


def test_a_message_of_the_greatest_size_is_taken_and_one_byte_more_is_too_big(opened):
    receiver = opened()
    body = b" " * MAX_MESSAGE
    assert receiver.take("rdv", proof(body), body) is Reception.TAKEN
    assert receiver.take("rdv", proof(body + b" "), body + b" ") is Reception.TOO_BIG


def test_refusals_are_logged_without_a_word_of_the_message(opened, capsys):
    receiver = opened()
    receiver.take("rdv", {}, b'{"nom":"TREMEUR"}')
    told = capsys.readouterr()
    assert "TREMEUR" not in told.out + told.err
