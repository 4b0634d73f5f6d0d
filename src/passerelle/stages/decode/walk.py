"""The exact reader of delimited text: one record at a time, strictly, and where to resume behind a broken one."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.stages.decode.cuts import Marks

STRAY = "decode.row.stray_quote"
AFTER = "decode.row.text_after_quote"
OPEN = "decode.row.quote_not_closed"
LONG = "decode.row.too_long"
FEW = "decode.row.too_few_cells"
MANY = "decode.row.too_many_cells"


@dataclass(frozen=True, slots=True)
class WalkedRecord:
    """One record as a lenient reader would take it, and the first thing that a strict one refuses."""

    end: int
    """Behind its line end."""
    width: int
    fault: str = ""
    closed: bool = True
    """False when no end of the record was found."""


@dataclass(frozen=True, slots=True)
class Walker:
    """Reads records of `data` between a place and `limit`; `at_end` says that nothing follows `limit`."""

    data: bytes
    limit: int
    at_end: bool
    marks: Marks
    width: int
    """How many cells are expected."""

    def find_span(self, start: int) -> tuple[int, str, int]:
        """Mark where the faulty record at `start` ends, what is wrong with it, and how many cells it seems to have.

        It ends where a lenient reader ends it when that gives the right width, or when nothing is wrong but the width;
        unless more than one line inside, or the last, would be a good row: then a quote was never closed, and the
        record ends before the next line that is a good row (and is not itself followed by a broken one: the tail of a
        cell with line breaks would be).
        """
        first = self.read_record(start)
        whole = first.closed and (not first.fault or first.width == self.width)
        if whole and not self._holds_rows(start, first.end):
            return first.end, first.fault or (FEW if first.width < self.width else MANY), first.width
        end = self._find_next_row(start)
        return end, first.fault if first.fault and first.end <= end else OPEN, first.width

    def read_record(self, start: int) -> WalkedRecord:
        """Read the record at `start`."""
        place, width, fault = start, 1, ""
        stop = _compile_stop(self.marks.delimiter)
        while True:
            quoted = self.data[place : place + 1] == self._quote and place < self.limit
            if quoted:
                closing = self._find_closing(place + 1)
                if closing < 0:
                    return WalkedRecord(self.limit, width, fault or (OPEN if self.at_end else LONG), closed=False)
                place = closing
            match = stop.search(self.data, place, self.limit)
            until = match.start() if match else self.limit
            fault = fault or self._find_fault(place, until, match, quoted=quoted)
            if match is None:
                return WalkedRecord(self.limit, width, fault or ("" if self.at_end else LONG), closed=self.at_end)
            place = match.end()
            if match[0] == b"\n":
                return WalkedRecord(place, width, fault)
            width += 1

    @property
    def _quote(self) -> bytes:
        return bytes([self.marks.quote]) if self.marks.quote >= 0 else b"\0\0"

    def _find_closing(self, place: int) -> int:
        """Return the place behind the quote that closes the cell whose text starts at `place`; -1 when none does."""
        while (place := self.data.find(self._quote, place, self.limit)) >= 0:
            if self.data[place + 1 : place + 2] != self._quote or place + 1 >= self.limit:
                return place + 1
            place += 2
        return -1

    def _find_fault(self, place: int, until: int, match: re.Match[bytes] | None, *, quoted: bool) -> str:
        """Judge what stands between the start of a cell (or its closing quote) and its end."""
        if quoted:
            ends_line = match is not None and match[0] == b"\n"
            return "" if until == place or (ends_line and self.data[place:until] == b"\r") else AFTER
        return STRAY if self.data.find(self._quote, place, until) >= 0 else ""

    def _find_next_line(self, place: int) -> int:
        line_break = self.data.find(b"\n", place, self.limit)
        return self.limit if line_break < 0 else line_break + 1

    def _is_good(self, walked: WalkedRecord) -> bool:
        return walked.closed and not walked.fault and walked.width == self.width

    def _is_blank(self, place: int) -> bool:
        return self.data.startswith((b"\n", b"\r\n"), place)

    def _holds_rows(self, start: int, end: int) -> bool:
        """Whether more than one line inside, or the last one, would be a good row by itself."""
        rows = 0
        place = self._find_next_line(start)
        while place < end and rows < 2:
            walked = self.read_record(place)
            inside = walked.end <= end and not self._is_blank(place) and self._is_good(walked)
            if inside and walked.end == end:
                return True
            rows += inside
            place = walked.end if inside else self._find_next_line(place)
        return rows > 1

    def _find_next_row(self, start: int) -> int:
        place = self._find_next_line(start)
        while place < self.limit:
            walked = self.read_record(place)
            is_row = not self._is_blank(place) and self._is_good(walked)
            # The tail of a broken cell may look like a row, but what follows it is then broken in its turn.
            if is_row and (walked.end >= self.limit or not self.read_record(walked.end).fault):
                return place
            place = self._find_next_line(place)
        # No good row in sight: a last line that the limit cuts off is left to the next block.
        last_break = -1 if self.at_end else self.data.rfind(b"\n", start, self.limit)
        return self.limit if last_break < 0 else last_break + 1


@cache
def _compile_stop(delimiter: int) -> re.Pattern[bytes]:
    return re.compile(b"[\\n" + re.escape(bytes([delimiter])) + b"]")
