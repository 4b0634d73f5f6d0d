"""A flow is tried from its page: counts and causes as a run would have them, and nothing is taken or delivered."""

from __future__ import annotations

import re
from html import unescape

import pytest
from workbench_room import FLOW, OTHER_FLOW, WRONG, export_contacts, find_form, open_bench

from passerelle.engine.rehearsal.rehearsing import rehearse
from passerelle.faces.web.rights import Role


@pytest.fixture
def bench(tmp_path):
    with open_bench(tmp_path, {FLOW: ["Visite"]}) as opened:
        yield opened


def read(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html)))


def try_flow(bench, client) -> str:
    form = find_form(client.get(f"/flux/{FLOW}").text, "/essai")
    assert client.post(form.action, data=form.fields).headers["location"] == f"/flux/{FLOW}/essai"
    bench.starter.wait()
    return client.get(f"/flux/{FLOW}/essai").text


def test_a_trial_says_what_the_command_says_and_delivers_nothing(bench, tmp_path):
    export_contacts(tmp_path, FLOW, ["Appel"] * 3 + ["Zzyx"] * 2, name="suite.csv")
    with bench.sign_in(Role.OPERATOR) as client:
        assert "n’a pas été essayé" in client.get(f"/flux/{FLOW}/essai").text
        before = sorted(path.name for path in (tmp_path / f"sorties-{FLOW}").rglob("*"))
        page = try_flow(bench, client)
        (made,) = rehearse(
            bench.workspace.settings, [FLOW], clock=bench.workspace.clock, plugins=bench.workspace.plugins
        )
        text, balance = read(page), made.outcome.balance
        assert f"enregistrements lus {balance.received} mis de côté {balance.aside}" in text
        assert (balance.received, balance.aside) == (5, 2)
        assert "Zzyx" not in page
        assert "Motif" in text
        assert text.split("Motif")[0].rstrip().endswith("2")
        assert "Ce flux n’a" not in page
    assert sorted(path.name for path in (tmp_path / f"sorties-{FLOW}").rglob("*")) == before
    assert (tmp_path / f"entrees-{FLOW}" / "suite.csv").exists()
    assert bench.workspace.quarantine.list_causes() == ()


def test_a_trial_that_fails_says_why_and_one_goes_on_at_a_time(bench):
    bench.workspace.settings.key_file.write_bytes(b"x" * 32)
    with bench.sign_in(Role.OPERATOR) as client:
        page = try_flow(bench, client)
        assert "L’essai a été interrompu." in page
        bench.starter.trials[FLOW].is_over = False
        assert "L’essai est en cours." in client.get(f"/flux/{FLOW}/essai/chiffres").text
        assert 'data-again="/flux/contacts/essai/chiffres"' in client.get(f"/flux/{FLOW}/essai").text
        assert client.get("/flux/autre/essai").status_code == 404
    with bench.sign_in(Role.OPERATOR, flows=frozenset({OTHER_FLOW})) as other:
        assert other.get(f"/flux/{FLOW}/essai").status_code == 404
    with bench.sign_in(Role.TRIAGER) as triager:
        assert triager.get(f"/flux/{FLOW}/essai").status_code == 403
        assert "/essai" not in triager.get(f"/flux/{FLOW}").text
    assert WRONG not in page
