"""The workbench on a real local server: what every role may, what nobody sees, and what every answer carries."""

from __future__ import annotations

import re

import httpx
import pytest
from workbench_room import FLOW, OTHER_FLOW, WRONG, find_form, find_forms, open_bench

from passerelle.faces.web.app import _answer
from passerelle.faces.web.rights import Right, Role, Visitor
from passerelle.faces.web.routes import ROUTES, PagePath
from passerelle.faces.web.security import LARGEST_BODY
from passerelle.faces.web.visits import MOST_FIELDS, PageVisit

SECRET = "Zzyx-valeur-marquée"
"""In cells of both flows: no page may show it without a grant."""
PAGES = [route for route in ROUTES if route.method == "GET"]


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    motives = {FLOW: [WRONG, "Visite", SECRET], OTHER_FLOW: [SECRET]}
    with open_bench(tmp_path_factory.mktemp("poste"), motives) as opened:
        yield opened


def _fill(path: str, bench, flow: str = FLOW) -> str:
    cause = bench.find_cause(flow)
    (row, *_others) = bench.workspace.quarantine.list_cause_rows(cause, limit=1)
    places = {"flow": flow, "cause": cause, "item": row.id, "run": 1, "name": "interaction", "edition": 1, "person": 1}
    places |= {"draft": 1, "switch": "bascule", "tender": "achat", "score": "boreal", "dossier": "preuve"}
    return path.format_map({**places, "supplier": "atelier", "file": "registre.html", "trade": "ccas"})


@pytest.mark.parametrize("role", Role)
def test_every_route_answers_those_who_have_its_right_and_nobody_else(bench, role):
    with bench.sign_in(role) as client:
        key = find_form(client.get("/").text, "/sortir").fields["form_key"]
        for route in ROUTES:
            # these end the session, write a link, or examine a plugin in a process of its own
            if route.path in ("/sortir", "/entrer/lien", "/editeurs/{supplier}/examen"):
                continue
            sent = {} if route.method == "GET" else {"data": {"form_key": key}}
            answer = client.request(route.method, _fill(route.path, bench), **sent)
            may = route.right is Right.PUBLIC or bench.doorkeeper.find_session(
                client.cookies["passerelle"]
            ).visitor.may(route.right)
            refused = "Ce n’est pas à vous" in answer.text
            assert refused != may, (role, route.method, route.path, answer.status_code)
            assert (answer.status_code == 403) == (not may or (route.method, route.path) == ("POST", "/entrer"))


def test_rights_are_those_of_the_table():
    may = {
        role: {right for right in Right if bench_may(role, right)} - {Right.PUBLIC, Right.SIGNED_IN} for role in Role
    }
    assert may == {
        Role.READER: {Right.SEE, Right.OWN_ACTS},
        Role.OPERATOR: {Right.SEE, Right.RUN, Right.DESCRIBE, Right.OWN_ACTS},
        Role.TRIAGER: {Right.SEE, Right.OWN_ACTS, Right.REVEAL, Right.CORRECT, Right.PERSONS},
        Role.AUDITOR: {Right.SEE, Right.OWN_ACTS, Right.ALL_ACTS},
        Role.ADMINISTRATOR: {Right.SEE, Right.RUN, Right.DESCRIBE, Right.APPLY},
    }


def bench_may(role: Role, right: Right) -> bool:
    return Visitor("x", frozenset({role})).may(right)


def test_whoever_did_not_enter_is_led_to_the_door_and_reads_nothing(bench):
    with bench.make_client() as client:
        for route in ROUTES:
            if route.right is Right.PUBLIC:
                continue
            answer = client.request(route.method, _fill(route.path, bench))
            assert (answer.status_code, answer.headers["location"], answer.text) == (303, "/entrer", "")


def test_no_page_shows_a_value_without_a_grant_whatever_the_role(bench, capfd):
    for role in Role:
        with bench.sign_in(role) as client:
            for route in PAGES:
                for flow in (FLOW, OTHER_FLOW):
                    answer = client.get(_fill(route.path, bench, flow))
                    shown = answer.text + str(answer.headers) + str(answer.url)
                    assert SECRET not in shown
                    assert WRONG not in shown
                    assert answer.headers["cache-control"] == "no-store"
    said = capfd.readouterr()
    assert SECRET not in said.out + said.err


