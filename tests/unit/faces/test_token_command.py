"""`passerelle token` and `passerelle person seen` on the command line."""

from __future__ import annotations

import json

import pytest
from live_api_room import SETTINGS
from old_software import settle_in

from passerelle.faces.cli.app import run


@pytest.fixture
def passerelle(tmp_path, capsys, monkeypatch):
    path = settle_in(tmp_path, SETTINGS)
    monkeypatch.setenv("PASSERELLE_LANG", "en")

    def call(*arguments: str):
        code = run(["-s", str(path), *arguments])
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


NEW = ("token", "new", "agenda", "--contract", "visit/1", "--purpose", "planning", "--days", "90")


def test_a_token_is_shown_once_listed_without_itself_and_taken_back(passerelle):
    code, out, _err = passerelle(*NEW, "--why", "agenda du service", "--format", "json")
    made = json.loads(out)
    assert code == 0
    assert made["token"].startswith("pk_")
    code, out, _err = passerelle("token", "list")
    assert "agenda" in out
    assert "open" in out
    assert made["token"] not in out
    code, out, _err = passerelle("token", "list", "--format", "json")
    (one,) = json.loads(out)["tokens"]
    assert (one["contracts"], one["purposes"], one["open"], one["why"]) == (
        ["visit/1"],
        ["planning"],
        True,
        "agenda du service",
    )
    assert passerelle("token", "revoke", "1", "--why", "fin du contrat")[0] == 0
    assert json.loads(passerelle("token", "list", "--format", "json")[1])["tokens"][0]["open"] is False
    assert passerelle("token", "revoke", "1", "--why", "fin du contrat")[0] == 64


def test_a_token_needs_a_reason_and_a_contract_that_exists(passerelle):
    assert passerelle(*NEW)[0] == 64
    code, _out, err = passerelle(*NEW, "--contract", "visite/1", "--why", "agenda du service")
    assert code == 64
    assert "visite/1" in err


def test_without_a_shelf_the_api_is_not_served_and_says_why(passerelle):
    code, _out, err = passerelle("serve", "--port", "0")
    assert code == 64
    assert "No flow keeps records" in err


def test_nobody_has_read_of_a_person_so_far(passerelle):
    code, out, _err = passerelle("person", "seen", "atelier:person:P1")
    assert (code, out.strip()) == (0, "Nobody read records of this person through the API.")
