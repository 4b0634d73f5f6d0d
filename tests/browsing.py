"""Pages of the workbench in Chromium: somebody comes in, and each page is looked at by axe and at every width."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from passerelle.faces.web.rights import Role, Visitor

CHROMIUM = Path(os.environ.get("PASSERELLE_CHROMIUM", "/usr/bin/chromium"))
AXE = Path(__file__).parent / "assets" / "axe-core" / "axe.min.js"
PICTURES = os.environ.get("PASSERELLE_PICTURES", "")
"""A folder for pictures of each page, for people who look."""
WIDTHS = (320, 768, 1280)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def browser():
    """Open Chromium, where the library that drives it is installed."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install playwright"
    )
    with playwright.sync_playwright() as started:
        # no sandbox: tests may run as root, and the pages are ours
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"], timeout=60_000)
        yield opened
        opened.close()


def enter(browser, bench, *, scripts: bool = True, scheme: str = "light"):
    """Return a page of somebody who came in by a link, and the list of what its policy refused."""
    context = browser.new_context(java_script_enabled=scripts, color_scheme=scheme, locale="fr-FR")
    page = context.new_page()
    page.set_default_timeout(20_000)
    refused = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    token = bench.doorkeeper.open_session(bench.doorkeeper.issue_link(make_visitor()))
    context.add_cookies([{"name": "passerelle", "value": token, "url": bench.url, "sameSite": "Strict"}])
    page.goto(f"{bench.url}/")
    return page, refused


def make_visitor():
    return Visitor("marie", frozenset({Role.OPERATOR, Role.TRIAGER, Role.AUDITOR}))


def look(page, name: str, *, scripts: bool = True) -> None:
    """Find no fault of accessibility in a page, at any width, and no scrolling sideways.

    Where scripts are off, so are the rules: then the page is only seen to be there.
    """
    if not scripts:
        page.locator("h1").first.wait_for()  # an act may still be on its way to the page
        assert page.locator("h1").count() == 1, name
        return
    page.evaluate(AXE.read_text("utf-8") + ";0")
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules}).then(told => told.violations.map("
        "one => one.id + ' ' + one.nodes.map(node => node.target + ': ' + node.failureSummary)))",
        RULES,
    )
    assert found == [], (name, found)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)
