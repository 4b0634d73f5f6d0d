"""The workbench as an application: every route with its endpoint and the right that it asks for, in one table.

Rights hang on the endpoint, never on the path: a request is matched to its route first, then its visitor's rights are
held against that route's.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from passerelle.engine.log import log
from passerelle.faces.web import flow_pages, quarantine_pages, sign_in_pages, state_pages, today_page, trail_pages
from passerelle.faces.web.blocks import PageRedirect, WebPage
from passerelle.faces.web.refusals import describe_error, describe_refusal
from passerelle.faces.web.rendering import read_static, write_web_page
from passerelle.faces.web.rights import Right
from passerelle.faces.web.security import HEADERS, check_host, check_origin, read_body
from passerelle.faces.web.sessions import COOKIE
from passerelle.faces.web.visits import PageVisit, VisitRefusedError, read_form
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.language import set_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.faces.web.sessions import Doorkeeper, Session

Answer: TypeAlias = WebPage | PageRedirect | Response
Endpoint: TypeAlias = "Callable[[PageVisit], Answer]"


@dataclass(frozen=True, slots=True)
class PagePath:
    """One path and method: what answers, and what its visitor must have the right to."""

    method: str
    path: str
    endpoint: Endpoint
    right: Right


ROUTES = (
    PagePath("GET", "/", today_page.show_today, Right.SEE),
    PagePath("GET", "/flux", flow_pages.list_flows, Right.SEE),
    PagePath("GET", "/flux/{flow}", flow_pages.show_flow, Right.SEE),
    PagePath("GET", "/quarantaine", quarantine_pages.list_causes, Right.SEE),
    PagePath("GET", "/quarantaine/causes/{cause}", quarantine_pages.show_cause, Right.SEE),
    PagePath("GET", "/quarantaine/causes/{cause}/lignes", quarantine_pages.list_rows, Right.SEE),
    PagePath("POST", "/quarantaine/causes/{cause}/acces", quarantine_pages.grant_access, Right.REVEAL),
    PagePath("GET", "/quarantaine/causes/{cause}/valeurs", quarantine_pages.show_values, Right.REVEAL),
    PagePath("POST", "/quarantaine/causes/{cause}/valeurs", quarantine_pages.correct, Right.CORRECT),
    PagePath("POST", "/quarantaine/causes/{cause}/reprise", quarantine_pages.replay, Right.CORRECT),
    PagePath("GET", "/audit", trail_pages.list_acts, Right.OWN_ACTS),
    PagePath("POST", "/audit/verification", trail_pages.verify, Right.ALL_ACTS),
    PagePath("GET", "/etat", state_pages.show_state, Right.SEE),
    PagePath("GET", "/sante", state_pages.answer_health, Right.PUBLIC),
    PagePath("GET", "/entrer", sign_in_pages.show_door, Right.PUBLIC),
    PagePath("POST", "/entrer", sign_in_pages.sign_in, Right.PUBLIC),
    PagePath("POST", "/entrer/lien", sign_in_pages.ask_link, Right.PUBLIC),
    PagePath("POST", "/sortir", sign_in_pages.sign_out, Right.SIGNED_IN),
)


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
    session: Session | None = None
    try:
        check_host(request, workbench.hosts)
        token = request.cookies.get(COOKIE, "")
        session = workbench.doorkeeper.find_session(token) if token else None
        if session is None and route.right is not Right.PUBLIC:
            return _to_response(PageRedirect("/entrer"), None, "")
        _check_right(route, session)
        form: dict[str, str] = {}
        if request.method == "POST":
            check_origin(request, workbench.hosts)
            form = read_form(await read_body(request))
            _check_form_key(route, session, form)
        visit = PageVisit(
            workbench.workspace,
            workbench.doorkeeper,
            workbench.announce,
            session,
            request.path_params,
            dict(request.query_params),
            form,
            token,
        )
        # in a thread: the stores wait for the disk, and one page must not keep the others waiting
        return await run_in_threadpool(_answer, route, visit, request.url.path)
    except VisitRefusedError as refusal:
        return _to_response(describe_refusal(refusal.status), session, request.url.path)


def _answer(route: PagePath, visit: PageVisit, path: str) -> Response:
    try:
        answer = route.endpoint(visit)
    except VisitRefusedError:
        raise
    except PasserelleError as error:
        log("page_failed", code=error.code)
        answer = describe_error(error)
    except Exception as error:  # noqa: BLE001  the last place where a fault can be told without its words
        log("page_failed", error=error)
        answer = describe_refusal(HTTPStatus.INTERNAL_SERVER_ERROR)
    return _to_response(answer, visit.session, path)


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
        return Response(content, answer.status, {**HEADERS, "Content-Type": "text/html; charset=utf-8"})
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
