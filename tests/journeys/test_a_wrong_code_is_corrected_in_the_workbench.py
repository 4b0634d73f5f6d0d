"""A wrong code in 400 rows: a person without a terminal corrects it once, and the next run delivers them all."""

from __future__ import annotations

import re

import pytest
from workbench_room import FLOW, RIGHT, WRONG, find_form, open_bench

from passerelle.engine.runs.running import run_flows
from passerelle.faces.web.rights import Role

ROWS = 400


@pytest.mark.slow
def test_four_hundred_rows_of_one_wrong_code_are_corrected_in_eight_clicks(tmp_path):
    clicks = 0
    with open_bench(tmp_path, {FLOW: [WRONG] * ROWS + ["Appel"] * 5}) as bench, bench.sign_in(Role.TRIAGER) as client:
        page = client.get("/").text
        assert f'<span class="figure">{ROWS}</span>' in page
        page, clicks = client.get("/quarantaine").text, clicks + 1
        cause = re.search(r'href="(/quarantaine/causes/[0-9]+)"', page)[1]
        page, clicks = client.get(cause).text, clicks + 1
        form = find_form(page, "/acces")
        answer = client.post(form.action, data=form.fields | {"motif": "corriger les motifs d'octobre"})
        page, clicks = client.get(answer.headers["location"]).text, clicks + 1
        form = find_form(page, "/valeurs")
        (entry,) = (name for name in form.fields if name.startswith("v-"))
        sent = form.fields | {entry: RIGHT}
        answer, clicks = client.post(form.action, data=sent), clicks + 1
        page = client.get(answer.headers["location"]).text
        assert f"{ROWS} enregistrements seront repris" in page
        assert clicks <= 8
        # a second click, or «back» and the same form again, finds nothing that waits
        assert client.post(form.action, data=sent).status_code == 409
        report = run_flows(bench.workspace, [FLOW])
        assert sum(one.balance.fates["delivered"] for one in report.outcomes) == ROWS
        assert bench.workspace.quarantine.list_causes() == ()
        assert WRONG not in client.get("/quarantaine").text
