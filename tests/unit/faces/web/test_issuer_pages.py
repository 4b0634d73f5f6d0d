"""Signing in through a provider of identities that tells the truth, and through one that lies in every way we know."""

from __future__ import annotations

import base64
import hmac
import json
import re
import warnings
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from identity_provider import SECRET, describe_web, open_provider
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, RSAKey
from workbench_room import FLOW, OTHER_FLOW, find_form, open_bench

from passerelle.engine.accounts import account_acts

GROUPS = """[web.oidc.groups]
"equipe-tri" = { role = "trieur", flows = ["contacts"] }
"tous" = { role = "lecteur" }
"chefs" = { role = "administrateur" }
"""


@pytest.fixture
def provider(monkeypatch):
    monkeypatch.setenv("SECRET_OIDC", SECRET)
    with open_provider() as opened:
        yield opened


@pytest.fixture
def bench(tmp_path, provider):
    with open_bench(tmp_path, {FLOW: ["inconnu"], OTHER_FLOW: ["inconnu"]}, web=describe_web(provider)) as opened:
        yield opened


def invite(bench, name: str = "marie", roles=("trieur",)) -> str:
    return account_acts.issue_invitation(bench.workspace, name, roles=roles, flows=[], who="racine")


def go_away(client) -> str:
    """Follow the link to the provider, and return where it sends the browser back."""
    answer = client.get("/entrer/fournisseur")
    assert answer.status_code == 303, answer.text
    return httpx.get(answer.headers["location"]).headers["location"]


def come_back(client, address: str) -> str:
    """Return where the browser is sent that comes back."""
    answer = client.get(address)
    assert answer.status_code == 303
    assert answer.headers["referrer-policy"] == "no-referrer"
    location = answer.headers["location"]
    # neither code nor state goes on, and nothing leads to another site
    assert "code" not in location
    assert location.startswith("/entrer/")
    return location


def sign_in(client) -> str:
    return come_back(client, go_away(client))


def take_up(bench, client, name: str = "marie", roles=("trieur",)) -> str:
    """Take an invitation up through the provider, and return where the browser ends."""
    code = invite(bench, name, roles)
    form = find_form(client.get("/entrer/invitation/fournisseur").text, "/entrer/invitation/fournisseur")
    page = client.post(form.action, data=form.fields | {"nom": name, "invitation": code})
    assert 'href="/entrer/fournisseur"' in page.text
    return sign_in(client)


def list_acts(bench) -> list[tuple[str, str, str]]:
    entries = bench.workspace.journal.list_audit_entries()
    return [(one.action, one.subject, one.why) for one in entries if not one.action.startswith("quarantine")]


def find_defect(location: str) -> str:
    """Return what was wrong, as the page says that the browser ends on."""
    parts = urlsplit(location)
    return parse_qs(parts.query).get("defaut", [parts.path.rpartition("/")[2]])[0]


def test_who_was_invited_takes_it_up_through_the_provider_and_comes_back(bench, provider):
    with bench.make_client() as client:
        assert take_up(bench, client) == "/entrer/suite"
        arrival = client.get("/entrer/suite")
        assert arrival.headers["refresh"] == "0; url=/"
        assert client.get("/personnes").status_code == 200
    (asked,) = provider.asked
    assert (asked["code_challenge_method"], asked["response_type"], asked["scope"]) == ("S256", "code", "openid")
    assert len(asked["nonce"]) >= 32
    assert asked["redirect_uri"] == f"{bench.url}/entrer/retour"
    with bench.make_client() as client:
        assert sign_in(client) == "/entrer/suite"
        assert client.get("/").status_code == 200
    kinds = [act for act, _subject, _why in list_acts(bench)]
    assert kinds == ["account.invite", "account.bind", "account.sign_in", "account.sign_in"]
    assert list_acts(bench)[-1] == ("account.sign_in", "marie", "provider")


