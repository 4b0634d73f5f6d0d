"""Forty marked values in the state: whatever is followed, as whoever it is, none is in a page, an address or a log.

Each role begins at every route and follows every link that it is shown. With a grant, only what was granted is seen.
"""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

import pytest
from tender_room import build_tender, keep_bid, write_sample
from workbench_room import FLOW, OTHER_FLOW, SWITCH, find_form, open_bench

from passerelle.engine.workshop.description_drafting import begin_draft
from passerelle.extension.inferring.proposing import infer
from passerelle.faces.web.rights import Right, Role
from passerelle.faces.web.routes import ROUTES

MARKS = [f"Zzyx{nth:02}Marque" for nth in range(40)]
FOLLOWED = 400
"""Pages that one role looks at, at most: there are fewer."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    # every second row waits in the other flow; the marks stand in cells that a row shows under a grant alone
    motives = {FLOW: MARKS[::2], OTHER_FLOW: MARKS[1::2]}
    folder = tmp_path_factory.mktemp("canaris")
    (folder / "switch.toml").write_text(SWITCH, "utf-8")
    build_tender(folder / "achat")
    for bidder in ("boreal", "aster"):
        keep_bid(folder / "achat", bidder, write_sample(len(MARKS), "inconnu", MARKS))
    with open_bench(folder, motives, web="public_check = true") as opened:
        rows = [f"C{nth};{mark};0{1 + nth % 9}/10/2026;{mark};Visite" for nth, mark in enumerate(MARKS)]
        export = "\n".join(["Id;Personne;Survenu le;Canal;Motif", *rows]).encode()
        begin_draft(opened.workspace, infer(BytesIO(export), contract="interaction/1"), "agenda", who="marie")
        yield opened


def _find_marks(text: str) -> set[str]:
    return {mark for mark in MARKS if mark in text}


def _list_starts(bench) -> list[str]:
    starts = []
    for flow in (FLOW, OTHER_FLOW):
        cause = bench.find_cause(flow)
        (row, *_others) = bench.workspace.quarantine.list_cause_ids(cause, limit=1)
        places = {"flow": flow, "cause": cause, "item": row, "run": 1, "person": 1, "supplier": "atelier"}
        places |= {
            "draft": 1,
            "switch": "bascule",
            "tender": "achat",
            "score": "boreal",
            "dossier": "preuve",
            "trade": "ccas",
        }
        places |= {"name": "interaction", "edition": 1, "file": "registre.html"}
        starts += [route.path.format_map(places) for route in ROUTES if route.method == "GET"]
    return list(dict.fromkeys(starts))


def _crawl(client, starts: list[str]) -> dict[str, str]:
    """Return everything that is answered, by address: the pages of the starts, and all that they lead to."""
    seen: dict[str, str] = {}
    waiting = list(starts)
    while waiting and len(seen) < FOLLOWED:
        address = waiting.pop(0)
        if address in seen or not address.startswith("/") or address.startswith("/static/"):
            continue
        answer = client.get(address)
        seen[address] = f"{answer.text} {answer.headers} {answer.content!r} {address}"
        assert answer.headers["cache-control"] == "no-store", address
        waiting += [unescape(link) for link in re.findall(r'(?:href|action|data-again)="([^"#]+)"', answer.text)]
        if "location" in answer.headers:
            waiting.append(answer.headers["location"])
    assert len(seen) < FOLLOWED
    return seen


@pytest.mark.parametrize("role", [*Role, None])
def test_no_role_is_shown_a_value_anywhere(bench, role, capfd):
    client = bench.make_client() if role is None else bench.sign_in(role)
    with client:
        seen = _crawl(client, _list_starts(bench))
    assert {address: found for address, text in seen.items() if (found := _find_marks(text))} == {}
    said = capfd.readouterr()
    assert _find_marks(said.out + said.err) == set()
    assert len(seen) >= len(_list_starts(bench))


def test_a_grant_of_one_row_shows_that_row_and_every_value_has_its_entry_before(bench):
    first, second = bench.workspace.quarantine.list_cause_ids(bench.find_cause(), limit=2)
    with bench.sign_in(Role.TRIAGER, Role.AUDITOR) as client:
        form = find_form(client.get(f"/quarantaine/lignes/{first}").text, "/acces")
        before = len(bench.workspace.journal.list_audit_entries())
        answer = client.post(form.action, data=form.fields | {"motif": "corriger un contact", "etendue": "colonne"})
        (entry,) = bench.workspace.journal.list_audit_entries()[before:]
        assert (entry.action, entry.subject) == ("quarantine.grant", f"quarantine {first}")
        seen = _crawl(client, [*_list_starts(bench), answer.headers["location"]])
        shown = {address: found for address, text in seen.items() if (found := _find_marks(text))}
        assert shown == {f"/quarantaine/lignes/{first}/correction": {MARKS[0]}}
        assert "P0" not in re.sub("<[^>]*>", " ", seen[answer.headers["location"]])
        assert client.get(f"/quarantaine/lignes/{second}/correction").status_code == 303
        form = find_form(client.get(answer.headers["location"]).text, "/correction")
        client.post(form.action, data=form.fields | {"c-3": "", "c-0": "Zzyx", "faire": "essayer"})
        kept = client.post(form.action, data=form.fields | {"c-0": "Visite"})
        assert kept.headers["location"] == "/corrections"
        assert _find_marks(client.get("/corrections").text) == set()
    with bench.sign_in(Role.TRIAGER, name="ali") as other:
        assert other.get(f"/quarantaine/lignes/{first}/correction").status_code == 303
        assert _find_marks("".join(_crawl(other, _list_starts(bench)).values())) == set()


def test_an_administrator_sees_no_record_whatever_else_they_are(bench):
    with bench.sign_in(*Role) as client:
        row = bench.workspace.quarantine.list_cause_ids(bench.find_cause(), limit=1)[0]
        for route in ROUTES:
            if route.right in (Right.REVEAL, Right.CORRECT, Right.PERSONS):
                path = route.path.format(cause=bench.find_cause(), item=row, person=1)
                key = find_form(client.get("/").text, "/sortir").fields
                answer = client.request(route.method, path, **({"data": key} if route.method == "POST" else {}))
                assert answer.status_code == 403, path
