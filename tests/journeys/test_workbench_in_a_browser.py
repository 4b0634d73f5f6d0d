"""The workbench in Chromium: the whole journey, with and without scripts, no fault of axe, no CSP violation."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest
from browsing import AXE, CHROMIUM, browser, enter, look
from workbench_room import FLOW, OTHER_FLOW, RIGHT, SWITCH, WRONG, open_bench

from passerelle.engine.accounts.account_acts import issue_invitation
from passerelle.engine.accounts.second_factor import compute_code
from passerelle.engine.runs.running import run_flows

GUIDE = Path(__file__).parents[2] / "docs" / "poste-de-travail.md"
CHECKED = "Id;Personne;Date;Motif\nC1;P1;01/10/2026;Visite\nC2;P2;02/10/2026;inconnu\n"
__all__ = ["browser"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed: apt-get install chromium"),
]


def test_the_rules_are_the_file_that_was_published():
    told = (AXE.parent / "SOURCE.md").read_text("utf-8")
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() in told


@pytest.mark.parametrize(("scheme", "scripts"), [("light", True), ("dark", True), ("light", False)])
def test_no_page_has_a_fault_of_accessibility_or_breaks_its_policy(browser, tmp_path, scheme, scripts):
    motives = {FLOW: [WRONG] * 30 + ["autre", "Appel"] * 10, OTHER_FLOW: ["inconnu"]}
    (tmp_path / "switch.toml").write_text(SWITCH, "utf-8")
    with open_bench(tmp_path, motives, web="public_check = true") as bench:
        page, refused = enter(browser, bench, scheme=scheme, scripts=scripts)
        kind = f"{scheme}{'' if scripts else '-sans-script'}"
        cause = f"/quarantaine/causes/{bench.find_cause()}"
        row = f"/quarantaine/lignes/{bench.workspace.quarantine.list_cause_ids(bench.find_cause(), limit=1)[0]}"
        for name, path in {
            "aujourdhui": "/",
            "flux": "/flux",
            "un-flux": f"/flux/{FLOW}",
            "essai": f"/flux/{FLOW}/essai",
            "quarantaine": "/quarantaine",
            "cause": cause,
            "lignes": f"{cause}/lignes",
            "destruction": f"{cause}/destruction",
            "ligne": row,
            "corrections": "/corrections",
            "passages": "/passages",
            "un-passage": "/passages/1",
            "controler": "/controler",
            "verifier": "/verifier",
            "atelier": "/atelier",
            "personnes": "/personnes",
            "contrats": "/contrats",
            "un-contrat": "/contrats/interaction/1",
            "editeurs": "/editeurs",
            "un-editeur": "/editeurs/atelier",
            "bascules": "/bascules",
            "une-bascule": "/bascules/bascule",
            "registre": "/registre",
            "audit": "/audit",
            "etat": "/etat",
            "accessibilite": "/accessibilite",
            "rien": "/nulle-part",
        }.items():
            page.goto(bench.url + path)
            look(page, f"{name}-{kind}", scripts=scripts)
        walk_through_acts(page, bench, cause, row, kind, scripts=scripts)
        assert refused == []


def walk_through_acts(page, bench, cause: str, row: str, kind: str, *, scripts: bool) -> None:
    """Do what a person does on these pages, and look at each page that comes of it."""
    try_a_flow(page, bench, kind, scripts=scripts)
    page.goto(bench.url + cause)
    page.get_by_label("Pourquoi devez-vous voir").fill("voir")
    page.get_by_role("button", name="Voir les valeurs").click()
    look(page, f"refus-{kind}", scripts=scripts)
    page.get_by_label("Pourquoi devez-vous voir").fill("corriger les motifs")
    page.get_by_role("button", name="Voir les valeurs").click()
    look(page, f"valeurs-{kind}", scripts=scripts)
    page.goto(bench.url + row)
    page.get_by_label("Pourquoi devez-vous voir").fill("corriger un contact")
    page.get_by_label("Que devez-vous voir").select_option("ligne")
    page.get_by_role("button", name="Voir et corriger").click()
    look(page, f"correction-{kind}", scripts=scripts)
    page.get_by_label("Valeur corrigée de « Motif »").fill(RIGHT)
    page.get_by_role("button", name="Garder en brouillon").click()
    look(page, f"brouillons-{kind}", scripts=scripts)
    page.goto(f"{bench.url}/personnes")
    page.get_by_label("Le numéro de la personne").fill("P1")
    page.get_by_label("Pourquoi cherchez-vous").fill("demande d'accès")
    page.get_by_role("button", name="Chercher").click()
    look(page, f"trouvees-{kind}", scripts=scripts)
    page.locator("tbody a").first.click()
    look(page, f"une-personne-{kind}", scripts=scripts)
    drop_files(page, bench, kind, scripts=scripts)
    page.get_by_role("button", name="Quitter").click()
    look(page, f"porte-{kind}", scripts=scripts)


def try_a_flow(page, bench, kind: str, *, scripts: bool) -> None:
    """Have a flow tried, and look at what would become of it."""
    page.goto(f"{bench.url}/flux/{FLOW}")
    page.get_by_role("button", name="Essayer ce flux").click()
    bench.starter.wait()
    page.reload()
    look(page, f"essai-fini-{kind}", scripts=scripts)


def drop_files(page, bench, kind: str, *, scripts: bool) -> None:
    """Have a file checked, and another proposed for."""
    page.goto(f"{bench.url}/controler")
    page.get_by_label("Le fichier, tel que").set_input_files(
        {"name": "export.csv", "mimeType": "text/csv", "buffer": CHECKED.encode()}
    )
    page.get_by_role("button", name="Contrôler le fichier").click()
    look(page, f"rapport-{kind}", scripts=scripts)
    page.goto(f"{bench.url}/atelier")
    page.get_by_label("De quoi parle-t-il").select_option("interaction/1")
    page.get_by_label("Le fichier, tel que").set_input_files(
        {"name": "export.csv", "mimeType": "text/csv", "buffer": CHECKED.encode()}
    )
    page.get_by_role("button", name="Proposer comment le lire").click()
    look(page, f"proposition-{kind}", scripts=scripts)
    decide_in_the_workshop(page, bench, kind, scripts=scripts)


def decide_in_the_workshop(page, bench, kind: str, *, scripts: bool) -> None:
    """Keep a proposal as a draft, give a word its code, and try it on the file."""
    rows = "".join(f"C{nth};P{nth};0{1 + nth % 9}/10/2026;{('Téléphone', 'Zorg')[nth % 2]}\n" for nth in range(30))
    export = {"name": "export.csv", "mimeType": "text/csv", "buffer": f"Id;Personne;Survenu le;Canal\n{rows}".encode()}
    page.goto(f"{bench.url}/atelier")
    page.get_by_label("De quoi parle-t-il").select_option("interaction/1")
    page.get_by_label("Le fichier, tel que").set_input_files(export)
    page.get_by_label("Comment s’appelle le logiciel").fill("Agenda")
    page.get_by_role("button", name="Garder en brouillon").click()
    page.get_by_label("Code de « Zorg »").select_option("email")
    page.get_by_role("button", name="Garder ces codes").click()
    look(page, f"brouillon-{kind}", scripts=scripts)
    page.get_by_label("Un fichier pour l’essayer").set_input_files(export)
    page.get_by_role("button", name="Essayer le brouillon").click()
    look(page, f"essai-de-brouillon-{kind}", scripts=scripts)


@pytest.mark.parametrize("scripts", [True, False])
def test_one_row_is_corrected_with_its_verdict_and_released(browser, tmp_path, scripts):
    with open_bench(tmp_path, {FLOW: [WRONG] * 3}) as bench:
        page, refused = enter(browser, bench, scripts=scripts)
        page.goto(f"{bench.url}/quarantaine/causes/{bench.find_cause()}/lignes")
        page.locator("tbody a").first.click()
        page.get_by_label("Pourquoi devez-vous voir").fill("corriger un contact")
        page.get_by_role("button", name="Voir et corriger").click()
        verdict = page.get_by_role("status").filter(has_text="Elle serait")
        assert "de nouveau mise de côté" in verdict.inner_text()
        page.get_by_label("Valeur corrigée").fill(RIGHT)
        if not scripts:
            page.get_by_role("button", name="Voir ce qu’elle deviendrait").click()
        page.get_by_text("Elle serait acceptée").wait_for()
        assert bench.workspace.quarantine.list_drafts() == ()
        page.get_by_role("button", name="Garder en brouillon").click()
        page.get_by_label("Pourquoi ces corrections").fill("motif vérifié au dossier")
        page.get_by_role("button", name="Libérer 1 correction").click()
        assert "1 enregistrement sera repris" in page.get_by_role("status").inner_text()
        run_flows(bench.workspace, [FLOW])
        (cause,) = bench.workspace.quarantine.list_causes()
        assert cause.count == 2
        assert refused == []


def test_a_run_that_goes_on_is_followed_without_a_reload(browser, tmp_path):
    with open_bench(tmp_path, {FLOW: ["Visite"] * 3}) as bench:
        page, refused = enter(browser, bench)
        journal, clock = bench.workspace.journal, bench.workspace.clock
        run = journal.begin_run([FLOW], clock.now())
        page.goto(f"{bench.url}/passages/{run}")
        assert "en cours" in page.locator("#passage").inner_text()
        journal.end_run(run, "settled", clock.now())
        page.get_by_text("Ce passage est terminé").wait_for()
        assert "tout est réglé" in page.locator("#passage").inner_text()
        assert refused == []


@pytest.mark.parametrize("scripts", [True, False])
def test_the_journey_of_a_wrong_code_by_keyboard_and_mouse(browser, tmp_path, scripts):
    with open_bench(tmp_path, {FLOW: [WRONG] * 40}) as bench:
        page, refused = enter(browser, bench, scripts=scripts)
        page.keyboard.press("Tab")
        assert page.locator(":focus").get_attribute("href") == "#contenu"
        page.get_by_role("link", name="Quarantaine").click()
        page.locator("tbody a").first.click()
        page.get_by_label("Pourquoi devez-vous voir").fill("corriger les motifs")
        page.keyboard.press("Enter")
        page.get_by_label("Valeur corrigée").fill(RIGHT)
        page.get_by_role("button", name="Corriger et reprendre").click()
        assert "40 enregistrements seront repris" in page.get_by_role("status").inner_text()
        page.go_back()
        page.reload()
        assert WRONG not in page.content()
        run_flows(bench.workspace, [FLOW])
        assert bench.workspace.quarantine.list_causes() == ()
        assert refused == []


def test_the_door_of_accounts_has_no_fault_and_lets_in_who_was_invited(browser, tmp_path):
    with open_bench(tmp_path, {FLOW: [WRONG]}, web='sign_in = "accounts"') as bench:
        context = browser.new_context(locale="fr-FR")
        page = context.new_page()
        refused = []
        page.on("console", lambda said: refused.append(said.text) if "Security" in said.text else None)
        code = issue_invitation(bench.workspace, "marie", roles=["trieur"], flows=[], who="racine")
        page.goto(f"{bench.url}/")
        look(page, "connexion-light")
        page.get_by_role("link", name="J’ai une invitation").click()
        page.get_by_label("Votre nom").fill("marie")
        page.get_by_label("Le code de votre invitation").fill("autre")
        page.get_by_label("Le mot de passe que vous choisissez").fill("quatre mots sans rapport")
        page.get_by_role("button", name="Continuer").click()
        look(page, "invitation-light")
        page.get_by_label("Le code de votre invitation").fill(code)
        page.get_by_label("Le mot de passe que vous choisissez").fill("quatre mots sans rapport")
        page.get_by_role("button", name="Continuer").click()
        look(page, "telephone-light")
        key = page.locator("dd").first.inner_text().replace(" ", "")
        step = int(bench.workspace.clock.now().timestamp()) // 30
        page.get_by_label("Le code qu’il affiche").fill(compute_code(key, step))
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Aujourd’hui").wait_for()
        cookie = context.cookies()[0]
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        assert refused == []


def test_the_pictures_of_the_guide_are_taken_of_the_pages_that_it_names(browser, tmp_path):
    folder = Path(os.environ.get("PASSERELLE_GUIDE", tmp_path))
    folder.mkdir(exist_ok=True)
    motives = [WRONG] * 270 + ["RDV bureau"] * 90 + ["Courrier reçu"] * 40 + ["Visite"] * 900
    with open_bench(tmp_path, {FLOW: motives, OTHER_FLOW: ["Appel"] * 120}) as bench:
        page, _refused = enter(browser, bench)
        page.set_viewport_size({"width": 960, "height": 720})
        page.screenshot(path=folder / "aujourdhui.png")
        page.goto(f"{bench.url}/quarantaine/causes/{bench.find_cause()}")
        page.get_by_label("Pourquoi devez-vous voir").fill("corriger les motifs d’octobre")
        page.get_by_role("button", name="Voir les valeurs").click()
        page.screenshot(path=folder / "valeurs.png")
        item = bench.workspace.quarantine.list_cause_ids(bench.find_cause(), limit=1)[0]
        page.goto(f"{bench.url}/quarantaine/lignes/{item}")
        page.get_by_label("Pourquoi devez-vous voir").fill("corriger un contact")
        page.get_by_role("button", name="Voir et corriger").click()
        page.wait_for_load_state()
        page.get_by_label("Valeur corrigée").fill(RIGHT)
        page.get_by_text("Elle serait acceptée").wait_for()
        page.screenshot(path=folder / "correction.png")
    taken = {path.name for path in folder.glob("*.png")}
    assert taken == set(re.findall(r"\(images/([a-z]+\.png)\)", GUIDE.read_text("utf-8")))
    assert all((GUIDE.parent / "images" / name).stat().st_size < 80_000 for name in taken)
