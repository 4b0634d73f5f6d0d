"""Tokens are made with a reason, for what a recipient may have, and shown once."""

from __future__ import annotations

import pytest
from live_api_room import PLUGINS, SETTINGS
from old_software import settle_in

from passerelle.engine.api.token_acts import TokenRequest, end_token, issue_token, list_tokens
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary.errors import UsageError


@pytest.fixture
def workspace(tmp_path):
    with open_workspace(load_settings(settle_in(tmp_path, SETTINGS)), plugins=PLUGINS) as opened:
        yield opened


def ask(**about) -> TokenRequest:
    asked = {"client": " agenda  du service ", "contracts": ["visit/1"], "purposes": ["planning"], "days": 90}
    return TokenRequest(**(asked | about))


def test_a_token_is_random_and_says_what_it_allows(workspace):
    number, text = issue_token(workspace, ask(), why="agenda du service", who="marie")
    assert text.startswith("pk_")
    assert text != issue_token(workspace, ask(), why="agenda du service", who="marie")[1]
    token = workspace.api.find_token(text)
    assert token.id == number
    # a program of somebody else, unless somebody says more
    assert (token.terms.client, token.terms.recipient) == ("agenda du service", "partner")
    assert not token.terms.may_write
    (entry, _other) = workspace.journal.list_audit_entries()
    assert (entry.action, entry.who, entry.purpose) == ("token.new", "marie", "planning")
    assert text not in f"{entry.subject} {entry.why}"


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"client": ""}, "usage.token.client"),
        ({"client": "a\u200bb"}, "usage.token.client"),
        ({"client": "x" * 81}, "usage.token.client"),
        ({"contracts": ["visit/9"]}, "usage.token.contract"),
        ({"purposes": ["steering"]}, "usage.token.figures"),
        ({"purposes": ["statistics"]}, "usage.token.figures"),
        ({"purposes": ["pay"], "contracts": ["need/1"]}, "usage.token.unserved"),
        ({"purposes": ["portability"], "recipient": "payer"}, "usage.token.unserved"),
    ],
)
def test_what_cannot_be_read_gets_no_token(workspace, about, code):
    with pytest.raises(UsageError) as raised:
        issue_token(workspace, ask(**about), why="agenda du service", who="marie")
    assert raised.value.code == code
    assert list_tokens(workspace) == ()


def test_nothing_is_made_or_taken_back_without_a_reason(workspace):
    with pytest.raises(UsageError, match=r"--why"):
        issue_token(workspace, ask(), why="oui", who="marie")
    number, _text = issue_token(workspace, ask(), why="agenda du service", who="marie")
    with pytest.raises(UsageError, match=r"--why"):
        end_token(workspace, number, why="", who="marie")


def test_a_token_that_is_taken_back_is_closed(workspace):
    number, text = issue_token(workspace, ask(), why="agenda du service", who="marie")
    end_token(workspace, number, why="fin du contrat", who="marie")
    assert not workspace.api.find_token(text).is_open(workspace.clock.now())
    with pytest.raises(UsageError) as raised:
        end_token(workspace, number, why="fin du contrat", who="marie")
    assert raised.value.code == "usage.token.unknown"