def test_a_grant_shows_one_column_of_one_cause_and_is_in_the_trail_before(bench):
    cause = bench.find_cause()
    with bench.sign_in(Role.TRIAGER, Role.AUDITOR) as client:
        page = client.get(f"/quarantaine/causes/{cause}").text
        form = find_form(page, "/acces")
        entries = len(bench.workspace.journal.list_audit_entries())
        short = client.post(form.action, data=form.fields | {"motif": "voir"})
        assert short.status_code == 422
        assert "deux mots" in short.text
        assert len(bench.workspace.journal.list_audit_entries()) == entries
        answer = client.post(form.action, data=form.fields | {"motif": "corriger les motifs d'octobre"})
        assert answer.status_code == 303
        granted = bench.workspace.journal.list_audit_entries()[entries:]
        assert [(entry.action, entry.who, entry.why) for entry in granted] == [
            ("quarantine.grant", "marie", "corriger les motifs d'octobre")
        ]
        values = client.get(answer.headers["location"]).text
        assert SECRET in values
        assert WRONG in values
        assert "P0" not in re.sub("<[^>]*>", " ", values)
        other = client.get(f"/quarantaine/causes/{bench.find_cause(OTHER_FLOW)}/valeurs")
        assert other.status_code == 303
        for route in PAGES:
            if not route.path.endswith("/valeurs"):
                assert SECRET not in client.get(_fill(route.path, bench)).text
        trail = client.get("/audit").text
        assert "octobre" in trail
        assert "a vu les valeurs d’une colonne" in trail
    with bench.sign_in(Role.TRIAGER, name="marie") as elsewhere:
        assert elsewhere.get(f"/quarantaine/causes/{cause}/valeurs").status_code == 303


def test_another_flow_looks_like_one_that_is_not_there(bench):
    with bench.sign_in(Role.TRIAGER, flows=frozenset({OTHER_FLOW})) as client:
        cause = bench.find_cause()
        for path in (f"/flux/{FLOW}", f"/quarantaine?flux={FLOW}", f"/quarantaine/causes/{cause}"):
            assert client.get(path).status_code == 404
        assert client.get(f"/quarantaine/causes/{cause}/lignes").status_code == 404
        assert client.get(f"/flux/{OTHER_FLOW}").status_code == 200
        shown = client.get("/").text + client.get("/quarantaine").text + client.get("/flux").text
        assert f"/flux/{OTHER_FLOW}" in shown
        assert f"/flux/{FLOW}" not in shown
        assert f"/causes/{cause}" not in shown


def test_every_answer_forbids_scripts_frames_and_keeping(bench):
    with bench.sign_in(*Role) as client:
        for path in ("/", "/nulle-part", "/sante", "/entrer?lien=x", "/quarantaine/causes/0"):
            headers = client.get(path).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "script-src" not in policy
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"
            assert "server" not in headers
        assert "<script" not in client.get("/").text
        assert "style=" not in client.get("/").text


def test_a_link_opens_once_and_a_session_ends_when_its_visitor_leaves(bench):
    with bench.sign_in(Role.READER) as client:
        page = client.get("/").text
        form = find_form(page, "/sortir")
        cookie = client.cookies["passerelle"]
        assert client.post(form.action, data=form.fields).headers["location"] == "/entrer"
        answer = httpx.get(f"{bench.url}/", headers={"Cookie": f"passerelle={cookie}"})
        assert answer.headers["location"] == "/entrer"


def test_looking_at_a_link_does_not_use_it_up_and_entering_does(bench):
    token = bench.doorkeeper.issue_link(Visitor("marie", frozenset({Role.READER})))
    with bench.make_client() as client:
        for _look in range(2):
            form = find_form(client.get(f"/entrer?lien={token}").text, "/entrer")
        answer = client.post(form.action, data=form.fields)
        assert answer.status_code == 303
        said = answer.headers["set-cookie"].lower()
        assert "httponly" in said
        assert "samesite=strict" in said
        assert client.get("/").status_code == 200
        assert client.post(form.action, data=form.fields).status_code == 403


