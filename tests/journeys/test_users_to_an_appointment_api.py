"""Users of one software go to another's API: created once, changed under the number that it gave them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.testing.exchanges import RecordedRequest, RecordedResponse
from passerelle.testing.player import Answer, TruncatedResponse, serve_locally
from passerelle.vocabulary.outcomes import Fate

PLUGINS = Path(__file__).parents[2] / "plugins"
SETTINGS = """\
[flow.usagers]
connector = "{connector}"
purpose = "portability"
source = {{ kind = "folder", path = "recu", after = "keep", quiet_seconds = 0 }}

[flow.usagers.destination]
kind = "supplier"
connector = "rdv-solidarites-users"
base_url = "{url}"
allow_private = true
username = "env:RDV_EMAIL"
password = "env:RDV_PASSWORD"
fill = {{ organisation_ref = "rdv-solidarites:organisation:7" }}
"""
KEPT = ("access-token", "client", "uid")
Body = dict[str, object]
Says = Callable[[Body, int], Answer]


def taken(_body: Body, number: int) -> Answer:
    return RecordedResponse(
        200, json.dumps({"user": {"id": 900 + number}}).encode(), {"content-type": "application/json"}
    )


def refusing(status: int, **answer: object) -> Says:
    return lambda _body, _number: RecordedResponse(
        status, json.dumps(answer).encode(), {"content-type": "application/json"}
    )


@dataclass
class Api:
    """Signs in whoever comes, then answers as it is told and remembers what it was asked."""

    says: Says = taken
    asked: list[tuple[str, str, Body]] = field(default_factory=list)

    def hear(self, request: RecordedRequest, headers: Mapping[str, str], body: bytes) -> Answer:
        if request.path.endswith("auth/sign_in"):
            return RecordedResponse(200, b"{}", dict.fromkeys(KEPT, "T"))
        assert all(headers[name] == "T" for name in KEPT)
        self.asked.append((request.method, request.path.strip("/"), json.loads(body)))
        return self.says(json.loads(body), len(self.asked))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RDV_EMAIL", "agent@exemple.invalid")
    monkeypatch.setenv("RDV_PASSWORD", "secret")
    (tmp_path / "recu").mkdir()

    def run(url: str, connector: str, content: str) -> dict[Fate, int]:
        if content:  # nothing new arrived otherwise
            (tmp_path / "recu" / "usagers.json").write_text(content, encoding="utf-8")
        (tmp_path / "passerelle.toml").write_text(SETTINGS.format(url=url, connector=connector), encoding="utf-8")
        with open_workspace(load_settings(tmp_path / "passerelle.toml")) as house:
            number = house.journal.begin_run(["usagers"], house.clock.now())
            outcome = run_flow(house, "usagers", run=number)
        assert outcome.suspended == ""
        return {fate: count for fate, count in outcome.balance.fates.items() if count}

    return run


@contextmanager
def listening(says: Says = taken) -> Iterator[tuple[str, list[tuple[str, str, Body]]]]:
    api = Api(says)
    with serve_locally(api) as url:
        yield url, api.asked


OURS = (PLUGINS / "rdv_solidarites/samples/users/nominal.json").read_text("utf-8")
THEIRS = (PLUGINS / "ogust/samples/customers/nominal.json").read_text("utf-8")


def test_users_with_a_number_of_the_api_are_changed_under_it(run):
    with listening() as (url, asked):
        fates = run(url, "rdv-solidarites-users", OURS)
    users = json.loads(OURS)["users"]
    assert fates == {Fate.DELIVERED: len(users)}
    assert {path for _method, path, _body in asked} == {f"api/v1/users/{user['id']}" for user in users}
    for method, path, body in asked:
        user = next(user for user in users if path.endswith(f"/{user['id']}"))
        assert method == "PATCH"
        assert "organisation_ids" not in body
        for name in ("last_name", "birth_date", "email", "address", "family_situation", "notify_by_sms"):
            assert body.get(name) == user[name]


def test_users_of_another_software_are_created_once_then_changed_under_the_number_they_got(run):
    with listening() as (url, asked):
        fates = run(url, "ogust-customers", THEIRS)
        first = list(asked)
        again = run(url, "ogust-customers", THEIRS.replace("INVENTÉE", "CHANGÉE"))
    assert fates[Fate.DELIVERED] == len(first) > 0
    assert {(method, path, tuple(body["organisation_ids"])) for method, path, body in first} == {
        ("POST", "api/v1/users", ("7",))
    }
    changed = asked[len(first) :]
    assert again == fates
    assert [(method, path) for method, path, _body in changed] == [
        ("PATCH", f"api/v1/users/{900 + number}") for number in range(1, len(first) + 1)
    ]
    assert not any("organisation_ids" in body for _method, _path, body in changed)
    assert {body["last_name"] for _method, _path, body in changed} == {"CHANGÉE"}


@pytest.mark.parametrize(
    "says",
    [
        refusing(422, errors={"email": [{"error": "taken"}]}, error_messages=["email est pris"]),
        refusing(422, errors=["param is missing"]),
        refusing(404, not_found="user"),
    ],
)
def test_a_user_that_the_api_refuses_or_has_no_more_costs_no_other(run, says):
    def last_one(body: Body, number: int) -> Answer:
        return says(body, number) if body["first_name"] == "Bruno" else taken(body, number)

    with listening(last_one) as (url, asked):
        fates = run(url, "rdv-solidarites-users", OURS)
    assert fates == {Fate.REFUSED: 1, Fate.DELIVERED: len(asked) - 1}


def test_an_answer_that_breaks_off_leaves_a_user_unknown_and_is_not_asked_for_again(run):
    with listening(lambda body, number: TruncatedResponse(taken(body, number))) as (url, asked):
        fates = run(url, "rdv-solidarites-users", OURS)
        assert fates == {Fate.UNKNOWN: len(asked)}
        assert run(url, "rdv-solidarites-users", "") == {}
