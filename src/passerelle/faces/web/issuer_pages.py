"""Signing in through a provider of identities: away, back with a code, and on to a page whose address holds nothing."""

from __future__ import annotations

import secrets
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response

from passerelle.engine.accounts.issuer_sign_in import SignInRequest, find_invited, find_owner
from passerelle.engine.accounts.sign_in_trail import SignInWay
from passerelle.engine.log import log
from passerelle.faces.web.blocks import CellLink, FormField, LinkList, PageForm, PageNotice, Paragraph, WebPage
from passerelle.faces.web.rendering import write_web_page
from passerelle.faces.web.sign_in_desk import AWAY_TIME
from passerelle.faces.web.sign_in_pages import open_account_door, refuse_entry, require_accounts, write_sign_in
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.vocabulary.errors import PasserelleError, UsageError
from passerelle.vocabulary.formatting import show_text
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from passerelle.engine.accounts.issuer_sign_in import IdentityIssuer
    from passerelle.engine.settings.oidc_settings import OidcSettings
    from passerelle.faces.web.blocks import PageBlock
    from passerelle.faces.web.visits import PageVisit

_BACK = "/entrer/retour"
"""Where the provider sends people back: its address is registered there."""
_LEFT = "/entrer/sortie"


def send_to_issuer(visit: PageVisit) -> WebPage | Response:
    """Send the browser to the provider. A link, not a form: pages let forms go to this place alone."""
    settings = _require_issuer(visit)
    if not visit.doorkeeper.may_sign_in("", visit.address):
        raise VisitRefusedError(HTTPStatus.TOO_MANY_REQUESTS)
    account, invitation = visit.doorkeeper.desk.take_invited(visit.door) if visit.door else (0, "")
    browser = secrets.token_urlsafe(24)
    asked = SignInRequest(f"{visit.origin}{_BACK}", account=account, invitation=invitation)
    if not (state := visit.doorkeeper.desk.send_away(asked, browser)):
        raise VisitRefusedError(HTTPStatus.TOO_MANY_REQUESTS)
    try:
        address = _find_issuer(visit, settings).make_address(asked, state)
    except PasserelleError as error:
        return _describe_failure(visit, error)
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": address})
    _mark_browser(visit, answer, browser)
    return answer


def take_answer(visit: PageVisit) -> WebPage | Response:
    """Open a session for whoever the provider proves, once; the code in the address stays on no page."""
    settings = _require_issuer(visit)
    if not visit.doorkeeper.may_sign_in("", visit.address):
        raise VisitRefusedError(HTTPStatus.TOO_MANY_REQUESTS)
    asked = visit.doorkeeper.desk.take_back(visit.query.get("state", ""), visit.door)
    if asked is None:
        refuse_entry(visit, "", SignInWay.PROVIDER, "usage.provider.stale")
        return _send_on(visit, "stale")
    try:
        claims = _find_issuer(visit, settings).prove(asked, visit.query)
        account = find_owner(visit.workspace, settings, claims, asked)
    except UsageError as error:
        refuse_entry(visit, "", SignInWay.PROVIDER, error.code)
        return _send_on(visit, error.code.rpartition(".")[2], error)
    except PasserelleError as error:
        log("page_failed", code=error.code)
        return _send_on(visit, "unreachable", error)
    # over a page of ours: a browser that another site sent back hands strict cookies to none of the redirects
    answer = open_account_door(visit, account, SignInWay.PROVIDER, href="/entrer/suite")
    answer.delete_cookie(visit.doorkeeper.door_cookie, path="/", httponly=True, secure=visit.doorkeeper.is_secure)
    return answer


def show_arrival(visit: PageVisit) -> Response:
    """Return the page between the provider and the first page: the browser goes on by itself, or by its link."""
    _require_issuer(visit)
    page = WebPage(_("You are signed in"), [LinkList((CellLink(_("Go on"), "/"),))])
    return Response(write_web_page(page, None), headers={"Refresh": "0; url=/"}, media_type="text/html")


def show_failure(visit: PageVisit) -> WebPage:
    """Return the door with why the provider's answer opened nothing."""
    _require_issuer(visit)
    code = _CODES.get(visit.places["cause"])
    if code is None:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    defect = visit.query.get("defaut", "")
    sentence, advice = explain(code, {"defect": defect if defect in _DEFECTS else "–"})
    return write_sign_in(visit, notice=PageNotice("fault", sentence, advice))


def show_invitation(visit: PageVisit) -> WebPage:
    """Return the page on which somebody who was invited says so before going to the provider."""
    return _write_invitation(_require_issuer(visit))