def test_a_form_of_another_site_or_of_no_session_is_refused(bench):
    with bench.sign_in(Role.TRIAGER) as client:
        cause = bench.find_cause()
        form = find_form(client.get(f"/quarantaine/causes/{cause}").text, "/reprise")
        sent = form.fields | {"raison": "le code est connu"}
        for headers in ({"Origin": "http://ailleurs.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": ""}):
            assert client.post(form.action, data=sent, headers=headers).status_code == 403
        assert client.post(form.action, data=sent | {"form_key": "autre"}).status_code == 403
        without = {name: text for name, text in sent.items() if name != "form_key"}
        assert client.post(form.action, data=without).status_code == 403
        with bench.sign_in(Role.TRIAGER) as other:
            assert other.post(form.action, data=sent).status_code == 403
        assert bench.workspace.quarantine.find_cause(cause).count == 2


def test_what_no_page_of_ours_sends_is_refused_and_changes_nothing(bench):
    with bench.sign_in(Role.TRIAGER) as client:
        cause = bench.find_cause()
        form = find_form(client.get(f"/quarantaine/causes/{cause}").text, "/acces")
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        key = f"form_key={form.fields['form_key']}"
        bodies = {
            b"x" * (LARGEST_BODY + 1): 413,
            "&".join([key, *(f"f{nth}=1" for nth in range(MOST_FIELDS + 1))]).encode(): 400,
            f"{key}&motif=%00abc+def".encode(): 400,
            f"{key}&motif=%ff%fe".encode(): 400,
            f"{key}&motif=a+b&motif=c+d".encode(): 400,
            b"\xff=1": 400,
            b"form_key": 400,
        }
        for body, status in bodies.items():
            assert client.post(form.action, content=body, headers=kind).status_code == status, body[:40]
        assert client.post(form.action, json={"motif": "a b"}).status_code == 415
        for place in ("-1", "x", "9" * 30, "1%00", "%E2%82%AC"):
            assert client.get(f"/quarantaine/causes/{place}").status_code == 404
        assert client.get("/audit?avant=abc").status_code == 404
        assert client.get("/", headers={"Host": "ailleurs.example"}).status_code == 421


def test_health_says_nothing_of_the_installation(bench):
    with bench.make_client() as client:
        assert client.get("/sante").json() == {"schema": "passerelle.health/1", "status": "ok"}


def test_the_first_page_is_small_and_its_style_is_kept(bench):
    with bench.sign_in(*Role) as client:
        page = client.get("/")
        sheet = client.get(re.search(r'href="(/static/[^"]*css)"', page.text)[1])
        assert "immutable" in sheet.headers["cache-control"]
        assert len(page.content) + len(sheet.content) < 25_000
        assert client.get("/static/..%2fapp.py").status_code == 404


def test_an_auditor_verifies_the_trail_and_others_read_their_own_acts(bench):
    with bench.sign_in(Role.AUDITOR, name="ali") as auditor:
        form = find_form(auditor.get("/audit").text, "/verification")
        assert auditor.post(form.action, data=form.fields).status_code == 303
        assert "piste d’audit est entière" in auditor.get("/audit").text
    with bench.sign_in(Role.READER, name="personne") as reader:
        page = reader.get("/audit").text
        assert "octobre" not in page
        assert not [form for form in find_forms(page) if form.action.endswith("/verification")]


def test_pages_say_purposes_and_kinds_of_records_in_words(bench):
    now = bench.workspace.clock.now()
    bench.workspace.journal.append_audit("person.find", "essai:person:1", "", now, "léa", purpose="pay support")
    with bench.sign_in(*Role, name="léa") as client:
        trail, causes = client.get("/audit").text, client.get("/quarantaine").text
        assert "paie, accompagnement" in trail
        assert "pay support" not in trail
        assert "Entretien ou contact" in causes
        assert "interaction/1" not in causes


def test_a_new_link_is_written_where_the_workbench_was_started_and_nowhere_else(bench):
    with bench.make_client() as client:
        form = find_form(client.get("/entrer").text, "/entrer/lien")
        answer = client.post(form.action, data=form.fields)
        assert len(bench.announced) == 1
        assert bench.announced[0] not in answer.text + str(answer.headers)


def test_a_fault_of_ours_is_told_without_its_words(bench, capfd):
    def fail(_visit):
        raise ValueError(SECRET)

    visit = PageVisit(bench.workspace, bench.doorkeeper, lambda: None, None)
    answer = _answer(PagePath("GET", "/", fail, Right.PUBLIC), visit, "/")
    assert answer.status_code == 500
    said = capfd.readouterr()
    assert SECRET not in answer.body.decode() + said.out + said.err
    assert "ValueError" in said.err
