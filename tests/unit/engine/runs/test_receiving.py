"""Who may push is settled when the letter boxes are opened; what is pushed is settled before it is answered."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from passerelle.edges.sources.inbox import MAX_MESSAGE
from passerelle.engine.runs.receiving import Receiver, Reception
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary.errors import FlowError

SECRET, BEFORE = "a-secret-drawn-at-random", "the-secret-of-last-year"
PUSHED = "rdv-solidarites-rdvs-pushed"
HEADER = "x-lapin-signature"


def make_message(ago: timedelta = timedelta(0), **more: str) -> bytes:
    return json.dumps({"meta": {"timestamp": (datetime.now(UTC) - ago).isoformat()}, **more}).encode()


MESSAGE, OTHER = make_message(), make_message(timedelta(minutes=1))
INBOX = '{ kind = "inbox", secret = "env:PUSH_SECRET", previous_secret = "env:PUSH_SECRET_BEFORE" }'
FOLDER = '{ kind = "folder", path = "entrees" }'


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Open the letter boxes of one flow: `opened(connector=…, source=…)`."""
    monkeypatch.setenv("PUSH_SECRET", SECRET)
    monkeypatch.setenv("PUSH_SECRET_BEFORE", BEFORE)
    houses = []

    def call(connector: str = PUSHED, source: str = INBOX, more: str = "", flow: str = "") -> Receiver:
        path = tmp_path / "passerelle.toml"
        path.write_text(
            f'[flow.rdv]\nconnector = "{connector}"\npurpose = "support"\nsource = {source}\n'
            f'destination = {{ kind = "folder", path = "sorties" }}\n{more}\n{flow}\n',
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
    assert receiver.take("rdv", proof(MESSAGE), MESSAGE) is Reception.NOWHERE


def test_a_message_is_taken_once_and_known_from_then_on(opened):
    receiver = opened()
    assert receiver.take("rdv", proof(MESSAGE), MESSAGE) is Reception.TAKEN
    assert receiver.take("rdv", proof(MESSAGE), MESSAGE) is Reception.KNOWN
    assert receiver.take("rdv", proof(OTHER, BEFORE), OTHER) is Reception.TAKEN
    assert receiver.take("autre", proof(MESSAGE), MESSAGE) is Reception.NOWHERE


def test_what_is_taken_rings_for_its_flow_and_what_is_known_or_refused_does_not(opened):
    receiver, rung = opened(), []
    receiver._workspace = replace(receiver._workspace, ring=rung.append)
    assert receiver.take("rdv", {HEADER: "0" * 64}, MESSAGE) is Reception.UNPROVEN
    assert rung == []
    for _ in range(2):
        receiver.take("rdv", proof(MESSAGE), MESSAGE)
    assert rung == ["rdv"]


@pytest.mark.parametrize(
    "headers", [{}, {HEADER: ""}, proof(MESSAGE, "a-secret-of-somebody-else"), proof(MESSAGE + b" ")]
)
def test_what_is_not_proven_is_not_kept(opened, headers):
    receiver = opened()
    assert receiver.take("rdv", headers, MESSAGE) is Reception.UNPROVEN
    assert receiver.take("rdv", proof(MESSAGE), MESSAGE) is Reception.TAKEN, "it was not taken before"


def test_a_message_of_the_greatest_size_is_taken_and_one_byte_more_is_too_big(opened):
    receiver = opened()
    body = MESSAGE.ljust(MAX_MESSAGE)
    assert receiver.take("rdv", proof(body), body) is Reception.TAKEN
    assert receiver.take("rdv", proof(body + b" "), body + b" ") is Reception.TOO_BIG


def test_refusals_are_logged_without_a_word_of_the_message(opened, capsys):
    receiver = opened()
    receiver.take("rdv", {}, b'{"nom":"TREMEUR"}')
    told = capsys.readouterr()
    assert "TREMEUR" not in told.out + told.err


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"not json",
        b'{"meta": {}}',
        b'{"meta": {"timestamp": "2999-01-01T00:00:00+00:00"}}',
        b'{"meta": {"timestamp": 33333333333}}',
    ],
)
def test_a_message_without_a_moment_or_from_the_future_is_refused_although_it_is_signed(opened, body):
    receiver = opened()
    assert receiver.take("rdv", proof(body), body) is Reception.UNPROVEN
    assert receiver.take("rdv", proof(MESSAGE), MESSAGE) is Reception.TAKEN


@pytest.mark.parametrize("days", [0, 29, 900])
def test_a_message_that_was_under_way_for_weeks_is_taken(opened, days):
    body = make_message(timedelta(days=days))
    assert opened().take("rdv", proof(body), body) is Reception.TAKEN


def test_where_a_supplier_signs_anew_what_it_repeats_an_old_message_is_refused(opened):
    receiver = opened()
    box = receiver._boxes["rdv"]
    box.push = replace(box.push, moment_within=300.0)
    for ago, expected in ((600, Reception.UNPROVEN), (100, Reception.TAKEN)):
        body = make_message(timedelta(seconds=ago))
        assert receiver.take("rdv", proof(body), body) is expected


@pytest.mark.parametrize("secret", ["PUSH_SECRET", "PUSH_SECRET_BEFORE"])
def test_two_flows_with_one_secret_take_nothing_at_all(opened, monkeypatch, secret):
    monkeypatch.setenv("OTHER_SECRET", "a-secret-of-another-flow")
    second = (
        '[flow.autre]\nconnector = "rdv-solidarites-rdvs-pushed"\npurpose = "support"\n'
        'source = {{ kind = "inbox", secret = "env:{name}" }}\n'
        'destination = {{ kind = "folder", path = "sorties" }}'
    )
    with pytest.raises(FlowError) as refused:
        opened(flow=second.format(name=secret))
    assert (refused.value.code, refused.value.details) == ("settings.secret.shared", {"flows": "rdv, autre"})
    receiver = opened(flow=second.format(name="OTHER_SECRET"))
    assert receiver.take("autre", proof(MESSAGE), MESSAGE) is Reception.UNPROVEN, "signed for another flow"