def test_who_has_no_account_is_told_so_and_an_invitation_serves_its_owner_alone(bench):
    with bench.make_client() as client:
        location = sign_in(client)
        assert location == "/entrer/refus/unknown"
        page = client.get(location)
        assert page.status_code == 403
        assert "aucun compte" in page.text
        assert client.get("/").headers["location"] == "/entrer"
        code = invite(bench)
        wrong = client.post("/entrer/invitation/fournisseur", data={"nom": "marie", "invitation": code[::-1]})
        unknown = client.post("/entrer/invitation/fournisseur", data={"nom": "ali", "invitation": code})
        assert (wrong.status_code, unknown.status_code) == (403, 403)
        assert sign_in(client) == "/entrer/refus/unknown"
    assert ("account.refuse", "", "provider") in list_acts(bench)
    assert ("account.refuse", "marie", "invitation") in list_acts(bench)


def test_a_code_comes_back_once_to_the_browser_that_left_with_the_state_that_it_took(bench):
    with bench.make_client() as client, bench.make_client() as other:
        take_up(bench, client)
        address = go_away(client)
        # another browser: a link that somebody was sent signs nobody in, under whosever name
        assert come_back(other, address) == "/entrer/refus/stale"
        # and it was used up by that
        assert come_back(client, address) == "/entrer/refus/stale"
        address = go_away(client)
        assert come_back(client, address) == "/entrer/suite"
        assert come_back(client, address) == "/entrer/refus/stale"
        address = go_away(client)
        changed = re.sub("state=[^&]*", "state=autre", address)
        assert come_back(client, changed) == "/entrer/refus/stale"
        # a code of an earlier sign-in with the state of this one: the provider took it already, and the proof differs
        old = parse_qs(urlsplit(address).query)["code"][0]
        fresh = go_away(client)
        mixed = re.sub("code=[^&]*", f"code={old}", fresh)
        assert come_back(client, mixed) == "/entrer/refus/refused"


def test_who_stays_away_for_long_begins_again(bench, provider):
    with bench.make_client() as client:
        take_up(bench, client)
        address = go_away(client)
        bench.doorkeeper.desk._away = {
            key: (asked, owner, sent.replace(year=sent.year - 1))
            for key, (asked, owner, sent) in bench.doorkeeper.desk._away.items()
        }
        assert come_back(client, address) == "/entrer/refus/stale"
    assert len(provider.exchanged) == 1


def _encode(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def _sign_by_hand(header: dict, claims: dict, secret: bytes) -> str:
    signed = f"{_encode(header)}.{_encode(claims)}"
    mac = base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), "sha256")).decode().rstrip("=")
    return f"{signed}.{mac}"


def test_a_token_that_another_signed_or_nobody_opens_nothing(bench, provider):
    public = provider.key.as_pem(private=False)
    stranger = RSAKey.generate_key(2048, {"kid": "k1"})
    curve = ECKey.generate_key("P-256", {"kid": "k1"})
    lies = {
        "none": lambda claims: f"{_encode({'alg': 'none'})}.{_encode(claims)}.",
        "None": lambda claims: f"{_encode({'alg': 'None', 'kid': 'k1'})}.{_encode(claims)}.",
        # the public key taken for a secret
        "hs256": lambda claims: _sign_by_hand({"alg": "HS256", "kid": "k1"}, claims, public),
        "said rs256": lambda claims: _sign_by_hand({"alg": "RS256", "kid": "k1"}, claims, public),
        "client secret": lambda claims: _sign_by_hand({"alg": "HS256"}, claims, SECRET.encode()),
        "stranger": lambda claims: jwt.encode({"alg": "RS256", "kid": "k1"}, claims, stranger),
        # a key that the token brings along
        "own key": lambda claims: jwt.encode(
            {"alg": "RS256", "kid": "k1", "jwk": stranger.as_dict(private=False)}, claims, stranger
        ),
        "other way": lambda claims: jwt.encode({"alg": "ES256", "kid": "k1"}, claims, curve),
        "not pinned": lambda claims: jwt.encode({"alg": "PS256", "kid": "k1"}, claims, provider.key, ["PS256"]),
        "no name": lambda claims: jwt.encode({"alg": "RS256", "kid": "k9"}, claims, stranger),
        "critical": lambda claims: f"{_encode({'alg': 'RS256', 'crit': ['x'], 'x': 1})}.{_encode(claims)}.AAAA",
        "garbage": lambda _claims: "a.b",
        "list": lambda _claims: f"{_encode([])}.{_encode({})}.AAAA",
    }
    found = {}
    with bench.make_client() as client:
        take_up(bench, client)
        for name, lie in lies.items():
            provider.sign = lie
            found[name] = find_defect(sign_in(client))
            bench.doorkeeper._sign_ins.clear()
        provider.sign = None
        assert sign_in(client) == "/entrer/suite"
    assert found == dict.fromkeys(lies, "signature") | {
        **dict.fromkeys(("none", "None", "hs256", "client secret", "other way", "not pinned"), "alg"),
        **dict.fromkeys(("critical", "garbage", "list"), "jwt"),
    }


