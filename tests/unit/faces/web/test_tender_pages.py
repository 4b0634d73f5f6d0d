"""A tender on pages: its questions, a sample scored as the command scores it, the bidders side by side."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from tender_room import SAMPLE, build_tender, write_sample
from workbench_room import OTHER_FLOW, find_form, open_bench

from passerelle.faces.web.rights import Role
from passerelle.tender import tender_overview
from passerelle.tender.comparing.written_forms import FILES as COMPARED
from passerelle.tender.comparing.written_forms import compare_folders
from passerelle.tender.scoring import scorecard
from passerelle.tender.scoring.examining import BidEntry, score_bid

SECRET = "Zzyx"


@pytest.fixture(scope="module")
def tender(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acheteur") / "essai d'automne"
    build_tender(folder)
    return folder


@pytest.fixture
def bench(tmp_path, tender):
    folder = tmp_path / tender.name
    folder.mkdir()
    for path in tender.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    with open_bench(tmp_path) as opened:
        yield opened


def read(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html)))


def find_folder(bench):
    return bench.workspace.settings.path.parent / "essai d'automne"


BASE = "/consultations/essai%20d%27automne"


def score(client, *files: tuple[str, bytes], **fields: str):
    """Send files to be scored."""
    form = find_form(client.get(BASE).text, "/notes")
    sent = [("fichiers", (name, content)) for name, content in files]
    return client.post(form.action, data=form.fields | fields, files=sent)


def test_the_questions_the_requirements_and_the_papers_of_a_tender_are_there(bench):
    with bench.sign_in(Role.READER) as client:
        assert BASE in client.get("/consultations").text
        page = client.get(BASE)
        text = read(page.text)
        held = tender_overview.open_tender(find_folder(bench))
        assert "À quoi sert chaque donnée ? pas encore de réponse" in text
        assert all(one.id in text for one in held.consultation.requirements)
        for name in held.list_papers():
            answer = client.get(f"{BASE}/fichiers/{name}")
            assert answer.content == (held.folder / name).read_bytes()
            assert answer.headers["content-disposition"].startswith("attachment")
        assert client.get(f"{BASE}/fichiers/tender.toml").status_code == 404
        assert client.get("/consultations/autre").status_code == 404
        assert "garder" not in page.text
    with bench.sign_in(Role.READER, flows=frozenset({OTHER_FLOW})) as other:
        assert other.get(BASE).status_code == 404
        assert 'href="/consultations"' not in other.get("/").text


def test_a_dropped_sample_is_scored_as_the_command_scores_it_and_no_value_is_shown(bench, tmp_path):
    content = write_sample(40, words=[SECRET])
    path = tmp_path / SAMPLE
    path.write_bytes(content)
    held = tender_overview.open_tender(find_folder(bench))
    entry = BidEntry(samples=[path], bidder="Boréal", product="Agenda 3")
    scored = score_bid(held.consultation, entry)
    with bench.sign_in(Role.OPERATOR) as client:
        shown = score(client, (SAMPLE, content), candidat="Boréal", produit="Agenda 3")
        assert shown.status_code == 200
        text = read(shown.text)
        assert all(read(one.title) in text for one in scored.score.results)
        assert "style=" not in shown.text
        assert SECRET not in shown.text
        assert not (held.folder / "notes").exists()
        kept = score(client, (SAMPLE, content), candidat="Boréal", produit="Agenda 3", garder="oui")
        assert kept.headers["location"] == f"{BASE}/notes/boreal"
        assert scorecard.read(held.folder / "notes" / "boreal") == scored.score
        page = client.get(kept.headers["location"])
        assert SECRET not in page.text
        for name in re.findall(rf'href="{BASE}/notes/boreal/([^"]+)"'.replace("'", "&#39;"), page.text):
            got = client.get(f"{BASE}/notes/boreal/{name}").content
            assert got == (held.folder / "notes" / "boreal" / name).read_bytes()
            assert SECRET.encode() not in got
        again = score(client, (SAMPLE, content), candidat="boréal", garder="oui")
        assert again.status_code == 422
    scored.close()
    with bench.sign_in(Role.READER) as reader:
        assert score(reader, (SAMPLE, content), garder="oui").status_code == 403
        assert score(reader, (SAMPLE, b"")).status_code == 422
        assert score(reader, ("rien.csv", b"a;b\n1;2\n")).status_code == 422
        assert score(reader, (SAMPLE, content), connecteur="autre").status_code == 400


def test_bidders_are_compared_as_the_command_compares_them(bench):
    with bench.sign_in(Role.OPERATOR) as client:
        assert client.get(f"{BASE}/comparaison").status_code == 404
        for bidder, motive in (("Aster", "visit"), ("Boréal & fils", "inconnu")):
            sent = score(client, (SAMPLE, write_sample(40, motive, [SECRET])), candidat=bidder, garder="oui")
            assert sent.status_code == 303
        assert f"{BASE}/comparaison" in unescape(client.get(BASE).text)
        page = client.get(f"{BASE}/comparaison")
        made = compare_folders(list(tender_overview.list_scores(find_folder(bench)).values()))
        text = read(page.text)
        for one in made.bidders:
            assert one.name in text
        assert all(read(line.title) in text for line in made.lines)
        assert page.text.count('class="drawing"') > 2
        assert "style=" not in page.text
        assert SECRET not in page.text
        for name in COMPARED.values():
            got = client.get(f"{BASE}/comparaison/{name}")
            assert got.status_code == 200
            assert SECRET.encode() not in got.content
        assert client.get(f"{BASE}/comparaison/autre").status_code == 404
        assert json.loads(client.get(f"{BASE}/comparaison/comparaison.json").content)["digest"] == made.digest
    for role in (Role.READER, Role.TRIAGER, Role.AUDITOR):
        with bench.sign_in(role) as other:
            page = other.get(BASE)
            assert "Aster" in page.text, "notes are seen by everybody; prices are not"
            assert f"{BASE}/notes/aster" not in unescape(page.text)
            assert f"{BASE}/comparaison" not in unescape(page.text)
            for way in ("comparaison", "comparaison/comparaison.json", "notes/aster", "notes/aster/score.json"):
                assert other.get(f"{BASE}/{way}").status_code == 403


def test_a_tender_is_begun_on_a_page_as_the_command_begins_it(tmp_path):
    with open_bench(tmp_path) as bench:
        root = bench.workspace.settings.path.parent
        with bench.sign_in(Role.OPERATOR) as client:
            page = client.get("/consultations/nouvelle/ccas").text
            form = find_form(page, "/nouvelle/ccas")
            left = {name: "non" for name in form.fields if name.startswith("donnees-")}
            refused = client.post(form.action, data=form.fields | left | {"volume-persons": "beaucoup"})
            assert refused.status_code == 422
            assert re.search("au moins une sorte.* nombre entier", read(refused.text))
            assert not list(root.glob("*/tender.toml"))
            kept = left | {"donnees-interaction": "oui", "volume-persons": "400"}
            words = {"titre": 'L\'outil "simple" \\ d’accueil', "acheteur": "CCAS d'Essai", "reference": "2026-07"}
            begun = client.post(form.action, data=form.fields | kept | words)
            assert begun.headers["location"] == "/consultations/l-outil-simple-d-accueil"
            text = read(client.get(begun.headers["location"]).text)
            assert "CCAS d'Essai" in text
            held = tender_overview.open_tender(root / "l-outil-simple-d-accueil")
            frozen = held.consultation
            assert ([one.id for one in frozen.contracts], frozen.title) == (["interaction/1"], words["titre"])
            assert {one.what: one.count for one in held.consultation.volumes}["persons"] == 400
            assert len(held.list_papers()) > 5
            for title in (words["titre"], "etat", "Nouvelle"):
                again = client.post(form.action, data=form.fields | kept | words | {"titre": title})
                assert again.status_code == 422
                assert "un autre titre" in read(again.text)


def test_a_tender_is_begun_by_whoever_may_describe_and_sees_everything(tmp_path):
    with open_bench(tmp_path) as bench:
        with bench.sign_in(Role.OPERATOR) as client:
            assert 'href="/consultations/nouvelle"' in client.get("/consultations").text
            assert 'href="/consultations/nouvelle/ccas"' in client.get("/consultations/nouvelle").text
            assert client.get("/consultations/nouvelle/autre").status_code == 404
        with bench.sign_in(Role.READER) as reader:
            assert "/consultations/nouvelle" not in reader.get("/consultations").text
            assert reader.get("/consultations/nouvelle").status_code == 403
        with bench.sign_in(Role.OPERATOR, flows=frozenset({OTHER_FLOW})) as other:
            assert other.get("/consultations/nouvelle").status_code == 404
            assert other.get("/consultations/nouvelle/ccas").status_code == 404
