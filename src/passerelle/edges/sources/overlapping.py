"""Cursors that can be set back: a look begins some time, or some numbers, before the place where the last one ended.

A row may become visible late: its moment is that of the change, and the transaction that made it ended after our look.
Several rows may share the moment at which a page ended. Both are asked for again with what lies around the cursor.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from passerelle.vocabulary.errors import FlowError

_EAST = timedelta(hours=14)
"""The easternmost clocks are so far before UTC: a moment without offset may be theirs."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far before its cursor a look begins. Nothing is done to cursors when that is nothing."""

    by: timedelta | int = 0

    def step_back(self, cursor: str) -> str:
        """Return where to begin for what the journal holds, written as it was; the beginning stays the beginning.

        Raises FlowError `incident.cursor.unreadable` when the cursor is not of the kind that the connector declares.
        """
        if not self.by or not cursor:
            return cursor
        if isinstance(self.by, int):
            return str(max(_parse_number(cursor) - self.by, 0))
        try:
            return _write_like(cursor, _parse_moment(cursor) - self.by)
        except OverflowError:  # a cursor of the year 1: nothing lies before it
            return cursor

    def advance(self, kept: str, given: str, now: datetime) -> str:
        """Return the cursor to keep after a page: never before the one that is kept, never in the future.

        A page of the overlap ends before the kept cursor; a look that breaks off there must not begin earlier each
        time. A row that is dated in the future must not hide all that comes until then.
        """
        if not self.by or not given:
            return given
        if isinstance(self.by, int):
            return max(kept or given, given, key=_parse_number)
        moment = _parse_moment(given)
        latest = now if moment.tzinfo else now.replace(tzinfo=None) + _EAST
        if moment > latest:
            given = _write_like(given, latest.astimezone(moment.tzinfo) if moment.tzinfo else latest)
        try:
            return max(kept or given, given, key=_parse_moment)
        except TypeError:  # one has an offset and the other has none
            raise FlowError("incident.cursor.unreadable") from None


def _parse_number(cursor: str) -> int:
    if not cursor.isdecimal():
        raise FlowError("incident.cursor.unreadable")
    return int(cursor)


def _parse_moment(cursor: str) -> datetime:
    try:
        return datetime.fromisoformat(cursor)
    except ValueError:
        raise FlowError("incident.cursor.unreadable") from None


def _write_like(cursor: str, moment: datetime) -> str:
    """Write a moment as the cursor is written: an API may read no other way of writing."""
    if len(cursor) == len("2024-11-04"):
        return moment.date().isoformat()
    fraction = cursor.partition(".")[2]
    digits = len(fraction) - len(fraction.lstrip("0123456789"))
    text = moment.isoformat(sep=cursor[10], timespec={0: "seconds", 3: "milliseconds"}.get(digits, "microseconds"))
    return text.replace("+00:00", "Z") if cursor.endswith("Z") and moment.utcoffset() == UTC.utcoffset(None) else text