def test_a_key_that_is_no_public_key_for_signatures_is_never_used(bench, provider):
    own = provider.key.as_dict(private=False)
    secret = OctKey.generate_key(256, {"kid": "k1"})
    with warnings.catch_warnings(action="ignore", category=SecurityWarning):
        small = RSAKey.generate_key(1024, {"kid": "k1"}, auto_kid=False)
    with bench.make_client() as client:
        take_up(bench, client)
        for keys in (
            [secret.as_dict(), {"kty": "oct", "k": _encode("x"), "kid": "k1", "alg": "RS256"}],
            [own | {"use": "enc"}],
            [own | {"alg": "RS512"}],
            [{"kty": "RSA", "kid": "k1"}],
            ["x", 3],
            [],
        ):
            provider.keys = keys
            bench.doorkeeper.desk._issuer = None
            assert find_defect(sign_in(client)) == "signature"
        provider.keys = [small.as_dict(private=False)]
        provider.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "k1"}, claims, small)
        bench.doorkeeper.desk._issuer = None
        assert find_defect(sign_in(client)) == "signature"


def test_a_key_that_changed_is_read_again_but_not_for_each_token(bench, provider):
    with bench.make_client() as client:
        take_up(bench, client)
        provider.key = RSAKey.generate_key(2048, {"kid": "k2", "use": "sig"})
        # a minute has to pass: else each forged token would have the provider asked
        assert find_defect(sign_in(client)) == "signature"
        assert provider.paths.count("/cles") == 1
        known = bench.doorkeeper.desk._issuer
        keys, read = known._keys
        known._keys = keys, read.replace(year=read.year - 1)
        assert sign_in(client) == "/entrer/suite"
        assert provider.paths.count("/cles") == 2


def test_a_token_of_another_place_time_or_question_opens_nothing(bench, provider):
    lies = {
        "iss": [{"iss": "http://localhost:1"}, {"iss": None}, {"iss": f"{provider.url}/"}],
        "aud": [{"aud": "autre"}, {"aud": ["autre"]}, {"aud": []}, {"aud": None}, {"aud": {"passerelle": 1}}],
        "azp": [{"azp": "autre"}, {"aud": ["passerelle", "autre"]}, {"aud": ["passerelle", "x"], "azp": "x"}],
        "exp": [{"exp": 1}, {"exp": "9999999999"}, {"exp": True}, {"exp": float("nan")}, {"exp": None}],
        "iat": [{"iat": 1}, {"iat": 9_999_999_999}, {"iat": None}],
        "nbf": [{"nbf": 9_999_999_999}],
        "nonce": [{"nonce": "autre"}, {"nonce": None}, {"nonce": 3}],
        "sub": [{"sub": ""}, {"sub": None}, {"sub": 3}, {"sub": "a" * 256}, {"sub": "a\x00b"}],
    }
    with bench.make_client() as client:
        take_up(bench, client)
        for defect, cases in lies.items():
            for case in cases:
                provider.claims = {"sub": "personne-1"} | case
                assert find_defect(sign_in(client)) == defect, case
                bench.doorkeeper._sign_ins.clear()
        provider.claims = {"sub": "personne-1", "aud": ["passerelle", "x"], "azp": "passerelle"}
        assert sign_in(client) == "/entrer/suite"
        provider.claims = {"sub": "personne-2"}
        assert sign_in(client) == "/entrer/refus/unknown"


