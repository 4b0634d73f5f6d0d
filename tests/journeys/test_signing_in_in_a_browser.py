"""Signing in in Chromium: with a passkey of its own, through a provider on another site, and with scripts off."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from identity_provider import SECRET, describe_web, open_provider
from workbench_room import FLOW, open_bench

from passerelle.engine.accounts.account_acts import begin_enrolment, end_enrolment, issue_invitation
from passerelle.engine.accounts.second_factor import compute_code
from passerelle.faces.web.sign_in_pages import make_visitor

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
CHROMIUM = Path(os.environ.get("PASSERELLE_CHROMIUM", "/usr/bin/chromium"))
AXE = Path(__file__).parents[1] / "assets" / "axe-core" / "axe.min.js"
PICTURES = os.environ.get("PASSERELLE_PICTURES", "")
"""A folder for pictures of each page, for people who look."""
WIDTHS = (320, 768, 1280)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
PASSWORD = "quatre mots sans rapport"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        # no sandbox: tests may run as root, and the pages are ours
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"], timeout=60_000)
        yield opened
        opened.close()


def open_page(browser, *, scripts: bool = True):
    """Return a page, and the list of what its policy refused and what failed in it."""
    page = browser.new_context(java_script_enabled=scripts, locale="fr-FR").new_page()
    page.set_default_timeout(20_000)
    refused = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    return page, refused


def look(page, name: str) -> None:
    """Find no fault of accessibility in a page, light and dark, and no scrolling sideways at any width."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(AXE.read_text("utf-8") + ";0")
        found = page.evaluate(
            "rules => axe.run(document, {runOnly: rules}).then(told => told.violations.map("
            "one => one.id + ' ' + one.nodes.map(node => node.target + ': ' + node.failureSummary)))",
            RULES,
        )
        assert found == [], (name, scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/{name}-{scheme}-{width}.png", full_page=True)


def come_in(page, bench) -> None:
    """Sign somebody in who has an account, as if with password and code."""
    workspace = bench.workspace
    code = issue_invitation(workspace, "marie", roles=["trieur"], flows=[], who="racine")
    enrolment = begin_enrolment(workspace, "marie", code, PASSWORD)
    step = int(workspace.clock.now().timestamp()) // 30
    account = end_enrolment(workspace, enrolment, compute_code(enrolment.code_key, step))
    token = bench.doorkeeper.open_account(make_visitor(account), account.id)
    page.context.add_cookies([{"name": "passerelle", "value": token, "url": bench.url, "sameSite": "Strict"}])


def test_a_passkey_is_added_shown_turned_down_and_removed(browser, tmp_path):
    web = 'sign_in = "accounts"\npasskeys = true'
    with open_bench(tmp_path, {FLOW: ["Visite"]}, web=web) as bench:
        bench.url = bench.url.replace("127.0.0.1", "localhost")
        page, refused = open_page(browser)
        devices = page.context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        device = devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
        come_in(page, bench)
        page.goto(f"{bench.url}/")
        add_passkey(page)
        (kept,) = bench.workspace.journal.list_passkeys(1)
        assert (kept.name, kept.used_at) == ("ordinateur du bureau", None)
        enter_with_passkey(page, then="Aujourd’hui")
        (kept,) = bench.workspace.journal.list_passkeys(1)
        assert kept.used_at is not None
        page.get_by_role("button", name="Quitter").click()
        # the device does not know its owner this time
        devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
        enter_with_passkey(page, then="Se connecter", says="Aucune clé d’accès n’a été présentée")
        look(page, "porte-sans-cle")
        devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
        enter_with_passkey(page, then="Aujourd’hui")
        page.get_by_role("link", name="marie").click()
        page.get_by_role("button", name="Retirer la clé d’accès").click()
        page.get_by_text("La clé d’accès est retirée").wait_for()
        page.get_by_role("button", name="Quitter").click()
        enter_with_passkey(page, then="Se connecter", says="Cette clé d’accès n’ouvre rien ici")
        look(page, "porte-cle-retiree")
        assert refused == []


def add_passkey(page) -> None:
    """Add a passkey as a person does who just signed in, then leave."""
    page.get_by_role("link", name="marie").click()
    look(page, "compte-sans-cle")
    page.get_by_label("Son nom").fill("ordinateur du bureau")
    page.get_by_role("button", name="Ajouter une clé d’accès").click()
    page.get_by_text("La clé d’accès est ajoutée").wait_for()
    look(page, "compte")
    page.get_by_role("button", name="Quitter").click()
    look(page, "porte-cles")


def enter_with_passkey(page, *, then: str, says: str = "") -> None:
    page.get_by_role("button", name="Entrer avec une clé d’accès").click()
    page.get_by_text(says).first.wait_for()
    page.get_by_role("heading", name=then).wait_for()


def test_with_scripts_off_the_door_says_that_password_and_code_remain(browser, tmp_path):
    with open_bench(tmp_path, web='sign_in = "accounts"\npasskeys = true') as bench:
        bench.url = bench.url.replace("127.0.0.1", "localhost")
        page, _refused = open_page(browser, scripts=False)
        page.goto(f"{bench.url}/entrer")
        assert page.get_by_text("entrez avec mot de passe et code").is_visible()
        assert not page.get_by_role("button", name="Entrer avec une clé d’accès").is_visible()
        assert page.get_by_label("Votre mot de passe").is_visible()
        come_in(page, bench)
        page.goto(f"{bench.url}/compte")
        assert page.get_by_text("Ajouter une clé d’accès demande des scripts").is_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_through_a_provider_on_another_site_and_back_without_a_trace(browser, tmp_path, monkeypatch, scripts):
    monkeypatch.setenv("SECRET_OIDC", SECRET)
    with open_provider() as provider, open_bench(tmp_path, {FLOW: ["Visite"]}, web=describe_web(provider)) as bench:
        provider.waits = True
        page, refused = open_page(browser, scripts=scripts)
        checks = look if scripts else lambda _page, _name: None
        seen = []
        page.on("request", lambda request: seen.append((request.url, request.headers.get("referer", ""))))
        take_invitation(page, bench, checks)
        page.get_by_role("link", name="Moi").click()
        page.get_by_role("heading", name="Aujourd’hui").wait_for()
        assert page.url == f"{bench.url}/"
        # whoever goes back finds no address with a code in it
        page.go_back()
        assert "code=" not in page.url
        assert len([url for url, _referer in seen if "code=" in url]) == 1
        assert not any("code=" in referer for _url, referer in seen)
        assert not any(bench.url in referer for url, referer in seen if provider.url in url)
        assert "passerelle-porte" not in {one["name"] for one in page.context.cookies(bench.url)}
        leave_both(page, bench, checks)
        provider.claims = {"sub": "personne-2"}
        page.goto(f"{bench.url}/entrer/fournisseur")
        page.get_by_role("link", name="Moi").click()
        page.get_by_text("aucun compte d’ici n’est le vôtre").wait_for()
        checks(page, "porte-refus")
        assert refused == []


def take_invitation(page, bench, checks) -> None:
    """Go to the provider with an invitation."""
    code = issue_invitation(bench.workspace, "marie", roles=["trieur"], flows=[], who="racine")
    page.goto(f"{bench.url}/entrer")
    checks(page, "porte-fournisseur")
    page.get_by_role("link", name="J’ai une invitation").click()
    checks(page, "invitation-avec-fournisseur")
    page.get_by_role("link", name="Utiliser l’invitation avec Identité d'essai").click()
    page.get_by_label("Votre nom").fill("marie")
    page.get_by_label("Le code de votre invitation").fill(code)
    checks(page, "invitation-fournisseur")
    page.get_by_role("button", name="Continuer").click()
    checks(page, "invitation-valable")
    page.get_by_role("link", name="Continuer vers Identité d'essai").click()


def leave_both(page, bench, checks) -> None:
    """Leave this place, then the provider."""
    page.goto(f"{bench.url}/")
    page.get_by_role("button", name="Quitter").click()
    checks(page, "sortie-fournisseur")
    page.get_by_role("link", name="Quitter aussi Identité d'essai").click()
    page.get_by_role("heading", name="Sortie").wait_for()
