"""The workbench as an application: each request is held against its route, its session and its form, then answered."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from passerelle.engine.log import log
from passerelle.faces.web.blocks import PagePart, PageRedirect, WebPage
from passerelle.faces.web.local_moments import set_place
from passerelle.faces.web.refusals import describe_error, describe_refusal
from passerelle.faces.web.rendering import read_static, write_page_part, write_web_page
from passerelle.faces.web.rights import Right
from passerelle.faces.web.routes import ROUTES, Answer, PagePath
from passerelle.faces.web.security import HEADERS, SCRIPTED, check_host, check_origin, read_body
from passerelle.faces.web.sign_in_pages import make_visitor
from passerelle.faces.web.uploads import LARGEST_FILE, LARGEST_PUBLIC_FILE, read_upload
from passerelle.faces.web.visits import PageVisit, VisitRefusedError, read_form
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.language import set_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.faces.web.rights import Visitor
    from passerelle.faces.web.run_starting import RunStarter
    from passerelle.faces.web.sessions import Doorkeeper, Session
    from passerelle.faces.web.visits import UploadedFile

_IPV6 = 6
_HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Workbench:
    """What the application works with."""

    workspace: Workspace
    doorkeeper: Doorkeeper
    hosts: frozenset[str]
    """The names, with port, under which browsers may ask for it."""
    language: str
    announce: Callable[[], None]
    """Has a new link written where the workbench was started."""
    starter: RunStarter | None = None
    """Has flows run behind the pages; None: nobody starts one here."""


def build_workbench(workbench: Workbench) -> Starlette:
    """Return the application."""
    routes = [
        Route(
            route.path, partial(_serve, workbench, route), methods=[route.method], name=f"{route.method} {route.path}"
        )
        for route in ROUTES
    ]
    files = Route("/static/{name}", partial(_serve_file, workbench), methods=["GET"])
    refuse = {status: partial(_serve_refusal, workbench) for status in (404, 405)}
    return Starlette(routes=[*routes, files], exception_handlers=refuse)


async def _serve(workbench: Workbench, route: PagePath, request: Request) -> Response:
    """Answer one request. Whatever fails, its page holds no word of the failure but our own sentence."""
    set_language(workbench.language)
    set_place(workbench.workspace.settings)
    session: Session | None = None
    try:
        check_host(request, workbench.hosts)
        token = request.cookies.get(workbench.doorkeeper.cookie, "")
        session = workbench.doorkeeper.find_session(token) if token else None
        if token and session is None:
            session = await run_in_threadpool(_restore_session, workbench, token)
        if session is None and route.right is not Right.PUBLIC:
            return _to_response(PageRedirect("/entrer"), None, "")
        _check_right(route, session)
        form, uploads = await _read_sent(workbench, route, session, request)
        visit = PageVisit(
            workbench.workspace,
            workbench.doorkeeper,
            workbench.announce,
            session,
            request.path_params,
            dict(request.query_params),
            form,
            token,
            uploads,
            workbench.starter,
            _find_address(request, is_behind_front=workbench.doorkeeper.is_secure),
            workbench.workspace.settings.web.public_url or f"http://{request.headers['host']}",
            request.cookies.get(workbench.doorkeeper.door_cookie, ""),
        )
        # in a thread: the stores wait for the disk, and one page must not keep the others waiting
        return await run_in_threadpool(_answer, route, visit, request.url.path)
    except VisitRefusedError as refusal:
        return _to_response(describe_refusal(refusal.status, refusal.ahead), session, request.url.path)


async def _read_sent(
    workbench: Workbench, route: PagePath, session: Session | None, request: Request
) -> tuple[dict[str, str], tuple[UploadedFile, ...]]:
    """Return the form that a page of this session sent, and its files; nothing for what only asks."""
    if request.method != "POST":
        return {}, ()
    check_origin(request, workbench.hosts)
    uploads: tuple[UploadedFile, ...] = ()
    if route.takes_file:
        form, uploads = await read_upload(request, LARGEST_FILE if session else LARGEST_PUBLIC_FILE, route.most_files)
    else:
        form = read_form(await read_body(request))
    _check_form_key(route, session, form)
    return form, uploads


def _answer(route: PagePath, visit: PageVisit, path: str) -> Response:
    try:
        answer = route.endpoint(visit) if _is_still_welcome(route, visit) else PageRedirect("/entrer")
    except VisitRefusedError:
        raise
    except PasserelleError as error:
        log("page_failed", code=error.code)
        answer = describe_error(error)
    except Exception as error:  # noqa: BLE001  the last place where a fault can be told without its words
        log("page_failed", error=error)
        answer = describe_refusal(HTTPStatus.INTERNAL_SERVER_ERROR)
    return _to_response(answer, visit.session, path)


def _is_still_welcome(route: PagePath, visit: PageVisit) -> bool:
    """Whether the account of a session is open still; the session has its roles of today. Ends the session else."""
    session = visit.session
    if session is None or not session.account:
        return True
    account = visit.workspace.journal.get_account(session.account)
    if account is None or not account.is_open or not visit.doorkeeper.note_seen(visit.token, session):
        visit.doorkeeper.end_session(visit.token)
        return False
    session.visitor = make_visitor(account)
    _check_right(route, session)
    return True


def _restore_session(workbench: Workbench, token: str) -> Session | None:
    """Return the session of an account that began before the workbench was opened."""

    def find_visitor(number: int) -> Visitor | None:
        account = workbench.workspace.journal.get_account(number)
        return make_visitor(account) if account is not None and account.is_open else None

    if workbench.workspace.settings.web.sign_in != "accounts":
        return None
    return workbench.doorkeeper.restore_session(token, find_visitor)


def _find_address(request: Request, *, is_behind_front: bool) -> str:
    """Return from where somebody comes: what the server in front says last, where there is one; of IPv6 the network."""
    told = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip() if is_behind_front else ""
    given = told or (request.client.host if request.client else "")
    try:
        address = ip_address(given)
    except ValueError:
        return ""
    # whoever has one address of such a network has all of them
    return str(ip_network(f"{address}/64", strict=False)) if address.version == _IPV6 else str(address)


def _check_right(route: PagePath, session: Session | None) -> None:
    """Raise VisitRefusedError for a visitor none of whose roles has the right that the route asks for."""
    if session is not None and not session.visitor.may(route.right):
        raise VisitRefusedError(HTTPStatus.FORBIDDEN)


def _check_form_key(route: PagePath, session: Session | None, form: dict[str, str]) -> None:
    """Raise VisitRefusedError for a form that no page of this session sent."""
    if route.right is Right.PUBLIC:
        return
    given = form.pop("form_key", "").encode()
    if session is None or not hmac.compare_digest(given, session.form_key.encode()):
        raise VisitRefusedError(HTTPStatus.FORBIDDEN)


def _to_response(answer: Answer, session: Session | None, path: str) -> Response:
    if isinstance(answer, PageRedirect):
        if session is not None:
            session.message = answer.message
        # 303: whatever was sent, the browser asks for the page by GET; going back sends nothing twice
        return Response(status_code=HTTPStatus.SEE_OTHER, headers={**HEADERS, "Location": answer.href})
    if isinstance(answer, WebPage):
        content = write_web_page(answer, session, path)
        headers = {**HEADERS, **(SCRIPTED if answer.has_script or answer.script else {}), **_HTML}
        return Response(content, answer.status, headers)
    if isinstance(answer, PagePart):
        return Response(write_page_part(answer, session), headers={**HEADERS, **_HTML})
    answer.headers.update(HEADERS)
    return answer


async def _serve_file(workbench: Workbench, request: Request) -> Response:
    """Answer with a style or a picture, which are the same for everybody and hold no data."""
    try:
        check_host(request, workbench.hosts)
    except VisitRefusedError as refusal:
        return _to_response(describe_refusal(refusal.status), None, "")
    found = read_static().get(request.path_params["name"])
    if found is None:
        return await _serve_refusal(workbench, request, None)
    content, kind = found
    # its name changes with its content
    kept = {"Content-Type": kind, "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(content, headers={**HEADERS, **kept})


async def _serve_refusal(workbench: Workbench, request: Request, error: Exception | None) -> Response:
    """Answer for a path that is none, or a method that a path does not take."""
    del request
    set_language(workbench.language)
    status = getattr(error, "status_code", HTTPStatus.NOT_FOUND)
    return _to_response(describe_refusal(HTTPStatus(status)), None, "")
