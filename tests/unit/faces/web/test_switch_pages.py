"""A change of supplier on a page: the plan of the command, its worksheet down, and what a filled one decides."""

from __future__ import annotations

import re
from html import unescape

import pytest
from workbench_room import FLOW, OTHER_FLOW, WRONG, find_form, open_bench

from passerelle.faces.report import switch_plan
from passerelle.faces.web.rights import Role
from passerelle.faces.web.switch_words import strip_name
from passerelle.switching.change_overview import list_changes, plan_change
from passerelle.switching.decision_worksheet import read_worksheet, write_worksheet
from passerelle.switching.decisions import AcceptedLoss, Decisions
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.vocabulary.language import set_language

SWITCH = """
[side.ancien]
exports = [{ connector = "atelier-contacts", path = "entrees-contacts/*.csv" }]
[side.nouveau]
exports = [{ contract = "person/1", path = "autres/*.ndjson" }]
[switch.bascule]
from = "ancien"
to = "nouveau"
"""


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "switch.toml").write_text(SWITCH, "utf-8")
    with open_bench(tmp_path, {FLOW: [WRONG, "Zzyx"]}) as opened:
        yield opened


def read(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html)))


def test_the_page_says_what_the_command_plans_and_shows_no_record(bench):
    with bench.sign_in(Role.TRIAGER) as client:
        assert "/bascules/bascule" in client.get("/bascules").text
        page = client.get("/bascules/bascule")
        set_language("fr")
        text = read(page.text)
        for section in switch_plan.build_sections(plan_change(bench.workspace, "bascule").plan):
            assert strip_name(section.title) in text
            assert all(re.sub(r"\s+", " ", sentence) in text for sentence in section.sentences)
        assert "style=" not in page.text
        assert "Zzyx" not in page.text
        kept = client.get("/bascules/bascule/plan.html")
        assert kept.headers["content-disposition"].startswith("attachment")
        assert client.get("/bascules/bascule/autre").status_code == 404
        assert client.get("/bascules/autre").status_code == 404
    with bench.sign_in(Role.READER, flows=frozenset({OTHER_FLOW})) as other:
        assert other.get("/bascules").status_code == 404
        assert 'href="/bascules"' not in other.get("/").text


def test_the_worksheet_comes_down_and_is_judged_when_it_comes_up(bench, tmp_path):
    with bench.sign_in(Role.OPERATOR) as client:
        path = tmp_path / "rendu.xlsx"
        path.write_bytes(client.get("/bascules/bascule/decisions.xlsx").content)
        assert read_worksheet(path) == Decisions()
        accepted = AcceptedLoss("interaction/1", "", DifferenceKind.NOT_TAKEN, "Mme Zzyx", "vu ensemble")
        write_worksheet(path, plan_change(bench.workspace, "bascule").plan, Decisions(accepted=(accepted,)))
        form = find_form(client.get("/bascules/bascule").text, "/decisions")
        send = lambda content: client.post(  # noqa: E731  said once
            form.action, data=form.fields, files={"fichier": ("autre.xlsx", content)}
        )
        judged = send(path.read_bytes())
        assert judged.status_code == 200
        assert "pertes que quelqu’un accepte 1" in read(judged.text)
        assert "Zzyx" not in judged.text
        for content in (b"", b"PK rien", b"a;b"):
            refused = send(content)
            assert refused.status_code == 422
            # whoever reads this page has no terminal
            assert "passerelle switch" not in read(refused.text)
        assert "Partez du classeur à prendre sur cette page" in read(send(b"a;b").text)
    with bench.sign_in(Role.READER) as reader:
        assert '/decisions"' not in reader.get("/bascules/bascule").text
        assert reader.get("/bascules/bascule/decisions.xlsx").content[:2] == b"PK"


def test_without_a_file_nothing_is_prepared(tmp_path):
    with open_bench(tmp_path) as bench, bench.sign_in(Role.READER) as client:
        assert list_changes(bench.workspace) == {}
        assert "Aucun changement" in client.get("/bascules").text
        assert client.get("/bascules/bascule").status_code == 404
