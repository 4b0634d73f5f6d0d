"""What an endpoint is handed: who asks, for what, with which words; and what ends a visit early."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.faces.web.rights import Visitor
    from passerelle.faces.web.run_starting import RunStarter
    from passerelle.faces.web.sessions import Doorkeeper, Session

MOST_FIELDS = 1_000
_LONGEST_TEXT = 70_000
"""Characters of one field: a description of a supplier, with the line ends that browsers send."""
LARGEST_NUMBER = 2**62
"""Of a cause, item or entry: what is larger is none, and no database takes it."""


class VisitRefusedError(Exception):
    """The visit ends here, with a status; its page says no more than that."""

    def __init__(self, status: HTTPStatus, *, ahead: int = 0) -> None:
        super().__init__(status.phrase)
        self.status = status
        self.ahead = ahead
        """How many others were before this visit, where there were too many."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that a browser sent, in memory alone."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)
    place: str = ""
    """The name of the form's field."""


@dataclass(frozen=True, slots=True)
class PageVisit:
    """One request of somebody who may make it."""

    workspace: Workspace
    doorkeeper: Doorkeeper
    announce: Callable[[], None]
    """Has a new link written where the workbench was started."""
    session: Session | None
    places: Mapping[str, str] = field(default_factory=dict)
    """What the path names: a flow, the number of a cause."""
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: str = field(default="", repr=False)
    """Of the session."""
    uploads: tuple[UploadedFile, ...] = ()
    starter: RunStarter | None = None
    """Has flows run; None where nothing may be started."""
    address: str = field(default="", repr=False)
    """From where somebody comes; empty where nobody says it."""
    origin: str = ""
    """Under which address the browser asks."""
    door: str = field(default="", repr=False)
    """By what a browser is known again that went to a provider."""

    @property
    def upload(self) -> UploadedFile | None:
        """Return the file that was sent, where a form sends one."""
        return self.uploads[0] if self.uploads else None

    @property
    def visitor(self) -> Visitor:
        """Return who asks. Raises VisitRefusedError where nobody signed in, which the right of the route forbids."""
        return self.signed.visitor

    @property
    def signed(self) -> Session:
        """Return the session. Raises VisitRefusedError where there is none."""
        if self.session is None:
            raise VisitRefusedError(HTTPStatus.FORBIDDEN)
        return self.session

    def read_number(self, text: str) -> int:
        """Return a number of ours. Raises VisitRefusedError for anything else."""
        if not (text.isascii() and text.isdecimal() and len(text) < 20 and int(text) < LARGEST_NUMBER):
            raise VisitRefusedError(HTTPStatus.NOT_FOUND)
        return int(text)

    def require_flow(self, flow: str) -> None:
        """Raise VisitRefusedError for a flow that is not there, or does not concern the visitor: both look the same."""
        if not self.visitor.may_see_flow(flow):
            raise VisitRefusedError(HTTPStatus.NOT_FOUND)


def read_form(body: bytes) -> dict[str, str]:
    """Return the fields of a form as browsers send it. Raises VisitRefusedError for what no page of ours sends."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:  # also what is no UTF-8, and too many fields
        raise VisitRefusedError(HTTPStatus.BAD_REQUEST) from None
    fields = dict(pairs)
    if len(fields) != len(pairs) or any("\0" in text or len(text) > _LONGEST_TEXT for text in fields.values()):
        raise VisitRefusedError(HTTPStatus.BAD_REQUEST)
    return fields
