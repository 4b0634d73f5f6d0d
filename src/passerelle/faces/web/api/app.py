"""The application of the API: each request is admitted by its token, read, and answered in a thread of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.routing import Route

from passerelle.engine.api.etags import WriteConditions
from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.engine.log import log
from passerelle.faces.web.api.answers import (
    JSON,
    LINES,
    answer_content,
    answer_lines,
    answer_problem,
    choose_language,
    is_accepted,
)
from passerelle.faces.web.api.bodies import read_body
from passerelle.faces.web.api.preferences import keep_preferences
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.language import set_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from passerelle.engine.api.api_caller import ApiCaller
    from passerelle.engine.api.live_api import LiveApi

    Endpoint = Callable[[LiveApi, ApiCaller, "ApiCall"], Response]

_PARAMETERS = 100


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A request with its body, which was read within its bounds."""

    request: Request
    body: bytes = field(repr=False)


_CONTRACT = "/v1/{name}/{version}"


class _RecordConvertor(PathConvertor):
    """What a record may be called: names of acts begin with `$`, which are asked for in other ways."""

    regex = r"(?s:[^$].*)"


class _AnyConvertor(PathConvertor):
    """Whatever stands there: that of Starlette ends at a line feed, and another method would then answer for it."""

    regex = r"(?s:.*)"


register_url_convertor("record", _RecordConvertor())
register_url_convertor("any", _AnyConvertor())


def build_api(api: LiveApi, language: str) -> Starlette:
    """Return the application; `language` is that of clients who name none of ours."""
    endpoints: tuple[tuple[str, str, Endpoint], ...] = (
        ("GET", "/v1/openapi.json", _describe),
        ("GET", "/v1/$bulk", _read_bulk),
        ("GET", "/v1/receipts/{receipt}", _find_receipt),
        ("GET", _CONTRACT, _list_records),
        ("POST", _CONTRACT, _take_records),
        ("POST", f"{_CONTRACT}/$check", _check_records),
        ("GET", f"{_CONTRACT}/{{ref:any}}", _find_record),
        ("PUT", f"{_CONTRACT}/{{ref:record}}", _put_record),
        ("DELETE", f"{_CONTRACT}/{{ref:record}}", _delete_record),
    )
    routes = [
        Route(path, partial(_serve, api, language, endpoint), methods=[method], name=f"{method} {path}")
        for method, path, endpoint in endpoints
    ]
    refuse = {status: partial(_refuse, language) for status in (404, 405)}
    application = Starlette(routes=routes, exception_handlers=refuse)
    # a path with one stroke more is another path: nothing is sent on to an address that the client did not write
    application.router.redirect_slashes = False
    return application


async def _serve(api: LiveApi, language: str, endpoint: Endpoint, request: Request) -> Response:
    """Answer one request. Whatever fails, its answer holds no word of the failure but our own sentence."""
    set_language(choose_language(request.headers.get("accept-language", ""), language))
    try:
        # in a thread: the stores wait for the disk, and one client must not keep the others waiting
        caller = await run_in_threadpool(_admit, api, request)
        # of whom nobody knows, nothing is read
        body = await read_body(request) if request.method in ("POST", "PUT") else b""
        response = await run_in_threadpool(endpoint, api, caller, ApiCall(request, body))
        return await keep_preferences(api, caller, request.headers.getlist("prefer"), response)
    except RequestRefusedError as refusal:
        is_refused = refusal.status is HTTPStatus.METHOD_NOT_ALLOWED
        return answer_problem(refusal, _list_methods(request, without=request.method) if is_refused else "")
    except PasserelleError as error:
        log("request_failed", code=error.code)
        return answer_problem(RequestRefusedError("api.service.away", retry_after=60))
    except Exception as error:  # noqa: BLE001  the last place where a fault can be told without its words
        log("request_failed", error=error)
        return answer_problem(RequestRefusedError("api.service.failed"))


def _admit(api: LiveApi, request: Request) -> ApiCaller:
    return api.admit(request.headers.get("authorization", ""), request.headers.get("passerelle-purpose"))


async def _refuse(language: str, request: Request, error: Exception) -> Response:
    """Answer for a path that is none, or a method that a path does not take."""
    set_language(choose_language(request.headers.get("accept-language", ""), language))
    if getattr(error, "status_code", 0) == HTTPStatus.METHOD_NOT_ALLOWED:
        return answer_problem(RequestRefusedError("api.method.refused"), _list_methods(request))
    return answer_problem(RequestRefusedError("api.path.unknown"))


