"""Reads an API's reply as one answer a record. Of its text, only a code that looks like one is ever kept."""

from __future__ import annotations

from typing import Any

from passerelle.edges.destinations.response_rules import clean_code, clean_remote_id
from passerelle.edges.http.failure import UnansweredError
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.outcomes import Answer, Fate
from passerelle.vocabulary.ports import Reply

REFUSALS = frozenset({400, 409, 413, 422})
"""Statuses that speak of the record. Other 4xx speak of the address: the whole flow is wrong, not the record."""

_SMALL = 65_536
"""Bytes beyond which a refusal is not read for a code."""


def read_answer(reply: Reply) -> Answer:
    """Read the reply to one record. Raises Unanswered for a page in place of an answer, FlowError for other 4xx."""
    if reply.status in REFUSALS:
        return _make_refusal(reply.status, _find_code(_parse_small(reply)))
    check_reply(reply)
    return Answer(Fate.DELIVERED, remote_id=_find_remote_id(_parse_small(reply)))


def read_lot_answers(reply: Reply, size: int) -> list[Answer | None]:
    """Read the reply to a lot, one answer a record; None for a record whose result settles nothing.

    Raises as `read_answer`; FlowError too when the reply does not say what became of each record.
    """
    check_reply(reply)
    if not reply.content.strip() and reply.status != 207:
        return [Answer(Fate.DELIVERED)] * size
    document = _parse_document(reply.content)
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list) or len(results) != size:
        raise FlowError("incident.destination.unclear")
    return [_read_item(result) for result in results]


def _read_item(result: Any) -> Answer | None:
    status = result.get("status") if isinstance(result, dict) else None
    if not isinstance(status, int):
        raise FlowError("incident.destination.unclear")
    if 200 <= status < 300:
        return Answer(Fate.DELIVERED, remote_id=_find_remote_id(result))
    # 409 may mean «in progress»: like every other status it is settled one by one, where it is asked again
    return _make_refusal(status, _find_code(result)) if status in REFUSALS and status != 409 else None


def check_reply(reply: Reply) -> None:
    """Raise FlowError for a status that is not about the records, UnansweredError for a page in place of an answer."""
    if reply.status >= 400:
        raise FlowError("incident.destination.misaddressed", status=str(reply.status))
    if "html" in reply.headers.get("content-type", "").lower():
        # a sign-in page of something in between answers 200 to everything
        raise UnansweredError("incident.supplier.garbled")


def _make_refusal(status: int, code: str) -> Answer:
    if code:
        return Answer(Fate.REFUSED, "deliver.record.refused_with_code", {"status": str(status), "code": code})
    return Answer(Fate.REFUSED, "deliver.record.refused", {"status": str(status)})


def _parse_document(content: bytes) -> Any:
    try:
        return Reply(200, {}, content).json()
    except TransientError:
        return None


def _parse_small(reply: Reply) -> Any:
    return _parse_document(reply.content) if len(reply.content) <= _SMALL else None


def _find_code(document: Any) -> str:
    """Return the code of a refusal: `code`, else that of the first of `errors`."""
    if not isinstance(document, dict):
        return ""
    code = document.get("code")
    errors = document.get("errors")
    if code is None and isinstance(errors, list) and errors and isinstance(errors[0], dict):
        code = errors[0].get("code")
    return clean_code(code)


def _find_remote_id(document: Any) -> str:
    """Return the destination's own id."""
    return clean_remote_id(document.get("id")) if isinstance(document, dict) else ""