def take_invitation(visit: PageVisit) -> WebPage | Response:
    """Remember whose invitation is taken up with what the provider answers."""
    settings = _require_issuer(visit)
    name, code = visit.form.get("nom", ""), visit.form.get("invitation", "")
    if not visit.doorkeeper.may_sign_in(name, visit.address):
        raise VisitRefusedError(HTTPStatus.TOO_MANY_REQUESTS)
    account = find_invited(visit.workspace, name, code)
    if account is None:
        refuse_entry(visit, name, SignInWay.INVITATION)
        return _write_invitation(settings, name=name, is_refused=True)
    browser = secrets.token_urlsafe(24)
    visit.doorkeeper.desk.keep_invited(browser, account.id, account.invitation)
    words = _("Go on to {provider}").format(provider=show_text(settings.title))
    told = _("Sign in there; afterwards this account is yours, and you need no other password here.")
    page = WebPage(_("The invitation holds"), [Paragraph(told), LinkList((CellLink(words, "/entrer/fournisseur"),))])
    answer = Response(write_web_page(page, None), media_type="text/html")
    _mark_browser(visit, answer, browser)
    return answer


def show_leaving(visit: PageVisit) -> WebPage:
    """Return what somebody reads who left, and is known to the provider still."""
    settings = _require_issuer(visit)
    title = show_text(settings.title)
    blocks: list[PageBlock] = [
        PageNotice("done", _("You left Passerelle.")),
        Paragraph(
            _("{provider} still knows you in this browser: others who use it could come in.").format(provider=title)
        ),
    ]
    try:
        address = _find_issuer(visit, settings).make_leaving(f"{visit.origin}{_LEFT}")
    except PasserelleError:
        address = ""
    words = _("Leave {provider} too").format(provider=title)
    links = [CellLink(words, address)] if address else []
    blocks.append(LinkList((*links, CellLink(_("Sign in"), "/entrer"))))
    return WebPage(_("Until next time"), blocks)


def _require_issuer(visit: PageVisit) -> OidcSettings:
    """Return the settings of the provider. Raises VisitRefusedError where there is none."""
    require_accounts(visit)
    settings = visit.workspace.settings.web.oidc
    if settings is None:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return settings


def _find_issuer(visit: PageVisit, settings: OidcSettings) -> IdentityIssuer:
    return visit.doorkeeper.desk.find_issuer(settings)


def _describe_failure(visit: PageVisit, error: PasserelleError) -> WebPage:
    log("page_failed", code=error.code)
    sentence, advice = explain(error.code, error.words)
    page = write_sign_in(visit, notice=PageNotice("fault", sentence, advice))
    return replace(page, status=HTTPStatus.SERVICE_UNAVAILABLE.value)


_CODES = {name: f"usage.provider.{name}" for name in ("stale", "refused", "unproven", "level", "unknown", "name")} | {
    "unreachable": "incident.provider.unreachable",
    "both": "usage.account.both",
}
_DEFECTS = frozenset(("alg", "jwt", "signature", "iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "sub", "id_token"))
"""Words of the standard that may stand in an address of ours."""


def _send_on(visit: PageVisit, cause: str, error: PasserelleError | None = None) -> Response:
    """Send the browser on to why nothing opened: the address with the code and the state is left behind."""
    cause = cause if cause in _CODES else "unreachable"
    defect = error.words.get("defect", "") if error is not None else ""
    query = f"?defaut={defect}" if defect in _DEFECTS else ""
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": f"/entrer/refus/{cause}{query}"})
    answer.delete_cookie(visit.doorkeeper.door_cookie, path="/", httponly=True, secure=visit.doorkeeper.is_secure)
    return answer


def _mark_browser(visit: PageVisit, answer: Response, browser: str) -> None:
    """Have a browser known again: lax, for it comes back from another site."""
    keeper, seconds = visit.doorkeeper, int(AWAY_TIME.total_seconds())
    answer.set_cookie(
        keeper.door_cookie, browser, seconds, path="/", httponly=True, samesite="lax", secure=keeper.is_secure
    )


def _write_invitation(settings: OidcSettings, *, name: str = "", is_refused: bool = False) -> WebPage:
    blocks: list[PageBlock] = []
    if is_refused:
        told = _("Ask the person who operates Passerelle for a new one: an invitation serves once, for seven days.")
        blocks.append(PageNotice("fault", _("This invitation does not open any more."), told))
    fields = (
        FormField("nom", _("Your name"), text=name, most=80, autocomplete="username"),
        FormField("invitation", _("The code of your invitation"), most=40),
    )
    blocks.append(PageForm("/entrer/invitation/fournisseur", _("Go on"), fields))
    title = _("The first time, through {provider}").format(provider=show_text(settings.title))
    status = HTTPStatus.FORBIDDEN if is_refused else HTTPStatus.OK
    return WebPage(title, blocks, (CellLink(_("Sign in"), "/entrer"),), status=status.value)
