"""Tenders, changes of software and judged values in Chromium: at every width, in the dark too, and without scripts."""

from __future__ import annotations

import shutil

import pytest
from browsing import CHROMIUM, browser, enter, look
from tender_room import SAMPLE, build_tender, keep_bid, write_sample
from workbench_room import FLOW, RIGHT, SWITCH, WRONG, export_contacts, open_bench

__all__ = ["browser"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed: apt-get install chromium"),
]
BASE = "/consultations/achat"


@pytest.fixture(scope="module")
def tender(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acheteur") / "achat"
    build_tender(folder)
    keep_bid(folder, "Boréal", write_sample(80))
    keep_bid(folder, "Aster & fils", write_sample(60, "inconnu"))
    return folder


@pytest.mark.parametrize(("scheme", "scripts"), [("light", True), ("dark", True), ("light", False)])
def test_tenders_and_changes_have_no_fault_and_are_walked_through(browser, tmp_path, tender, scheme, scripts):
    shutil.copytree(tender, tmp_path / "achat")
    (tmp_path / "switch.toml").write_text(SWITCH, "utf-8")
    (tmp_path / "autres").mkdir()
    (tmp_path / "autres" / SAMPLE).write_bytes(write_sample(4))
    with open_bench(tmp_path, {FLOW: [WRONG] * 3 + ["autre"]}) as bench:
        export_contacts(tmp_path, FLOW, ["Visite"] * 6, name="ensuite.csv")
        page, refused = enter(browser, bench, scheme=scheme, scripts=scripts)
        kind = f"{scheme}{'' if scripts else '-sans-script'}"
        for name, path in {
            "consultations": "/consultations",
            "une-consultation": BASE,
            "une-note": f"{BASE}/notes/boreal",
            "comparaison": f"{BASE}/comparaison",
            "bascule-preuves": "/bascules/bascule/preuves",
            "bascule-retour": "/bascules/bascule/retour",
        }.items():
            page.goto(bench.url + path)
            look(page, f"{name}-{kind}", scripts=scripts)
        begin_a_tender(page, bench, kind, scripts=scripts)
        if scheme == "light":  # what comes of these acts is made of parts that the dark pages above have
            score_a_sample(page, bench, kind, scripts=scripts)
            follow_a_change(page, bench, kind, scripts=scripts)
        judge_values(page, bench, kind, scripts=scripts)
        assert refused == []


def begin_a_tender(page, bench, kind: str, *, scripts: bool) -> None:
    """Choose a trade, leave a kind of records out, and begin; in the dark the form is only looked at."""
    page.goto(f"{bench.url}/consultations")
    page.get_by_role("link", name="Commencer une consultation").click()
    look(page, f"consultation-metier-{kind}", scripts=scripts)
    page.get_by_role("link", name="CCAS et service social").click()
    look(page, f"consultation-nouvelle-{kind}", scripts=scripts)
    if "dark" in kind:
        return
    page.get_by_label("Que cherchez-vous").fill("Accueil social")
    page.get_by_label("Qui achète").fill("CCAS d'Essai")
    page.get_by_label("Document", exact=True).select_option("non")
    page.get_by_role("button", name="Commencer la consultation").click()
    page.get_by_role("heading", name="Accueil social", level=1).wait_for()
    assert "La consultation est commencée" in page.get_by_role("status").first.inner_text()
    look(page, f"consultation-commencee-{kind}", scripts=scripts)


def score_a_sample(page, bench, kind: str, *, scripts: bool) -> None:
    """Drop a sample and keep its score."""
    page.goto(bench.url + BASE)
    sample = {"name": SAMPLE, "mimeType": "application/x-ndjson", "buffer": write_sample(50)}
    page.get_by_label("Les fichiers du candidat").set_input_files([sample])
    page.get_by_label("Qui les remet").fill("Mosaïque")
    page.get_by_label("Et la note").select_option("oui")
    page.get_by_role("button", name="Noter ces fichiers").click()
    page.get_by_role("heading", name="Notation de Mosaïque").wait_for()
    assert "La note est conservée" in page.get_by_role("status").first.inner_text()
    look(page, f"note-gardee-{kind}", scripts=scripts)


def follow_a_change(page, bench, kind: str, *, scripts: bool) -> None:
    """Have the plan weighed, and both softwares compared twice."""
    page.goto(f"{bench.url}/bascules/bascule")
    page.get_by_role("button", name="Peser le plan").click()
    bench.starter.wait()
    page.reload()
    look(page, f"bascule-pesee-{kind}", scripts=scripts)
    for _nth in range(2):
        page.goto(f"{bench.url}/bascules/bascule/comparaisons")
        page.get_by_role("button", name="Comparer les deux").click()
        bench.starter.wait()
    page.reload()
    look(page, f"bascule-comparaisons-{kind}", scripts=scripts)


def judge_values(page, bench, kind: str, *, scripts: bool) -> None:
    """Write other values, see what would become of them, and have only what is right taken up again."""
    page.goto(f"{bench.url}/quarantaine/causes/{bench.find_cause()}")
    page.get_by_label("Pourquoi devez-vous voir").fill("corriger les motifs")
    page.get_by_role("button", name="Voir les valeurs").click()
    page.get_by_label(f"à la place de « {WRONG} »").fill(RIGHT)
    page.get_by_label("à la place de « autre »").fill("Vis")
    if scripts:
        page.get_by_text("serait de nouveau mis de côté").wait_for()
    else:
        page.get_by_role("button", name="Voir ce qu’ils deviendraient").click()
    verdict = page.locator("#verdict")
    assert "3 enregistrements seraient acceptés" in verdict.inner_text().replace("\u00a0", " ")
    page.get_by_role("button", name="Corriger et reprendre").click()
    page.get_by_role("button", name="Reprendre quand même").wait_for()
    look(page, f"valeurs-jugees-{kind}", scripts=scripts)
    page.get_by_label("à la place de « autre »").fill("")
    page.get_by_role("button", name="Corriger et reprendre").click()
    page.get_by_text("3 enregistrements seront repris").wait_for()
