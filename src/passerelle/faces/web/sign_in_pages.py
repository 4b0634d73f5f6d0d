"""The door: a link that opens once, written where the workbench was started."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response

from passerelle.engine.log import log
from passerelle.faces.web.blocks import PageForm, PageNotice, PageRedirect, Paragraph, WebPage
from passerelle.faces.web.sessions import COOKIE
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from passerelle.faces.web.visits import PageVisit


def show_door(visit: PageVisit) -> WebPage | PageRedirect:
    """Return the page that a link opens. Asking for it uses nothing up: programs that look ahead ask for links too."""
    token = visit.query.get("lien", "")
    if not token:
        if visit.session is not None:
            return PageRedirect("/")
        return _describe_closed_door()
    form = PageForm("/entrer", _("Enter"), hidden=(("lien", token),))
    return WebPage(_("Welcome to the workbench"), [Paragraph(_("This link opens once, on this machine.")), form])


def sign_in(visit: PageVisit) -> WebPage | Response:
    """Open a session with a link."""
    token = ""
    if visit.doorkeeper.may_try():
        token = visit.doorkeeper.open_session(visit.form.get("lien", ""))
    if not token:
        # the same words and the same work for a link that was used, is too old, or never was
        return _describe_closed_door(is_refused=True)
    log("visitor_signed_in")
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": "/"})
    # not `Secure`: this door is for 127.0.0.1, where nothing speaks TLS
    answer.set_cookie(COOKIE, token, path="/", httponly=True, samesite="strict")
    return answer


def ask_link(visit: PageVisit) -> PageRedirect:
    """Have a new link written where the workbench was started; whoever reads it there may enter."""
    if not visit.doorkeeper.may_try():
        raise VisitRefusedError(HTTPStatus.TOO_MANY_REQUESTS)
    visit.announce()
    return PageRedirect("/entrer")


def sign_out(visit: PageVisit) -> Response:
    """End the session, with its grants."""
    visit.doorkeeper.end_session(visit.token)
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": "/entrer"})
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


def _describe_closed_door(*, is_refused: bool = False) -> WebPage:
    blocks: list[PageNotice | Paragraph | PageForm] = []
    if is_refused:
        blocks.append(PageNotice("fault", _("This link does not open any more."), _("A link opens once, and soon.")))
    blocks.append(Paragraph(_("You enter with a link that is written where the workbench was started.")))
    blocks.append(PageForm("/entrer/lien", _("Have a new link written there"), is_quiet=True))
    status = HTTPStatus.FORBIDDEN if is_refused else HTTPStatus.OK
    return WebPage(_("Nobody is signed in"), blocks, status=status.value)
