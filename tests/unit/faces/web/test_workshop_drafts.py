"""A proposal is kept as a draft, decided, tried on a file and put to work, by whoever has the right to each."""

from __future__ import annotations

import re
from html import unescape

import pytest
from workbench_room import FLOW, WRONG, find_form, find_forms, open_bench

from passerelle.engine.workshop.description_drafting import list_questions
from passerelle.faces.web.rights import Role

WORDS = ["Téléphone", "Zorg", "Téléphone"]
EXPORT = (
    "Id;Personne;Survenu le;Canal;Motif\n"
    + "".join(f"C{nth};P{nth};{1 + nth % 28:02}/10/2026;{WORDS[nth % 3]};Visite\n" for nth in range(30))
    + "C99;Zzyx-personne;01/10/2026;Zzyx-canal;Zzyx-motif\n"
).encode()


@pytest.fixture
def bench(tmp_path):
    with open_bench(tmp_path, {FLOW: [WRONG]}) as opened:
        yield opened


def read(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html)))


def keep(client, name: str = "Agenda") -> str:
    form = find_form(client.get("/atelier").text, "/atelier")
    data = form.fields | {"contrat": "interaction/1", "nom": name, "faire": "brouillon"}
    answer = client.post(form.action, data=data, files={"fichier": ("x.csv", EXPORT)})
    return answer.headers.get("location", answer.text)


def find_act(html: str, act: str, nth: int = 0):
    return [form for form in find_forms(html) if form.fields.get("faire") == act][nth]


def test_a_draft_is_decided_tried_and_put_to_work_without_a_value_shown(bench, tmp_path):  # noqa: PLR0915  one journey
    with bench.sign_in(Role.OPERATOR) as client, bench.sign_in(Role.ADMINISTRATOR, name="ali") as boss:
        assert "Commencer par une lettre" in keep(client, "7")
        place = keep(client)
        page = client.get(place).text
        assert "Zzyx" not in page
        # the one table that lacks a code, then every question
        form = find_act(page, "codes")
        undecided = [name for name, said in form.fields.items() if name.startswith("m-") and not said]
        assert len(undecided) == 1
        wrong = client.post(form.action, data=form.fields | {undecided[0]: "zzz"})
        assert wrong.status_code == 409
        client.post(form.action, data=form.fields | {undecided[0]: "email"})
        assert client.post(form.action, data=form.fields | {undecided[0]: "phone"}).status_code == 409
        form = find_act(client.get(place).text, "reponses")
        answers = dict.fromkeys((name for name in form.fields if name.startswith("q-")), "oui")
        client.post(form.action, data=form.fields | answers)
        page = client.get(place).text
        assert "Toutes les questions ont leur réponse" in page
        assert "-# À DÉCIDER" in unescape(page)
        form = find_form(page, "/essai")
        tried = client.post(form.action, data=form.fields, files={"fichier": ("x.csv", EXPORT)})
        assert re.search(r"\d+ enregistrements sur 31 seraient acceptés", read(tried.text))
        assert "Zzyx" not in tried.text
        for content in (b"", b"\0\1PNG"):
            refused = client.post(form.action, data=form.fields, files={"fichier": ("x.csv", content)})
            assert refused.status_code == 422
        assert "revient à qui administre" in read(page)
        form = find_form(boss.get(place).text, "/application")
        own = find_form(client.get("/").text, "/sortir").fields
        assert client.post(form.action, data=form.fields | own).status_code == 403
        assert boss.post(form.action, data=form.fields | {"raison": "oui"}).status_code == 422
        applied = boss.post(form.action, data=form.fields | {"raison": "export de novembre lu"})
        assert applied.headers["location"] == place
        assert (tmp_path / "editeurs" / "agenda.toml").is_file()
        (entry,) = bench.workspace.journal.list_audit_entries()
        assert (entry.action, entry.who) == ("description.apply", "ali")


def test_what_is_there_is_shown_before_it_is_replaced(bench, tmp_path):
    with bench.sign_in(Role.ADMINISTRATOR) as client:
        place = keep(client)
        draft = bench.workspace.journal.find_descriptions(1)[0]
        lines = [one.line for one in list_questions(draft.content.text)]
        text = "\n".join(line for nth, line in enumerate(draft.content.text.splitlines(), 1) if nth not in lines)
        for act, sent in (("texte", {"texte": text}), ("codes", {"m-1": "email"})):
            form = find_act(client.get(place).text, act)
            client.post(form.action, data=form.fields | sent)
        form = find_form(client.get(place).text, "/application")
        (tmp_path / "editeurs").mkdir()
        there = tmp_path / "editeurs" / "agenda.toml"
        there.write_text('id = "agenda"\ntitle = "À la main"\n', "utf-8")
        refused = client.post(form.action, data=form.fields | {"raison": "export de novembre"})
        assert refused.status_code == 409
        assert "À la main" in there.read_text("utf-8")
        page = client.get(place).text
        assert '-title = "À la main"' in unescape(page)
        form = find_form(page, "/application")
        client.post(form.action, data=form.fields | {"raison": "export de novembre"})
        assert "À la main" not in there.read_text("utf-8")
        assert [path.name[:18] for path in there.parent.glob("*.avant-*")] == ["agenda.toml.avant-"]


def test_a_text_that_is_wrong_is_kept_and_told_line_by_line(bench):
    with bench.sign_in(Role.OPERATOR) as client:
        place = keep(client)
        form = find_act(client.get(place).text, "texte")
        client.post(form.action, data=form.fields | {"texte": 'id = "agenda"\ntitel = "x"'})
        page = client.get(place).text
        assert "titel" in page
        assert "/essai" not in page
        assert "/application" not in page
        form = find_form(page, "/retrait")
        assert client.post(form.action, data=form.fields).headers["location"] == "/atelier"
        assert client.get(place).status_code == 409
        assert client.post(place, data=form.fields | {"version": "1"}).status_code == 409
        assert "Aucun brouillon" in client.get("/atelier").text


def test_no_state_file_holds_a_word_of_the_file_in_clear(bench):
    with bench.sign_in(Role.OPERATOR) as client:
        keep(client)
    kept = b"".join(path.read_bytes() for path in bench.workspace.settings.state.rglob("*") if path.is_file())
    assert not any(word in kept for word in (b"Zorg", b"Zzyx", b"Survenu"))
