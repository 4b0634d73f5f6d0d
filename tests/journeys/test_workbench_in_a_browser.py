"""The workbench in Chromium: the whole journey, with and without scripts, no fault of axe, no CSP violation."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from workbench_room import FLOW, OTHER_FLOW, RIGHT, WRONG, open_bench

from passerelle.engine.runs.running import run_flows
from passerelle.faces.web.rights import Role, Visitor

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
CHROMIUM = Path(os.environ.get("PASSERELLE_CHROMIUM", "/usr/bin/chromium"))
AXE = Path(__file__).parents[1] / "assets" / "axe-core" / "axe.min.js"
PICTURES = os.environ.get("PASSERELLE_PICTURES", "")
"""A folder for pictures of each page, for people who look."""
WIDTHS = (320, 768, 1280)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed: apt-get install chromium"),
]


@pytest.fixture
def browser():
    with playwright.sync_playwright() as started:
        # no sandbox: tests may run as root, and the pages are ours
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()


def test_the_rules_are_the_file_that_was_published():
    told = (AXE.parent / "SOURCE.md").read_text("utf-8")
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() in told


def enter(browser, bench, *, scripts: bool = True, scheme: str = "light"):
    """Return a page of somebody who came in by a link, and the list of what its policy refused."""
    context = browser.new_context(java_script_enabled=scripts, color_scheme=scheme, locale="fr-FR")
    page = context.new_page()
    refused = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    token = bench.doorkeeper.open_session(bench.doorkeeper.issue_link(make_visitor()))
    context.add_cookies([{"name": "passerelle", "value": token, "url": bench.url, "sameSite": "Strict"}])
    page.goto(f"{bench.url}/")
    return page, refused


def make_visitor():
    return Visitor("marie", frozenset({Role.OPERATOR, Role.TRIAGER, Role.AUDITOR}))


def look(page, name: str) -> None:
    """Find no fault of accessibility in a page, at any width, and no scrolling sideways."""
    page.evaluate(AXE.read_text("utf-8") + ";0")
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules}).then(told => told.violations.map("
        "one => one.id + ' ' + one.nodes.map(node => node.target + ': ' + node.failureSummary)))",
        RULES,
    )
    assert found == [], name
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_fault_of_accessibility_or_breaks_its_policy(browser, tmp_path, scheme):
    with open_bench(tmp_path, {FLOW: [WRONG] * 30 + ["autre", "Appel"] * 10, OTHER_FLOW: ["inconnu"]}) as bench:
        page, refused = enter(browser, bench, scheme=scheme)
        cause = f"/quarantaine/causes/{bench.find_cause()}"
        for name, path in {
            "aujourdhui": "/",
            "flux": "/flux",
            "un-flux": f"/flux/{FLOW}",
            "quarantaine": "/quarantaine",
            "cause": cause,
            "lignes": f"{cause}/lignes",
            "audit": "/audit",
            "etat": "/etat",
            "rien": "/nulle-part",
        }.items():
            page.goto(bench.url + path)
            look(page, f"{name}-{scheme}")
        page.goto(bench.url + cause)
        page.get_by_label("Pourquoi devez-vous voir").fill("voir")
        page.get_by_role("button", name="Voir les valeurs").click()
        look(page, f"refus-{scheme}")
        page.get_by_label("Pourquoi devez-vous voir").fill("corriger les motifs")
        page.get_by_role("button", name="Voir les valeurs").click()
        look(page, f"valeurs-{scheme}")
        page.get_by_role("button", name="Quitter").click()
        look(page, f"porte-{scheme}")
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