def test_an_answer_of_another_provider_is_not_taken_to_this_one(bench, provider):
    with bench.make_client() as client:
        take_up(bench, client)
        address = go_away(client)
        assert find_defect(come_back(client, f"{address}&iss=http://localhost:1")) == "iss"
        assert len(provider.exchanged) == 1
        provider.document = {"authorization_response_iss_parameter_supported": True}
        bench.doorkeeper.desk._issuer = None
        assert find_defect(sign_in(client)) == "iss"
        address = go_away(client)
        assert come_back(client, f"{address}&iss={provider.url}") == "/entrer/suite"


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "http://localhost:1"},
        {"issuer": None},
        {"authorization_endpoint": "http://exemple.fr/connexion"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "ftp://localhost/"},
        {"token_endpoint": None},
        {"jwks_uri": "https://u:p@exemple.fr/"},
        {"code_challenge_methods_supported": ["plain"]},
    ],
)
def test_a_provider_that_says_another_thing_of_itself_is_not_gone_to(bench, provider, told):
    provider.document = told
    with bench.make_client() as client:
        answer = client.get("/entrer/fournisseur")
        assert answer.status_code == 503
        assert "location" not in answer.headers
        assert "Votre mot de passe" in answer.text


def test_while_the_provider_is_down_people_are_told_and_the_others_go_on(bench, provider):
    with bench.make_client() as client:
        take_up(bench, client)
        address = go_away(client)
        provider.fails = "down"
        location = come_back(client, address)
        assert location == "/entrer/refus/unreachable"
        page = client.get(location).text
        assert "ne répond pas" in page
        assert "Votre mot de passe" in page
        # who is signed in stays so
        assert client.get("/").status_code == 200
        bench.doorkeeper.desk._issuer = None
        assert client.get("/entrer/fournisseur").status_code == 503
        provider.fails = "denies"
        assert sign_in(client) == "/entrer/refus/refused"


def test_a_session_that_somebody_put_into_the_browser_is_not_the_one_that_opens(bench):
    with bench.make_client(passerelle="deja-la") as client:
        take_up(bench, client)
        first = client.cookies.get("passerelle", domain="127.0.0.1")
        assert first != "deja-la"
        sign_in(client)
        second = client.cookies.get("passerelle", domain="127.0.0.1")
        assert second != first
        assert bench.doorkeeper.find_session(first) is None
        assert bench.doorkeeper.find_session("deja-la") is None


def test_who_is_tried_for_long_waits_by_this_way_too(bench):
    with bench.make_client() as client:
        answers = [client.get("/entrer/retour?state=x&code=y").status_code for _try in range(32)]
    assert answers == [303] * 30 + [429] * 2


def test_neither_codes_nor_tokens_nor_addresses_are_kept_or_logged(bench, provider, capfd):
    provider.claims = {"sub": "zzyx-sujet", "email": "zzyx@exemple.fr", "preferred_username": "zzyx-nom"}
    with bench.make_client() as client:
        take_up(bench, client)
        address = go_away(client)
        come_back(client, address)
        come_back(client, address)
        token = client.cookies.get("passerelle", domain="127.0.0.1")
    query = parse_qs(urlsplit(address).query)
    content = b"".join(path.read_bytes() for path in bench.workspace.settings.state.rglob("*") if path.is_file())
    told = "".join(capfd.readouterr())
    words = "".join(f"{one}{one.why}{one.subject}{one.who}" for one in bench.workspace.journal.list_audit_entries())
    secret_words = ("zzyx", query["code"][0], query["state"][0], token, SECRET, provider.asked[-1]["nonce"])
    for word in secret_words:
        assert word.encode() not in content
        assert word not in told
        assert word not in words


def test_who_leaves_reads_that_the_provider_knows_them_still(bench, provider):
    with bench.make_client() as client:
        take_up(bench, client)
        form = find_form(client.get("/").text, "/sortir")
        answer = client.post(form.action, data=form.fields)
        assert answer.headers["location"] == "/entrer/sortie"
        page = client.get("/entrer/sortie").text
        link = re.search(rf'href="({re.escape(provider.url)}/sortie[^"]*)"', page)[1].replace("&amp;", "&")
        query = parse_qs(urlsplit(link).query)
        assert query == {"client_id": ["passerelle"], "post_logout_redirect_uri": [f"{bench.url}/entrer/sortie"]}
        assert client.get("/").headers["location"] == "/entrer"
        provider.document = {"end_session_endpoint": None}
        bench.doorkeeper.desk._issuer = None
        assert f'href="{provider.url}' not in client.get("/entrer/sortie").text


