"""What is wrong with how people sign in is told before they stand at the door."""

from __future__ import annotations

import pytest
from identity_provider import SECRET, describe_web, open_provider
from joserfc.jwk import OctKey
from turned_clock import TurnedClock
from workbench_room import SETTINGS, settle_in

from passerelle.engine.health import sign_in_checks
from passerelle.engine.health.findings import Severity
from passerelle.engine.health.safety_checks import examine_secrets, list_references
from passerelle.engine.health.sign_in_checks import examine_sign_in
from passerelle.engine.settings.workspace_settings import load_settings

GOOD, DOUBTFUL, WRONG = Severity.GOOD, Severity.DOUBTFUL, Severity.WRONG
PUBLIC = 'public_url = "https://passerelle.exemple.fr"\n'


@pytest.fixture
def provider(monkeypatch):
    monkeypatch.setenv("SECRET_OIDC", SECRET)
    with open_provider() as opened:
        yield opened


def read(folder, web: str):
    place = folder / str(len(list(folder.iterdir())))
    place.mkdir()
    return load_settings(settle_in(place, f"{SETTINGS}\n[web]\n{web}"))


def examine(settings, **options) -> list[tuple[Severity, str]]:
    found = list(examine_sign_in(settings, **({"offline": False} | options)))
    assert all(one.advice for one in found if one.severity is not GOOD)
    return [(one.severity, one.sentence) for one in found]


def test_a_provider_that_is_right_is_found_so_and_nothing_is_asked_offline(tmp_path, provider):
    settings = read(tmp_path, PUBLIC + describe_web(provider))
    ((severity, says),) = examine(settings)
    assert (severity, "répond" in says or "answers" in says) == (GOOD, True)
    asked = len(provider.paths)
    assert examine(settings, offline=True) == []
    assert len(provider.paths) == asked
    assert examine(read(tmp_path, 'sign_in = "local"')) == []


def test_a_provider_that_is_down_or_another_or_without_our_keys_is_wrong(tmp_path, provider):
    settings = read(tmp_path, PUBLIC + describe_web(provider))
    provider.keys = [OctKey.generate_key(256).as_dict()]
    assert [one for one, _says in examine(settings)] == [WRONG, GOOD]
    provider.document = {"issuer": "https://autre.exemple.fr"}
    assert [one for one, _says in examine(settings)] == [WRONG]
    provider.fails = "down"
    assert [one for one, _says in examine(settings)] == [WRONG]


def test_clocks_that_disagree_are_told(tmp_path, provider):
    settings = read(tmp_path, PUBLIC + describe_web(provider))
    (first, _good) = examine(settings, clock=TurnedClock())
    assert first[0] is WRONG
    assert "second" in first[1]


def test_who_comes_back_in_clear_and_groups_without_their_flows_are_doubtful(tmp_path, provider):
    group = '[web.oidc.groups]\n"tri" = { role = "trieur", flows = ["nulle-part", "contacts"] }\n'
    settings = read(tmp_path, describe_web(provider, group))
    found = examine(settings, offline=True)
    assert [one for one, _says in found] == [DOUBTFUL, DOUBTFUL]
    assert "nulle-part" in found[1][1]
    assert "contacts" not in found[1][1]


def test_what_passkeys_lack_is_told(tmp_path, monkeypatch):
    ways = 'sign_in = "accounts"\npasskeys = true\n'
    assert examine(read(tmp_path, ways))[0][0] is DOUBTFUL
    ((severity, says),) = examine(read(tmp_path, PUBLIC + ways))
    assert (severity, "passerelle.exemple.fr" in says) == (GOOD, True)
    monkeypatch.setattr(sign_in_checks, "find_spec", lambda _name: None)
    assert [one for one, _says in examine(read(tmp_path, PUBLIC + ways))] == [WRONG]


def test_without_the_library_of_tokens_the_provider_is_not_asked(tmp_path, provider, monkeypatch):
    monkeypatch.setattr(sign_in_checks, "find_spec", lambda _name: None)
    assert [one for one, _says in examine(read(tmp_path, PUBLIC + describe_web(provider)))] == [WRONG]
    assert provider.paths == []


def test_a_secret_that_is_not_there_is_told(tmp_path, provider, monkeypatch):
    settings = read(tmp_path, PUBLIC + describe_web(provider))
    assert list_references(settings) == ["env:SECRET_OIDC"]
    assert [one.severity for one in examine_secrets(settings)] == [GOOD]
    monkeypatch.delenv("SECRET_OIDC")
    (finding, *_others) = examine_secrets(settings)
    assert finding.severity is DOUBTFUL
    assert "SECRET_OIDC" in finding.sentence
    assert [one for one, _says in examine(settings)] == [WRONG]