def _list_methods(request: Request, without: str = "") -> str:
    """Return the methods that a path takes: it has one route for each, and Starlette names those of the first."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.path_regex.match(request.scope["path"]):
            found |= route.methods
    return ", ".join(sorted(found - {without}))


def _describe(api: LiveApi, caller: ApiCaller, call: ApiCall) -> Response:
    _check_accepted(call.request)
    _read_query(call.request, nothing=True)
    return answer_content(api.describe(caller))


def _list_records(api: LiveApi, caller: ApiCaller, call: ApiCall) -> Response:
    _check_accepted(call.request)
    return answer_content(api.list_records(caller, _name_contract(call.request), _read_query(call.request)))


def _find_record(api: LiveApi, caller: ApiCaller, call: ApiCall) -> Response:
    _check_accepted(call.request)
    _read_query(call.request, nothing=True)
    known = ", ".join(call.request.headers.getlist("if-none-match"))
    return answer_content(api.find_record(caller, _name_contract(call.request), call.request.path_params["ref"], known))


def _read_bulk(api: LiveApi, caller: ApiCaller, call: ApiCall) -> Response:
    _check_accepted(call.request, LINES)
    reading = api.read_bulk(caller, _read_query(call.request))
    # a request for the head alone reads nothing of anybody
    lines = iter(()) if call.request.method == "HEAD" else reading.iter_lines()
    return answer_lines(lines, caller.purpose.value, packed="gzip" in call.request.headers.get("accept-encoding", ""))


def _take_records(api: LiveApi, caller: ApiCaller, call: ApiCall) -> Response:
    _check_accepted(call.request)
    _read_query(call.request, nothing=True)
    key = call.request.headers.get("idempotency-key", "")
    return answer_content(api.take_records(caller, _name_contract(call.request), call.body, key))


def _put_record(api: LiveApi, caller: ApiCaller, call: ApiCall) -> Response:
    _check_accepted(call.request)
    _read_query(call.request, nothing=True)
    ref, key = call.request.path_params["ref"], call.request.headers.get("idempotency-key", "")
    contract_id, conditions = _name_contract(call.request), _read_conditions(call.request)
    return answer_content(api.put_record(caller, contract_id, ref, call.body, key, conditions))


def _delete_record(api: LiveApi, caller: ApiCaller, call: ApiCall) -> Response:
    _check_accepted(call.request)
    _read_query(call.request, nothing=True)
    ref, key = call.request.path_params["ref"], call.request.headers.get("idempotency-key", "")
    contract_id, conditions = _name_contract(call.request), _read_conditions(call.request)
    return answer_content(api.delete_record(caller, contract_id, ref, key, conditions))


def _read_conditions(request: Request) -> WriteConditions:
    texts = (", ".join(request.headers.getlist(name)) for name in ("if-match", "if-none-match"))
    return WriteConditions(*texts)


def _find_receipt(api: LiveApi, caller: ApiCaller, call: ApiCall) -> Response:
    _check_accepted(call.request)
    _read_query(call.request, nothing=True)
    return answer_content(api.find_receipt(caller, call.request.path_params["receipt"]))


def _check_records(api: LiveApi, caller: ApiCaller, call: ApiCall) -> Response:
    _check_accepted(call.request)
    _read_query(call.request, nothing=True)
    return answer_content(api.check_records(caller, _name_contract(call.request), call.body))


def _check_accepted(request: Request, media_type: str = JSON) -> None:
    if not is_accepted(request.headers.get("accept", ""), media_type):
        raise RequestRefusedError("api.accept.refused", formats=media_type)


def _name_contract(request: Request) -> str:
    return f"{request.path_params['name']}/{request.path_params['version']}"


def _read_query(request: Request, *, nothing: bool = False) -> dict[str, str]:
    """Return the parameters of the address. Raises RequestRefusedError when one is there twice, or none may be."""
    text = request.scope["query_string"].decode("latin-1")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_PARAMETERS, errors="strict")
    except ValueError:
        raise RequestRefusedError("api.query.unknown") from None
    named = dict(pairs)
    if len(named) != len(pairs) or (nothing and named):
        raise RequestRefusedError("api.query.unknown")
    return named
