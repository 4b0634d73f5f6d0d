"""Why a request to the API is refused: a reason code, and the status of HTTP that goes with it."""

from __future__ import annotations

from dataclasses import field as dataclass_field
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STATUSES: Mapping[str, HTTPStatus] = MappingProxyType(
    {
        "api.token.missing": HTTPStatus.UNAUTHORIZED,
        "api.token.refused": HTTPStatus.UNAUTHORIZED,
        "api.rate.exceeded": HTTPStatus.TOO_MANY_REQUESTS,
        "api.path.unknown": HTTPStatus.NOT_FOUND,
        "api.contract.unknown": HTTPStatus.NOT_FOUND,
        "api.record.unknown": HTTPStatus.NOT_FOUND,
        "api.record.gone": HTTPStatus.GONE,
        "api.record.changed": HTTPStatus.PRECONDITION_FAILED,
        "api.record.pending": HTTPStatus.CONFLICT,
        "api.record.elsewhere": HTTPStatus.CONFLICT,
        "api.record.address": HTTPStatus.UNPROCESSABLE_ENTITY,
        "api.deletion.refused": HTTPStatus.METHOD_NOT_ALLOWED,
        "api.method.refused": HTTPStatus.METHOD_NOT_ALLOWED,
        "api.accept.refused": HTTPStatus.NOT_ACCEPTABLE,
        "api.purpose.ambiguous": HTTPStatus.BAD_REQUEST,
        "api.purpose.refused": HTTPStatus.FORBIDDEN,
        "api.operation.refused": HTTPStatus.FORBIDDEN,
        "api.contract.closed": HTTPStatus.FORBIDDEN,
        "api.receipt.unknown": HTTPStatus.NOT_FOUND,
        "api.key.missing": HTTPStatus.BAD_REQUEST,
        "api.key.reused": HTTPStatus.UNPROCESSABLE_ENTITY,
        "api.key.running": HTTPStatus.CONFLICT,
        "api.field.own": HTTPStatus.UNPROCESSABLE_ENTITY,
        "api.field.handle": HTTPStatus.UNPROCESSABLE_ENTITY,
        "api.record.refused": HTTPStatus.UNPROCESSABLE_ENTITY,
        "api.body.empty": HTTPStatus.UNPROCESSABLE_ENTITY,
        "api.body.large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "api.body.late": HTTPStatus.BAD_REQUEST,
        "api.body.many": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "api.body.media": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "api.body.unreadable": HTTPStatus.BAD_REQUEST,
        "api.query.unknown": HTTPStatus.BAD_REQUEST,
        "api.query.value": HTTPStatus.BAD_REQUEST,
        "api.query.together": HTTPStatus.BAD_REQUEST,
        "api.cursor.unreadable": HTTPStatus.BAD_REQUEST,
        "api.cursor.expired": HTTPStatus.GONE,
        "api.service.away": HTTPStatus.SERVICE_UNAVAILABLE,
        "api.service.failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    }
)
"""Every code that an answer of the API may carry, with its status."""
TYPE = "urn:passerelle:motif:"
"""How the `type` of a problem begins; the reason code follows."""


@dataclass(frozen=True, slots=True)
class ApiFault:
    """One thing that is wrong with a request; the field is a name of the contract that the client may know."""

    code: str
    field: str = ""
    details: Mapping[str, str] = dataclass_field(default_factory=dict)
    record: int | None = None
    """Which of several records that were handed in, from 0."""

    def describe(self) -> dict[str, str | int]:
        """Return it as a member of `errors`, in the reader's language."""
        sentence, advice = explain(self.code, self.details)
        field = {"field": self.field} if self.field else {}
        record = {} if self.record is None else {"record": self.record}
        return {"code": self.code, "detail": sentence, "advice": advice, **field, **record}


class RequestRefusedError(Exception):
    """A request that is answered with a problem. Holds no word of what the client sent."""

    def __init__(self, code: str, *, field: str = "", retry_after: int = 0, **details: str) -> None:
        super().__init__(code)
        self.faults: tuple[ApiFault, ...] = (ApiFault(code, field, details),)
        self.retry_after = retry_after
        """Seconds after which the same request may be answered; 0: not said."""

    @classmethod
    def of(cls, faults: Sequence[ApiFault]) -> RequestRefusedError:
        """Return the refusal of a request with which several things are wrong; the first gives its name."""
        refusal = cls(faults[0].code)
        refusal.faults = tuple(faults)
        return refusal

    @property
    def _skips(self) -> int:
        """Return how many of the faults only sum up the others."""
        return int(self.code == "api.record.refused")

    @property
    def code(self) -> str:
        """Return the reason code."""
        return self.faults[0].code

    @property
    def status(self) -> HTTPStatus:
        """Return the status of the answer."""
        return STATUSES[self.code]

    def describe(self) -> dict[str, object]:
        """Return the problem (RFC 9457) in the reader's language."""
        described = [fault.describe() for fault in self.faults]
        first = described[0]
        return {
            "type": f"{TYPE}{first['code']}",
            # of the kind of problem, so that it is the same each time; `detail` is of this one
            "title": self.status.phrase,
            "status": int(self.status),
            **first,
            **({"errors": described[self._skips :]} if len(described) > 1 else {}),
        }
