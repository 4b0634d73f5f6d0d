"""Passkeys: added by whoever just signed in, shown once for each challenge, refused for all that is not right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from soft_passkey import IS_COPIED, MAY_BE_COPIED, PRESENT, VERIFIED, SoftPasskey, encode
from workbench_room import FLOW, find_form, open_bench

from passerelle.engine.accounts import account_acts
from passerelle.engine.accounts.second_factor import compute_code
from passerelle.faces.web.rights import Role
from passerelle.faces.web.sign_in_pages import make_visitor

SECRET = "quatre mots sans rapport"
WEB = 'sign_in = "accounts"\npasskeys = true'


@pytest.fixture
def bench(tmp_path):
    with open_bench(tmp_path, {FLOW: ["inconnu"]}, web=WEB) as opened:
        # the only name of this machine for which browsers make passkeys
        opened.url = opened.url.replace("127.0.0.1", "localhost")
        yield opened


def make_account(bench, name: str = "marie"):
    workspace = bench.workspace
    code = account_acts.issue_invitation(workspace, name, roles=["trieur"], flows=[], who="racine")
    enrolment = account_acts.begin_enrolment(workspace, name, code, SECRET)
    step = int(workspace.clock.now().timestamp()) // 30
    return account_acts.end_enrolment(workspace, enrolment, compute_code(enrolment.code_key, step))


def come_in(bench, name: str = "marie"):
    account = bench.workspace.journal.find_account(name) or make_account(bench, name)
    return bench.make_client(passerelle=bench.doorkeeper.open_account(make_visitor(account), account.id))


def add(client, device: SoftPasskey, name: str = "ordinateur"):
    form = find_form(client.get("/compte").text, "/compte/cles")
    key = {"form_key": form.fields["form_key"]}
    options = client.post("/compte/cles/defi", data=key).json()
    return client.post("/compte/cles", data=key | {"reponse": device.make(options), "nom_cle": name})


def enter(client, device: SoftPasskey) -> int:
    return client.post("/entrer/cle", data={"reponse": device.show(ask(client))}).status_code


def ask(client) -> dict:
    return client.post("/entrer/cle/defi", data={"form_key": ""}).json()


def list_acts(bench) -> list[tuple[str, str, str]]:
    return [(one.action, one.subject, one.why) for one in bench.workspace.journal.list_audit_entries()]


def test_a_passkey_that_was_added_opens_and_one_that_was_removed_does_not(bench):
    device, other = SoftPasskey(bench.url), SoftPasskey(bench.url, flags=PRESENT | VERIFIED | MAY_BE_COPIED | IS_COPIED)
    with come_in(bench) as client:
        assert add(client, device).headers["location"] == "/compte"
        assert add(client, other, "  téléphone   bleu ").headers["location"] == "/compte"
        page = client.get("/compte").text
        assert "ordinateur" in page
        assert "téléphone bleu" in page
        assert "sur plusieurs appareils" in page
    # a device knows an account by one handle, however many passkeys it has
    assert device.handle == other.handle
    with bench.make_client() as client:
        assert client.post("/entrer/cle", data={"reponse": device.show(ask(client))}).headers["location"] == "/"
        assert client.get("/personnes").status_code == 200
    with bench.make_client() as client:
        assert enter(client, other) == 303
        form = find_form(client.get("/compte").text, "/compte/cles/retrait")
        assert client.post(form.action, data=form.fields | {"cle": "1"}).status_code == 303
        assert client.post(form.action, data=form.fields | {"cle": "1"}).status_code == 404
        assert client.post(form.action, data=form.fields | {"cle": "x"}).status_code == 404
    with bench.make_client() as client:
        assert enter(client, device) == 403
        assert enter(client, other) == 303
    kinds = [act for act, _subject, _why in list_acts(bench) if act.startswith("account")]
    assert kinds == [
        *("account.invite", "account.passkey_add", "account.passkey_add", "account.sign_in", "account.sign_in"),
        *("account.passkey_remove", "account.refuse", "account.sign_in"),
    ]
    assert list_acts(bench)[-1] == ("account.sign_in", "marie", "passkey")


def test_what_a_passkey_is_asked_demands_its_owner_and_no_attestation(bench):
    with come_in(bench) as client:
        key = {"form_key": find_form(client.get("/compte").text, "/compte/cles").fields["form_key"]}
        options = client.post("/compte/cles/defi", data=key).json()
        assert options["attestation"] == "none"
        assert options["authenticatorSelection"]["userVerification"] == "required"
        assert options["authenticatorSelection"]["residentKey"] == "required"
        assert options["rp"]["id"] == "localhost"
        device = SoftPasskey(bench.url)
        add(client, device)
        again = client.post("/compte/cles/defi", data=key).json()
        assert [one["id"] for one in again["excludeCredentials"]] == [encode(device.id)]
    with bench.make_client() as client:
        asked = ask(client)
        assert asked["userVerification"] == "required"
        # nobody learns from the door who has a passkey
        assert not asked.get("allowCredentials")


def test_a_challenge_serves_once_soon_for_one_purpose_and_in_one_session(bench, monkeypatch):
    device = SoftPasskey(bench.url)
    with come_in(bench) as client, come_in(bench) as second, bench.make_client() as stranger:
        add(client, device)
        options = ask(stranger)
        answer = device.show(options)
        assert stranger.post("/entrer/cle", data={"reponse": answer}).status_code == 303
        stranger.cookies.clear()
        assert stranger.post("/entrer/cle", data={"reponse": answer}).status_code == 403
        assert stranger.post("/entrer/cle", data={"reponse": device.show(options)}).status_code == 403
        own = {"challenge": encode(b"x" * 48)}
        assert stranger.post("/entrer/cle", data={"reponse": device.show(own)}).status_code == 403
        key = {"form_key": find_form(client.get("/compte").text, "/compte/cles").fields["form_key"]}
        other_key = {"form_key": find_form(second.get("/compte").text, "/compte/cles").fields["form_key"]}
        to_add = client.post("/compte/cles/defi", data=key).json()
        # made for adding one: it does not open the door; and in this session alone
        assert stranger.post("/entrer/cle", data={"reponse": device.show(to_add)}).status_code == 403
        third = SoftPasskey(bench.url)
        second.post("/compte/cles/defi", data=other_key)
        sent = {"reponse": third.make(to_add), "nom_cle": "x"}
        assert second.post("/compte/cles", data=other_key | sent).status_code == 409
        # without the key of a form of this session nothing is asked
        assert client.post("/compte/cles/defi", data={"form_key": "x"}).status_code == 403
        late = ask(stranger)
        now = bench.workspace.clock.now()
        monkeypatch.setattr(bench.doorkeeper.desk._clock.__class__, "now", lambda _self: now + timedelta(minutes=6))
        assert stranger.post("/entrer/cle", data={"reponse": device.show(late)}).status_code == 403
    assert len(bench.workspace.journal.list_passkeys(1)) == 1


def test_what_another_place_a_copy_or_nobody_signed_opens_nothing(bench):
    device = SoftPasskey(bench.url)
    with come_in(bench) as client:
        add(client, device)

    def lie(**changes) -> int:
        kept = {name: getattr(device, name) for name in (*changes, "count")}
        for name, value in changes.items():
            setattr(device, name, value)
        with bench.make_client() as stranger:
            status = enter(stranger, device)
        for name, value in kept.items():
            setattr(device, name, value)
        bench.doorkeeper._sign_ins.clear()
        return status

    lies = [
        {"origin": "https://autre.exemple.fr"},
        {"origin": bench.url.replace("localhost", "127.0.0.1")},
        {"name": "exemple.fr"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"flags": PRESENT | VERIFIED | MAY_BE_COPIED},
        {"key": SoftPasskey("x").key},
        {"id": b"y" * 32},
        {"handle": b"autre"},
        {"told": {"crossOrigin": True}},
        {"told": {"topOrigin": "https://autre.exemple.fr"}},
        {"told": {"type": "webauthn.create"}},
    ]
    assert [lie(**changes) for changes in lies] == [403] * len(lies)
    with bench.make_client() as client:
        device.count = 8
        assert enter(client, device) == 303
        client.cookies.clear()
        # a copy counts from where it was made
        device.count = 5
        assert enter(client, device) == 403
        device.count = 9
        account_acts.disable(bench.workspace, "marie", who="racine")
        assert enter(client, device) == 403


def test_a_device_that_does_not_ask_its_owner_or_is_elsewhere_is_not_added(bench):
    with come_in(bench) as client:
        for device in (
            SoftPasskey(bench.url, flags=PRESENT),
            SoftPasskey("https://autre.exemple.fr"),
            SoftPasskey(bench.url, name="autre.fr"),
        ):
            assert add(client, device).status_code == 409
        device = SoftPasskey(bench.url)
        assert add(client, device, " ").status_code == 409
        assert add(client, device, "x" * 61).status_code == 409
        assert add(client, device, "a\u202eb").status_code == 409
        assert add(client, device).status_code == 303
        assert add(client, device).status_code == 409
    with come_in(bench, "ali") as other:
        assert add(other, device).status_code == 409
    assert len(bench.workspace.journal.list_passkeys(1)) == 1


def test_a_session_that_is_open_for_long_adds_no_passkey(bench):
    with come_in(bench) as client:
        key = {"form_key": find_form(client.get("/compte").text, "/compte/cles").fields["form_key"]}
        (session,) = bench.doorkeeper._sessions.values()
        session.began -= timedelta(minutes=16)
        page = client.get("/compte").text
        assert "plus d’un quart d’heure" in page
        assert "data-challenge" not in page
        assert client.post("/compte/cles/defi", data=key).status_code == 403
        assert client.post("/compte/cles", data=key | {"reponse": "{}", "nom_cle": "x"}).status_code == 403


def test_the_door_tells_whoever_has_no_scripts_what_else_there_is(bench):
    with bench.make_client() as client:
        page = client.get("/entrer")
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert "unsafe" not in page.headers["content-security-policy"]
        assert "entrez avec mot de passe et code" in page.text
        answer = client.post("/entrer/cle", data={"reponse": ""})
        assert (answer.status_code, "Aucune clé d’accès" in answer.text) == (403, True)
    # somebody changed their mind: nobody was turned away
    assert list_acts(bench) == []


def test_who_is_tried_for_long_waits_by_this_way_too(bench):
    with bench.make_client() as client:
        answers = [client.post("/entrer/cle", data={"reponse": "{}"}).status_code for _try in range(32)]
        assert answers == [403] * 30 + [429] * 2
        assert client.post("/entrer/cle/defi", data={"form_key": ""}).status_code == 429


def test_without_the_setting_there_are_no_passkeys_and_a_link_has_no_account(tmp_path):
    with open_bench(tmp_path / "a", web='sign_in = "accounts"') as bench:
        with bench.make_client() as client:
            assert client.post("/entrer/cle/defi", data={"form_key": ""}).status_code == 404
            assert client.post("/entrer/cle", data={"reponse": "{}"}).status_code == 404
            assert "data-challenge" not in client.get("/entrer").text
        with come_in(bench) as client:
            assert "data-challenge" not in client.get("/compte").text
    with open_bench(tmp_path / "b") as bench, bench.sign_in(Role.READER) as client:
        assert "par un lien" in client.get("/compte").text
        assert 'href="/compte"' not in client.get("/").text
