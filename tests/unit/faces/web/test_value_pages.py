"""Other values are judged on their page before their records go on, and doubtful ones are asked for once more."""

from __future__ import annotations

import re
from html import unescape

import pytest
from workbench_room import FLOW, RIGHT, WRONG, find_form, open_bench

from passerelle.faces.web.rights import Role


@pytest.fixture
def bench(tmp_path):
    with open_bench(tmp_path, {FLOW: [WRONG, WRONG, "autre", "Visite"]}) as opened:
        yield opened


def read(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html)))


def test_what_would_be_set_aside_again_is_told_before_it_goes_on(bench):
    base = f"/quarantaine/causes/{bench.find_cause()}"
    with bench.sign_in(Role.TRIAGER) as client:
        form = find_form(client.get(base).text, "/acces")
        client.post(form.action, data=form.fields | {"motif": "corriger les motifs"})
        page = client.get(f"{base}/valeurs").text
        form = find_form(page, "/valeurs")
        first, second = (name for name in form.fields if name.startswith("v-"))
        typed = form.fields | {first: RIGHT, second: "Vis"}
        assert "Reprendre quand même" not in page
        waiting = {row.id for row in bench.workspace.quarantine.list_rows()}
        tried = client.post(form.action, data=typed | {"faire": "essayer"})
        part = client.post(f"{base}/verdict", data=typed)
        asked = client.post(form.action, data=typed)
        for answer in (tried, part, asked):
            assert answer.status_code == 200
            text = read(answer.text)
            assert "Avec « Visite », 2 enregistrements seraient acceptés." in text
            assert "Avec « Vis », 1 enregistrement sur 1 serait de nouveau mis de côté." in text
            assert WRONG not in read(part.text)
        assert "<html" not in part.text
        # what was typed stands in its place, and nothing went on
        assert find_form(asked.text, "/valeurs").fields[second] == "Vis"
        assert {row.id for row in bench.workspace.quarantine.list_rows()} == waiting
        again = client.post(form.action, data=typed | {"faire": "reprendre"})
        assert again.headers["location"] == base
        assert "3 enregistrements seront repris" in read(client.get(base).text)


def test_values_that_would_be_accepted_go_on_at_once_and_without_a_grant_nothing_is_judged(bench):
    base = f"/quarantaine/causes/{bench.find_cause()}"
    with bench.sign_in(Role.TRIAGER) as client:
        page = client.get(base).text
        key = find_form(page, "/sortir").fields
        assert client.post(f"{base}/verdict", data=key).status_code == 303
        form = find_form(page, "/acces")
        client.post(form.action, data=form.fields | {"motif": "corriger les motifs"})
        form = find_form(client.get(f"{base}/valeurs").text, "/valeurs")
        first, _second = (name for name in form.fields if name.startswith("v-"))
        assert client.post(form.action, data=form.fields | {first: RIGHT}).status_code == 303
        assert len(bench.workspace.quarantine.list_rows()) == 1
