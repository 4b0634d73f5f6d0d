"""Pages do what commands do: files are checked, persons found and answered, flows run, drafts released."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from workbench_room import FLOW, OTHER_FLOW, RIGHT, WRONG, find_form, open_bench

from passerelle.contracts.catalogue import catalogue, get
from passerelle.contracts.publishing.published_files import FILES
from passerelle.engine.quarantine.quarantine_acts import QuarantineSelection, list_causes
from passerelle.extension.inferring.plugin_names import make_names
from passerelle.extension.inferring.proposing import infer
from passerelle.extension.inferring.toml_writing import write_toml
from passerelle.faces.web.rights import Role
from passerelle.vocabulary.language import set_language

EXPORT = b"Id;Personne;Date;Motif\nC1;P1;01/10/2026;Visite\nC2;Zzyx;02/10/2026;Zzyx-inconnu\n"


@pytest.fixture
def bench(tmp_path):
    motives = {FLOW: [WRONG, "Visite", "autre"], OTHER_FLOW: ["Appel"]}
    with open_bench(tmp_path, motives, web="public_check = true\nfour_eyes = true") as opened:
        yield opened


def read(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html))


@pytest.mark.parametrize("is_known", [True, False])
def test_a_dropped_file_is_told_without_a_value_and_none_of_it_is_kept(bench, is_known):
    client = bench.sign_in(Role.READER) if is_known else bench.make_client()
    with client:
        form = find_form(client.get("/controler" if is_known else "/verifier").text, "ler" if is_known else "fier")
        send = lambda content, **more: client.post(  # noqa: E731  said once
            form.action, data={**form.fields, **more}, files={"fichier": ("export.csv", content)} if content else None
        )
        report = send(EXPORT)
        text = read(report.text)
        assert report.status_code == 200
        assert "lignes lues 2 enregistrements acceptés 1 mis de côté 1" in text
        assert "Entretien ou contact 1" in text
        assert "Zzyx" not in report.text
        assert send(b"\x00\x01PNG").status_code == 422
        assert send(EXPORT, connecteur="autre").status_code == 400
        empty = client.post(form.action, data=form.fields, files={"fichier": ("x.csv", b"")})
        assert empty.status_code == 422
        assert client.post(form.action, data=form.fields).status_code == 415
    assert not any(b"Zzyx" in path.read_bytes() for path in bench.workspace.settings.state.rglob("*") if path.is_file())


def test_without_an_account_three_files_a_minute_are_checked(bench):
    with bench.make_client() as client:
        form = find_form(client.get("/verifier").text, "/verifier")
        sent = {"data": form.fields, "files": {"fichier": ("export.csv", EXPORT)}}
        assert [client.post(form.action, **sent).status_code for _try in range(4)] == [200, 200, 200, 429]
        assert "Attendez une minute" in client.post(form.action, **sent).text
        large = {"data": form.fields, "files": {"fichier": ("export.csv", b"x" * (21 * 1024 * 1024))}}
        refused = client.post(form.action, **large)
        assert refused.status_code == 413
        assert "C’est trop gros pour le poste de travail" in refused.text


def test_a_person_is_found_with_a_reason_answers_and_gets_what_is_held(bench):
    with bench.sign_in(Role.TRIAGER) as client:
        form = find_form(client.get("/personnes").text, "/personnes")
        assert client.post(form.action, data=form.fields | {"numero": "P1", "motif": "oui"}).status_code == 422
        assert client.post(form.action, data=form.fields | {"motif": "demande d'accès"}).status_code == 422
        answer = client.post(form.action, data=form.fields | {"numero": "P1", "motif": "demande d'accès"})
        assert answer.headers["location"] == "/personnes"
        page = client.get("/personnes").text
        (place,) = re.findall(r'href="(/personnes/\d+)"[^>]*>atelier:person:p?P?1<', page) or re.findall(
            r'href="(/personnes/\d+)"', page
        )
        person = client.get(place).text
        form = find_form(person, "/reponse")
        sent = form.fields | {"reponse": "refuse", "recueilli": "au téléphone"}
        assert client.post(form.action, data=sent | {"reponse": "autre"}).status_code == 400
        assert client.post(form.action, data=sent).headers["location"] == place
        assert "refusé" in read(client.get(place).text)
        form = find_form(client.get(place).text, "/export")
        assert client.post(form.action, data=form.fields | {"raison": "oui"}).status_code == 422
        handed = client.post(form.action, data=form.fields | {"raison": "demande du 3 octobre"})
        assert handed.headers["content-disposition"].startswith("attachment")
        assert handed.headers["cache-control"] == "no-store"
        acts = [entry.action for entry in bench.workspace.journal.list_audit_entries()]
        assert acts == ["person.find", "consent.refuse", "person.export"]
    with bench.sign_in(Role.TRIAGER) as other:
        assert other.get(place).headers["location"] == "/personnes"


def test_an_operator_has_a_flow_run_and_sees_what_it_settled(bench, tmp_path):
    (tmp_path / f"entrees-{FLOW}" / "suite.csv").write_bytes(EXPORT)
    with bench.sign_in(Role.OPERATOR) as client:
        form = find_form(client.get(f"/flux/{FLOW}").text, "/lancer")
        assert client.post(form.action, data=form.fields).headers["location"] == "/passages"
        bench.starter.wait()
        page = read(client.get("/passages/2").text)
        assert "enregistrements réglés 2" in page
        assert client.get("/passages/99").status_code == 404
        assert "Ce passage est terminé" in client.get("/passages/2/chiffres").text
    with bench.sign_in(Role.OPERATOR, flows=frozenset({OTHER_FLOW})) as other:
        assert other.get("/passages/2").status_code == 404


def test_a_draft_that_lacks_a_required_value_is_told_of_in_a_whole_sentence(bench):
    item = bench.workspace.quarantine.list_cause_ids(bench.find_cause(), limit=1)[0]
    with bench.sign_in(Role.TRIAGER, name="marie") as client:
        form = find_form(client.get(f"/quarantaine/lignes/{item}").text, "/acces")
        client.post(form.action, data=form.fields | {"motif": "corriger un contact", "etendue": "ligne"})
        form = find_form(client.get(f"/quarantaine/lignes/{item}/correction").text, "/correction")
        client.post(form.action, data=form.fields | {"c-0": "", "c-3": RIGHT})
        assert "N° où mis de côté le" in read(client.get(f"/quarantaine/causes/{bench.find_cause()}/lignes").text)
        page = read(client.get("/corrections").text)
        assert "N° ce qu’elle deviendrait" in page
        assert "Elle serait de nouveau mise de côté." in page
        assert "…" not in page


def test_a_row_is_kept_as_a_draft_and_released_by_somebody_else(bench):
    item = bench.workspace.quarantine.list_cause_ids(bench.find_cause(), limit=1)[0]
    with bench.sign_in(Role.TRIAGER, name="marie") as client:
        form = find_form(client.get(f"/quarantaine/lignes/{item}").text, "/acces")
        assert client.post(form.action, data=form.fields | {"motif": "voir"}).status_code == 422
        client.post(form.action, data=form.fields | {"motif": "corriger un contact", "etendue": "ligne"})
        form = find_form(client.get(f"/quarantaine/lignes/{item}/correction").text, "/correction")
        assert form.fields["c-3"] == WRONG
        verdict = client.post(f"/quarantaine/lignes/{item}/verdict", data=form.fields | {"c-3": RIGHT})
        assert "Elle serait acceptée" in verdict.text
        assert "<html" not in verdict.text
        client.post(form.action, data=form.fields | {"c-3": RIGHT})
        assert client.post(form.action, data=form.fields | {"c-3": "Appel"}).status_code == 409
        release = find_form(client.get("/corrections").text, "/corrections")
        field = next(name for name in release.fields if name.startswith("raison-"))
        assert client.post("/corrections", data=release.fields | {field: "vérifié au dossier"}).status_code == 409
    with bench.sign_in(Role.TRIAGER, name="ali") as other:
        release = find_form(other.get("/corrections").text, "/corrections")
        assert other.post("/corrections", data=release.fields | {field: "oui"}).status_code == 422
        assert other.post("/corrections", data=release.fields | {field: "vérifié au dossier"}).status_code == 303
        assert "1 enregistrement sera repris" in read(other.get("/corrections").text)
        assert other.get(f"/quarantaine/lignes/{item}").status_code == 404


def test_contracts_suppliers_and_register_are_those_that_commands_write(bench):
    with bench.sign_in(Role.READER) as client:
        assert client.get("/contrats/visit/1/modele.xlsx").content == FILES["modele.xlsx"](get("visit/1"))
        assert client.get("/contrats/visit/1/CHANGES.md").status_code == 404
        assert client.get("/contrats/autre/1").status_code == 404
        fields = read(client.get("/contrats/visit/1").text)
        assert "planned_start" not in fields
        assert "Début prévu" in fields
        assert "Entretien ou contact 5 26" in read(client.get("/editeurs/atelier").text)
        assert client.get("/editeurs/autre").status_code == 404
        assert client.get("/registre/registre.xlsx").content[:2] == b"PK"
        assert "Flux « contacts »" in read(client.get("/registre").text)
        assert 'href="/registre"' in client.get("/").text
    with bench.sign_in(Role.READER, flows=frozenset({FLOW})) as other:
        assert other.get("/registre").status_code == 404
        assert 'href="/registre"' not in other.get("/").text


def test_the_workshop_proposes_without_a_value_and_gives_the_draft_that_the_command_writes(bench):
    with bench.sign_in(Role.OPERATOR) as client:
        form = find_form(client.get("/atelier").text, "/atelier")
        sent = {"data": form.fields | {"contrat": "interaction/1"}, "files": {"fichier": ("x.csv", EXPORT)}}
        page = client.post(form.action, **sent)
        assert page.status_code == 200
        assert "Zzyx" not in page.text
        assert "Personne" in read(page.text)
        assert "occurred_on" not in page.text
        draft = client.post(form.action, **sent | {"data": sent["data"] | {"faire": "description"}})
        set_language("fr")
        proposal = infer(BytesIO(EXPORT), contract="interaction/1", name="export")
        assert draft.text == write_toml(proposal, make_names("export", proposal))
        assert "Zzyx" not in draft.text
        other = sent | {"data": form.fields | {"contrat": "autre/1"}}
        assert client.post(form.action, **other).status_code == 400
        assert client.post(form.action, data=form.fields, files={"fichier": ("x.csv", b"")}).status_code == 422
        days = [f"2026-10-{1 + n % 9:02d}" for n in range(60)]
        rows = [f"{n};Nom{n};{day} 08:00;{day} 09:00;fait" for n, day in enumerate(days)]
        one = "\n".join(["Num;Nom;Heure début;Heure fin;Etat", *rows]).encode()
        asked = read(client.post(form.action, data=form.fields, files={"fichier": ("x.csv", one)}).text)
        assert "1 mots" not in asked
        assert "De quel code 1 mot tient-il lieu ?" in asked
        nothing = client.post(form.action, data=form.fields, files={"fichier": ("x.csv", b"a;b\n1;2\n")})
        assert "Aucun contrat ne convient" in nothing.text
    with bench.sign_in(Role.TRIAGER) as other:
        assert other.get("/atelier").status_code == 403


def test_rows_drafts_and_runs_of_another_flow_are_not_there(bench):
    item = bench.workspace.quarantine.list_cause_ids(bench.find_cause(), limit=1)[0]
    bench.workspace.quarantine.keep_draft(
        item, {"Motif": RIGHT}, before=0, verdict="", who="marie", now=bench.workspace.clock.now()
    )
    row = f"/quarantaine/lignes/{item}"
    with bench.sign_in(Role.TRIAGER, flows=frozenset({OTHER_FLOW})) as client:
        key = find_form(client.get("/").text, "/sortir").fields
        for path in (row, f"{row}/correction"):
            assert client.get(path).status_code == 404
        for path in (f"{row}/acces", f"{row}/correction", f"{row}/verdict", f"/corrections/{item}/retrait"):
            assert client.post(path, data=key).status_code == 404
        assert client.post("/corrections", data=key | {"flux": FLOW}).status_code == 404
        assert f"/lignes/{item}" not in client.get("/corrections").text
        assert "attend d’être libérée" not in client.get("/").text
    with bench.sign_in(Role.TRIAGER) as own:
        assert "1 correction attend d’être libérée" in own.get("/").text
        form = find_form(own.get(row).text, "/retrait")
        assert own.post(form.action, data=form.fields).headers["location"] == "/corrections"
        assert own.post(form.action, data=form.fields).status_code == 404
    assert bench.workspace.quarantine.list_drafts() == ()


def test_figures_of_pages_are_those_that_commands_answer_with(bench):
    causes = list_causes(bench.workspace, QuarantineSelection())
    with bench.sign_in(Role.READER) as client:
        shown = re.findall(
            r'<td[^>]*class="number"[^>]*><span class="figure">(\d+)</span>', client.get("/quarantaine").text
        )
        assert [int(text) for text in shown] == [cause.count for cause in causes]
        run = bench.workspace.journal.list_run_parcels(1)
        text = read(client.get("/passages/1").text)
        assert f"enregistrements réglés {sum(one.balance.received for one in run)}" in text
        assert f"mis de côté {sum(one.balance.aside for one in run)}" in text
        assert len(re.findall('scope="row"', client.get("/contrats").text)) == len(catalogue())