@pytest.mark.parametrize("extra", ['acr = ["eidas2", "eidas3"]', 'amr = ["mfa"]'])
def test_a_level_that_is_demanded_must_have_been_reached(tmp_path, provider, extra):
    with open_bench(tmp_path, web=describe_web(provider, extra)) as bench, bench.make_client() as client:
        for claims in ({}, {"acr": "eidas1", "amr": ["pwd"]}, {"amr": "mfa"}, {"acr": ["eidas2"]}):
            provider.claims = {"sub": "personne-1"} | claims
            assert take_up(bench, client) == "/entrer/refus/level"
        provider.claims = {"sub": "personne-1", "acr": "eidas3", "amr": ["pwd", "mfa"]}
        assert take_up(bench, client) == "/entrer/suite"
    assert provider.asked[-1].get("acr_values", "eidas2 eidas3") == "eidas2 eidas3"


def test_an_address_takes_an_invitation_up_only_when_proven_waiting_and_allowed(tmp_path, provider):
    address = "marie@exemple.fr"
    provider.claims = {"sub": "personne-1", "email": "Marie@exemple.fr", "email_verified": True}
    with open_bench(tmp_path / "a", web=describe_web(provider)) as bench, bench.make_client() as client:
        invite(bench, address)
        assert sign_in(client) == "/entrer/refus/unknown"
    with (
        open_bench(tmp_path / "b", web=describe_web(provider, "verified_email = true")) as bench,
        bench.make_client() as client,
    ):
        assert sign_in(client) == "/entrer/refus/unknown"
        invite(bench, address)
        for proven in (False, "true", 1, None):
            provider.claims["email_verified"] = proven
            assert sign_in(client) == "/entrer/refus/unknown"
        provider.claims["email_verified"] = True
        assert sign_in(client) == "/entrer/suite"
        # from here on the subject counts: somebody else who is given the address later is somebody else
        provider.claims["sub"] = "personne-2"
        assert sign_in(client) == "/entrer/refus/unknown"
        provider.claims = {"sub": "personne-1", "email": "autre@exemple.fr"}
        assert sign_in(client) == "/entrer/suite"


def test_members_of_a_group_come_without_an_invitation_and_may_what_it_may(tmp_path, provider):
    extra = f'groups_claim = "realm_access.roles"\n{GROUPS}'
    provider.claims = {"sub": "personne-1", "preferred_username": "Ali", "realm_access": {"roles": ["equipe-tri", "x"]}}
    with open_bench(tmp_path, web=describe_web(provider, extra)) as bench, bench.make_client() as client:
        assert sign_in(client) == "/entrer/suite"
        page = client.get("/flux").text
        assert f"/flux/{FLOW}" in page
        assert f"/flux/{OTHER_FLOW}" not in page
        # another group does not widen what one narrows
        provider.claims["realm_access"] = {"roles": ["equipe-tri", "tous"]}
        sign_in(client)
        assert bench.workspace.journal.find_account("ali").flows == (FLOW,)
        # the name of somebody is nobody else's
        provider.claims["sub"] = "personne-2"
        assert sign_in(client) == "/entrer/refus/name"
        provider.claims |= {"sub": "personne-1", "realm_access": {"roles": ["equipe-tri", "chefs"]}}
        assert sign_in(client) == "/entrer/refus/both"
        provider.claims["realm_access"] = {"roles": "equipe-tri"}
        assert sign_in(client) == "/entrer/refus/unknown"
        # and whoever is signed in may nothing from now on
        assert client.get("/flux").status_code == 403
        account_acts.disable(bench.workspace, "ali", who="racine")
        client.cookies.clear()
        provider.claims["realm_access"] = {"roles": ["tous"]}
        assert sign_in(client) == "/entrer/refus/unknown"
        assert not bench.workspace.journal.find_account("ali").is_open


def test_without_a_provider_there_are_none_of_its_pages(tmp_path):
    with open_bench(tmp_path, web='sign_in = "accounts"') as bench, bench.make_client() as client:
        for path in ("fournisseur", "retour", "suite", "refus/stale", "sortie", "invitation/fournisseur"):
            assert client.get(f"/entrer/{path}").status_code == 404
        assert "/entrer/fournisseur" not in client.get("/entrer").text


def test_an_account_of_the_provider_has_no_password_to_guess(bench):
    with bench.make_client() as client:
        take_up(bench, client)
        for secret in ("", "x"):
            sent = {"nom": "marie", "secret": secret, "code": "000000"}
            assert client.post("/entrer", data=sent).status_code == 403
