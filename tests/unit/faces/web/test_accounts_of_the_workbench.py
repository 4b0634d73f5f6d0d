"""Accounts in the browser: invited, taken up, signed in, closed with the next page; and nobody guesses."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from workbench_room import FLOW, OTHER_FLOW, find_form, open_bench

from passerelle.engine.accounts import account_acts
from passerelle.engine.accounts.second_factor import compute_code
from passerelle.faces.web.rights import Role, Visitor

SECRET = "quatre mots sans rapport"


@pytest.fixture
def bench(tmp_path):
    with open_bench(tmp_path, {FLOW: ["inconnu"], OTHER_FLOW: ["inconnu"]}, web='sign_in = "accounts"') as opened:
        yield opened


def show_code(bench, key: str, later: int = 0) -> str:
    return compute_code(key, int(bench.workspace.clock.now().timestamp()) // 30 + later)


def take_up(bench, client, name: str, *, roles=("trieur",), flows=()) -> str:
    """Take up an invitation as a person does; return the key that the telephone has now."""
    code = account_acts.issue_invitation(bench.workspace, name, roles=roles, flows=flows, who="racine")
    form = find_form(client.get("/entrer/invitation").text, "/entrer/invitation")
    sent = form.fields | {"nom": name, "invitation": code, "secret": SECRET}
    assert client.post(form.action, data=sent | {"secret": "court"}).status_code == 422
    page = client.post(form.action, data=sent).text
    key = re.sub(r"\s", "", re.search(r"<dd>([A-Z2-7 ]+)</dd>", page)[1])
    form = find_form(page, "/entrer/code")
    assert client.post(form.action, data=form.fields | {"code": "12345"}).status_code == 422
    answer = client.post(form.action, data=form.fields | {"code": show_code(bench, key)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    return key


def test_somebody_who_was_invited_enters_and_comes_back(bench):
    with bench.make_client() as client:
        key = take_up(bench, client, "marie", flows=[FLOW])
        page = client.get("/flux").text
        assert f"/flux/{FLOW}" in page
        assert f"/flux/{OTHER_FLOW}" not in page
        assert client.get("/personnes").status_code == 403
        form = find_form(page, "/sortir")
        client.post(form.action, data=form.fields)
    with bench.make_client() as client:
        form = find_form(client.get("/entrer").text, "/entrer")
        sent = {"nom": "Marie", "secret": SECRET, "code": show_code(bench, key, 1)}
        wrong = client.post(form.action, data=sent | {"secret": "un autre mot de passe"})
        unknown = client.post(form.action, data=sent | {"nom": "personne"})
        assert wrong.status_code == unknown.status_code == 403
        assert wrong.text.replace('value="Marie"', "") == unknown.text.replace('value="personne"', "")
        assert SECRET not in wrong.text
        assert client.post(form.action, data=sent).status_code == 303
        assert client.get("/").status_code == 200


def test_who_is_closed_out_or_changed_is_so_with_the_next_page(bench):
    with bench.make_client() as client:
        take_up(bench, client, "marie")
        assert client.get("/personnes").status_code == 200
        account_acts.replace_roles(bench.workspace, "marie", roles=["lecteur"], flows=[], who="racine")
        assert client.get("/personnes").status_code == 403
        assert client.get("/").status_code == 200
        account_acts.disable(bench.workspace, "marie", who="racine")
        assert client.get("/").headers["location"] == "/entrer"
        assert client.get("/").headers["location"] == "/entrer"


def test_who_is_invited_anew_is_signed_out_wherever_they_were(bench):
    with bench.make_client() as lost, bench.make_client() as client:
        take_up(bench, lost, "marie")
        (session,) = bench.doorkeeper._sessions.values()
        bench.doorkeeper._sign_ins.clear()
        take_up(bench, client, "marie")
        # within a minute
        session.noted -= timedelta(minutes=2)
        assert lost.get("/").headers["location"] == "/entrer"
        assert client.get("/").status_code == 200


def test_nobody_tries_one_name_for_long_and_links_are_shut(bench):
    with bench.make_client() as client:
        sent = {"nom": "marie", "secret": "x", "code": "000000"}
        answers = [client.post("/entrer", data=sent).status_code for _try in range(7)]
        assert answers == [403] * 5 + [429] * 2
        assert client.post("/entrer", data=sent | {"nom": "ali"}).status_code == 403
        assert client.post("/entrer/lien", data={"form_key": ""}).status_code == 404
        assert "Quitter" not in client.get("/entrer?lien=abc").text
    assert bench.announced == []


def test_without_accounts_there_is_no_invitation_to_take_up(tmp_path):
    with open_bench(tmp_path) as bench, bench.make_client() as client:
        assert client.get("/entrer/invitation").status_code == 404
        for path in ("/entrer/invitation", "/entrer/code"):
            assert client.post(path, data={"form_key": ""}).status_code == 404
        assert client.get("/verifier").status_code == 404


def reopen(bench) -> None:
    """Have the door kept by somebody who remembers nothing, as after a restart."""
    bench.doorkeeper.__init__(bench.workspace.clock, book=bench.workspace.journal)


def test_a_restart_signs_nobody_out_and_a_session_that_was_left_stays_left(bench):
    with bench.make_client() as client:
        take_up(bench, client, "marie")
        form = find_form(client.get("/").text, "/sortir")
        reopen(bench)
        assert client.get("/personnes").status_code == 200
        assert find_form(client.get("/").text, "/sortir").fields == form.fields
        reopen(bench)
        assert client.post(form.action, data=form.fields).headers["location"] == "/entrer"
        token = client.cookies.get("passerelle", "")
    with bench.make_client(passerelle=token) as again:
        reopen(bench)
        assert again.get("/").headers["location"] == "/entrer"


def test_an_account_that_is_closed_opens_nothing_after_a_restart_and_links_are_not_kept(bench):
    link = bench.doorkeeper.open_session(bench.doorkeeper.issue_link(Visitor("x", frozenset({Role.READER}))))
    with bench.make_client() as client:
        take_up(bench, client, "marie")
        account_acts.disable(bench.workspace, "marie", who="racine")
        reopen(bench)
        assert client.get("/").headers["location"] == "/entrer"
    with bench.make_client(passerelle=link) as other:
        assert other.get("/").headers["location"] == "/entrer"
    kept = b"".join(path.read_bytes() for path in bench.workspace.settings.state.rglob("*") if path.is_file())
    assert client.cookies.get("passerelle", "-").encode() not in kept
