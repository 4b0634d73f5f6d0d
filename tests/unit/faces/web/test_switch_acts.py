"""A change of supplier to its end: weighed, compared time after time, counted back, proved; no page shows a value."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html import unescape

import pytest
from tender_room import write_sample
from workbench_room import FLOW, SWITCH, export_contacts, find_form, open_bench

from passerelle.faces.web.rights import Role
from passerelle.stores.switch_findings import COMPARED, ROLLED_BACK
from passerelle.switching.change_acts import compare_change, keep_rollback
from passerelle.switching.change_overview import find_named_change
from passerelle.switching.prove import keys, signing
from passerelle.switching.prove.dossier import DossierInput, build_document
from passerelle.switching.rollback.undoing import ContractRollback, RemainingItem
from passerelle.switching.snapshot import take_snapshot

SECRET = "Zzyx"
TITLED = SWITCH.replace("[side.ancien]", '[side.ancien]\ntitle = "Agenda d\'hier"')
BASE = "/bascules/bascule"


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "switch.toml").write_text(TITLED, "utf-8")
    (tmp_path / "autres").mkdir()
    (tmp_path / "autres" / "interaction.ndjson").write_bytes(write_sample(4, words=[SECRET]))
    with open_bench(tmp_path) as opened:
        # a run takes away what it read: what both sides are read from was put there since
        export_contacts(tmp_path, FLOW, ["Visite", "Appel", SECRET])
        yield opened


def read(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html)))


def ask(client, bench, path: str, action: str) -> str:
    """Press a button of a page, wait until it is done, and return the page."""
    form = find_form(client.get(path).text, action)
    assert client.post(form.action, data=form.fields).headers["location"] == path
    bench.starter.wait()
    return client.get(path).text


def test_the_plan_is_weighed_by_the_exports_and_names_people_know(bench):
    with bench.sign_in(Role.OPERATOR) as client:
        before = read(client.get(BASE).text)
        assert "Agenda d'hier" in before
        assert "interaction/1" not in before
        assert "–" in before
        page = ask(client, bench, BASE, "/pesee")
        text = read(page)
        assert "Pesé par 2 enregistrements des exports" in text
        assert 'class="drawing"' in page
        assert SECRET not in page
        assert "Pesé par" in read(client.get(f"{BASE}/plan.html").text)
        assert "Agenda d'hier" in read(client.get("/bascules").text)
        assert "Contacts" in read(client.get(f"/flux/{FLOW}").text)
        assert "atelier-contacts" not in client.get("/flux").text
    with bench.sign_in(Role.READER) as reader:
        assert "/pesee" not in reader.get(BASE).text


def test_comparisons_stand_side_by_side_whoever_made_them(bench):
    with bench.sign_in(Role.OPERATOR) as client:
        assert "pas encore été comparés" in read(client.get(f"{BASE}/comparaisons").text)
        page = ask(client, bench, f"{BASE}/comparaisons", "/comparaisons")
        assert "C’est fait." in read(page)
        assert "interaction/1" not in read(page)
        assert SECRET not in page
        ask(client, bench, f"{BASE}/comparaisons", "/comparaisons")
        page = client.get(f"{BASE}/comparaisons").text
        assert page.count("<svg") >= 1
        first, second = bench.workspace.journal.list_switch_findings("bascule", COMPARED, limit=9)
        assert first.content == second.content
        assert first.content["contracts"]["interaction/1"] == {"found": 0, "origin": 2, "target": 4}
        assert first.who == "marie"
        differences = sum(first.content["unexpected"].values())
        assert re.search(rf"\b2 4 0 {differences} ", read(page))
        assert "fragment" not in client.get(f"{BASE}/comparaisons/chiffres").text
        assert "<html" not in client.get(f"{BASE}/comparaisons/chiffres").text


def test_what_was_weighed_and_compared_is_there_after_a_restart_and_no_value_stands_in_the_state(tmp_path):
    (tmp_path / "switch.toml").write_text(TITLED, "utf-8")
    (tmp_path / "autres").mkdir()
    (tmp_path / "autres" / "interaction.ndjson").write_bytes(write_sample(4, words=[SECRET]))
    with open_bench(tmp_path) as bench:
        export_contacts(tmp_path, FLOW, ["Visite", "Appel", SECRET])
        with bench.sign_in(Role.OPERATOR) as client:
            ask(client, bench, BASE, "/pesee")
            ask(client, bench, f"{BASE}/comparaisons", "/comparaisons")
            pages = [client.get(path).text for path in (BASE, f"{BASE}/comparaisons")]
            saved = client.get(f"{BASE}/plan.html").content
    with open_bench(tmp_path) as bench, bench.sign_in(Role.READER) as client:
        again = [client.get(path).text for path in (BASE, f"{BASE}/comparaisons")]
        assert "Pesé par 2 enregistrements des exports" in read(again[0])
        assert "marie" in read(again[0])
        assert "Ce que personne n’attendait" in read(again[1]).replace("'", "’")
        for before, after in zip(pages, again, strict=True):
            sections = [part.split("</main>")[0] for part in before.split("<h2")[1:] if "<form" not in part]
            assert len(sections) > 2
            assert all(part in after for part in sections)
        assert client.get(f"{BASE}/plan.html").content == saved
    # what was weighed is not shown as the plan of descriptions that have changed since
    (tmp_path / "switch.toml").write_text(TITLED.replace("interaction/1", "visit/1"), "utf-8")
    with open_bench(tmp_path) as bench, bench.sign_in(Role.READER) as client:
        text = read(client.get(BASE).text)
        assert "Le plan n’est pas pesé." in text
        assert "Pesé par" not in text
    state = b"".join(path.read_bytes() for path in (tmp_path / "etat").rglob("*") if path.is_file())
    assert SECRET.encode() not in state


def test_a_side_without_files_is_told_in_words(bench):
    folder = bench.workspace.settings.path.parent
    (folder / "autres" / "interaction.ndjson").unlink()
    with bench.sign_in(Role.OPERATOR) as client:
        text = read(ask(client, bench, f"{BASE}/comparaisons", "/comparaisons"))
        assert "Cela a été interrompu." in text
        assert "--" not in text
    assert bench.workspace.journal.list_switch_findings("bascule", COMPARED, limit=9) == ()


def test_what_was_taken_back_is_told_in_counts_and_never_by_name(bench):
    undone = [ContractRollback("interaction/1", 5, 3, [RemainingItem("interaction/1", "record", SECRET)] * 2)]
    keep_rollback(bench.workspace, "bascule", undone, who="marie", dry_run=False)
    with bench.sign_in(Role.OPERATOR) as client:
        page = client.get(f"{BASE}/retour")
        assert "Entretien ou contact 5 3 enregistrements 2" in read(page.text)
        # nothing of this change was moved: there is nothing to count
        assert 'action="/bascules/bascule/retour"' not in page.text
        got = client.get(f"{BASE}/retour/retour.json")
        (told,) = json.loads(got.content)
        assert told["contracts"] == {"interaction/1": {"created": 5, "left": {"record": 2}, "removed": 3}}
        assert SECRET not in page.text + got.text
        key = find_form(page.text, "/sortir").fields
        client.post(f"{BASE}/retour", data=key)
        bench.starter.wait()
        assert "Cela a été interrompu." in read(client.get(f"{BASE}/retour").text)
    assert len(bench.workspace.journal.list_switch_findings("bascule", ROLLED_BACK, limit=9)) == 1


def sign_dossier(workspace, folder) -> str:
    """Compare both sides, and sign a dossier of it into a folder; return the fingerprint of the key."""
    keys.make_key(folder.with_suffix(".pem"))
    change = find_named_change(workspace, "bascule")
    snapshots = [
        take_snapshot(side, folder.with_name(f"lu-{side.name}"), is_sealed=True)
        for side in (change.origin, change.target)
    ]
    case = DossierInput(
        name="bascule",
        origin=snapshots[0],
        target=snapshots[1],
        comparison=compare_change(workspace, "bascule", who="marie").to_json(),
        at=datetime(2026, 12, 1, 9, tzinfo=UTC),
        seed="loto du 30 novembre",
        size=2,
        decisions=change.decisions,
        tolerances=change.tolerances,
        same_ids=change.same_ids,
        learned_refs={},
        journal=[],
    )
    return signing.write_dossier(folder, build_document(case), keys.load_key(folder.with_suffix(".pem")))


def test_a_dossier_is_looked_at_each_time_and_one_that_was_changed_says_so(bench):
    folder = bench.workspace.settings.path.parent / "preuve du 1er"
    with bench.sign_in(Role.AUDITOR) as client:
        assert "Aucun dossier" in read(client.get(f"{BASE}/preuves").text)
        fingerprint = sign_dossier(bench.workspace, folder)
        page = client.get(f"{BASE}/preuves").text
        assert "Dossier du 1er décembre 2026" in read(page)
        assert "tel qu’il a été signé" in read(page).replace("'", "’")
        assert fingerprint in read(page)
        for path in folder.iterdir():
            got = client.get(f"{BASE}/preuves/preuve%20du%201er/{path.name}")
            assert got.content == path.read_bytes()
            assert SECRET not in got.text
        assert client.get(f"{BASE}/preuves/preuve%20du%201er/passerelle.toml").status_code == 404
        assert client.get(f"{BASE}/preuves/etat/cle").status_code == 404
        (folder / "dossier.html").write_text("changée", "utf-8")
        assert 'class="notice fault"' in client.get(f"{BASE}/preuves").text
