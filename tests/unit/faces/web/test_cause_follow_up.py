"""Somebody follows a cause, notes what for, or destroys its records: with the right, a reason, and what was seen."""

from __future__ import annotations

import re
from html import unescape

import pytest
from workbench_room import FLOW, OTHER_FLOW, WRONG, find_form, open_bench

from passerelle.engine.accounts.account_acts import issue_invitation
from passerelle.faces.web.rights import Role


@pytest.fixture
def bench(tmp_path):
    with open_bench(tmp_path, {FLOW: [WRONG] * 3, OTHER_FLOW: ["inconnu"]}) as opened:
        yield opened


def read(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html)))


def test_a_cause_is_followed_and_its_note_is_for_those_who_act(bench, capfd):
    place = f"/quarantaine/causes/{bench.find_cause()}"
    issue_invitation(bench.workspace, "ali", roles=["trieur"], flows=[FLOW], who="racine")
    with bench.sign_in(Role.TRIAGER) as client:
        form = find_form(client.get(place).text, "/suivi")
        sent = form.fields | {"suivi": "marie", "note": "Zzyx, l'éditeur répond vendredi"}
        # an invitation that nobody took up makes no colleague
        assert client.post(form.action, data=sent | {"suivi": "ali"}).status_code == 400
        assert client.post(form.action, data=sent).headers["location"] == place
        assert client.post(form.action, data=sent).status_code == 409
        assert "l'éditeur répond vendredi" in unescape(client.get(place).text)
        assert "suivie par" in read(client.get("/quarantaine").text)
        assert "marie" in read(re.search("<tbody.*</tbody>", client.get("/quarantaine").text, re.DOTALL)[0])
        assert client.post(form.action, data=sent | {"version": "1", "note": "x" * 1001}).status_code == 409
    with bench.sign_in(Role.READER) as reader:
        page = reader.get(place).text
        assert "Zzyx" not in page
        assert "marie" in read(page)
        assert reader.get(f"{place}/destruction").status_code == 403
    said = capfd.readouterr()
    assert "Zzyx" not in said.out + said.err


def test_records_are_destroyed_with_a_reason_and_a_second_yes_up_to_what_was_seen(bench):
    place = f"/quarantaine/causes/{bench.find_cause()}"
    with bench.sign_in(Role.TRIAGER) as client:
        form = find_form(client.get(f"{place}/destruction").text, "/destruction")
        assert "3 enregistrements seraient détruits" in read(client.get(f"{place}/destruction").text)
        sent = form.fields | {"raison": "essai de mars", "sur": "oui"}
        assert client.post(form.action, data=sent | {"sur": ""}).status_code == 422
        assert client.post(form.action, data=sent | {"raison": "rien"}).status_code == 422
        assert bench.workspace.journal.list_audit_entries() == ()
        first = str(bench.workspace.quarantine.list_cause_ids(bench.find_cause(), limit=1)[0])
        assert client.post(form.action, data=sent | {"dernier": first}).headers["location"] == place
        assert bench.workspace.quarantine.find_cause(bench.find_cause()).count == 2
        client.post(form.action, data=sent)
        assert "Plus rien n’attend" in client.get(f"{place}/destruction").text
        assert client.post(form.action, data=sent).status_code == 409
        acts = [entry.action for entry in bench.workspace.journal.list_audit_entries()]
        assert acts == ["quarantine.discard"] * 2
    with bench.sign_in(Role.TRIAGER, flows=frozenset({OTHER_FLOW})) as other:
        assert other.get(f"{place}/destruction").status_code == 404
        assert other.post(f"{place}/suivi", data=sent).status_code in (403, 404)
