"""Everything that a token may read as one stream of lines, in flat memory.

The first line says what comes, the last one where to go on and how much there was: a stream without its last line is
not complete, whatever ended it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from passerelle.engine.api.cursors import ReadingPosition, begin_list, open_cursor, seal_cursor
from passerelle.engine.api.reading_audit import note_records
from passerelle.engine.api.readings import list_readings, open_reading
from passerelle.engine.api.record_pages import RecordPiece
from passerelle.engine.api.record_serving import count_subjects
from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.engine.log import log
from passerelle.stores.seal import SEALED_WORD
from passerelle.vocabulary.errors import FatalError, PasserelleError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.contracts.field_meta import Purpose
    from passerelle.engine.api.readings import ContractReading
    from passerelle.engine.api.record_pages import RecordPages
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.tokens import ApiToken

_FORM = "api-bulk/1"
_AT_ONCE = 12_000
"""Changes in memory at a time, and under one entry of the audit trail."""


@dataclass(frozen=True, slots=True)
class BulkReading:
    """One stream: what it reads, from where."""

    workspace: Workspace
    pages: RecordPages
    token: ApiToken
    readings: tuple[ContractReading, ...]
    begins: Mapping[str, ReadingPosition]
    """By contract."""
    is_following: bool
    """Whether it brings what changed since an earlier stream, with what was removed."""

    @classmethod
    def open(
        cls, workspace: Workspace, pages: RecordPages, token: ApiToken, purpose: Purpose, *, named: str, since: str
    ) -> BulkReading:
        """Return a stream of the contracts that are named, of all when none is. Raises RequestRefusedError."""
        if not token.terms.may_bulk:
            raise RequestRefusedError("api.operation.refused")
        if named:
            ids = dict.fromkeys(named.split(","))
            readings = tuple(open_reading(workspace, pages.shelf, token, purpose, one) for one in ids)
        else:
            readings = list_readings(workspace, pages.shelf, token, purpose)
        earlier = _open_bulk_cursor(workspace, since) if since else {}
        begins = {
            one.id: open_cursor(workspace.seal, one, earlier[one.id]) if one.id in earlier else begin_list(one, "")
            for one in readings
        }
        if since:
            # once the answer has begun, nothing can be said any more of a cursor that is too old
            for one in readings:
                pages.check_position(one, begins[one.id])
        return cls(workspace, pages, token, readings, begins, bool(since))

    def iter_lines(self) -> Iterator[str]:
        """Yield the stream, many lines at a time. What goes wrong under way ends it without its last line."""
        yield json.dumps({"schema": {one.id: {"fields": list(one.fields)} for one in self.readings}}) + "\n"
        counts: dict[str, int] = {}
        cursors: dict[str, str] = {}
        try:
            for reading in self.readings:
                counts[reading.id], position = 0, self.begins[reading.id]
                for piece in self._iter_pieces(reading, position):
                    note_records(self.workspace, reading, piece.records, piece.named)
                    counts[reading.id] += piece.text.count("\n")
                    position = piece.position
                    yield piece.text
                # what changed under way may have been removed before it was reached: it is told by the next stream
                ends = position.reached if self.is_following else position.begun
                cursors[reading.id] = seal_cursor(self.workspace.seal, reading, ReadingPosition(ends))
        except RequestRefusedError as refusal:
            log("request_failed", code=refusal.code)
            return
        except PasserelleError as error:
            log("request_failed", code=error.code)
            return
        except Exception as error:  # noqa: BLE001  the last place where a fault can be told without its words
            log("request_failed", error=error)
            return
        cursor = self.workspace.seal.seal_word(json.dumps([_FORM, cursors])).removeprefix(SEALED_WORD)
        yield json.dumps({"cursor": cursor, "counts": counts}) + "\n"

    def _iter_pieces(self, reading: ContractReading, position: ReadingPosition) -> Iterator[RecordPiece]:
        """Yield what a stream brings of a contract, as long as its token is open. Raises RequestRefusedError."""
        opening, is_last = f'{{"contract":"{reading.id}",', False
        while not is_last:
            self._check_token()
            if not self.is_following:
                piece = self.pages.read_piece(reading, position, _AT_ONCE, f'{opening}"record":')
                if piece is None:
                    return
            else:
                page = self.pages.read_changes(reading, position, _AT_ONCE)
                named = [item.subjects for item in page.items if item.body is not None]
                text = "".join(f"{opening}{item.write_member()}}}\n" for item in page.items)
                piece = RecordPiece(text, len(named), count_subjects(named), page.position)
                is_last = page.is_last
            position = piece.position
            yield piece

    def _check_token(self) -> None:
        """Raise RequestRefusedError once the token has ended."""
        token = self.workspace.api.get_token(self.token.id)
        if token is None or not token.is_open(self.workspace.clock.now()):
            raise RequestRefusedError("api.token.refused")


def _open_bulk_cursor(workspace: Workspace, text: str) -> Mapping[str, str]:
    """Return the cursor of each contract. Raises RequestRefusedError `api.cursor.unreadable`."""
    try:
        content = json.loads(workspace.seal.open_word(SEALED_WORD + text)) if text.isascii() else None
    except (FatalError, ValueError):
        content = None
    if not isinstance(content, list) or content[0] != _FORM:
        raise RequestRefusedError("api.cursor.unreadable")
    cursors: Mapping[str, str] = content[1]
    return cursors
