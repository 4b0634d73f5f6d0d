"""Search for record ends: one vectorised pass over bytes that finds the records up to the first irregular place.

Quoting is regular (RFC 4180) when a quote opens right after a separator or a line end, closes right before one, or is
doubled. Only then do the parity of quotes and any parser agree on where records end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]

MAX_RECORD = 4 << 20
"""Bytes of UTF-8 that one record may take."""
LF = 10
CR = 13


@dataclass(frozen=True, slots=True)
class Marks:
    """What separates and what quotes, as bytes of UTF-8; `quote` is -1 where nothing quotes."""

    delimiter: int
    quote: int

    @classmethod
    def of(cls, delimiter: str, quote: str) -> Marks:
        """Take the marks of a dialect. Raises ValueError: they are single ASCII characters."""
        if len(delimiter) != 1 or len(quote) > 1 or not (delimiter + quote).isascii():
            message = "delimiter and quote are single ASCII characters"
            raise ValueError(message)
        return cls(ord(delimiter), ord(quote) if quote else -1)


@dataclass(frozen=True, slots=True)
class RecordSpans:
    """Consecutive records. All arrays are parallel; places are bytes from where the search began."""

    starts: Places
    stops: Places
    """End of the text, before the line end."""
    ends: Places
    """Behind the line end: where the next record starts."""
    widths: Places
    """How many cells."""
    returns: NDArray[np.bool_]
    """Whether a lone carriage return stands outside quotes."""
    blocked: bool
    """Whether what follows needs the exact reader."""

    def __len__(self) -> int:
        """Count the records."""
        return len(self.starts)

    def keep_first(self, count: int, *, blocked: bool) -> RecordSpans:
        """Keep the first records only."""
        cut = slice(count)
        return RecordSpans(
            self.starts[cut], self.stops[cut], self.ends[cut], self.widths[cut], self.returns[cut], blocked=blocked
        )


@dataclass(frozen=True, slots=True)
class _Scan:
    """Places outside quotes, and the first quote that is out of place (the length of the data when all is well)."""

    separators: Places
    line_ends: Places
    returns: Places
    irregular: int
    open_at_end: bool


def find_records(data: NDArray[np.uint8], marks: Marks, width: int, *, at_end: bool) -> RecordSpans:
    """Find the records of `data`, which begins where a record begins, up to the first place that is not regular.

    `width` is the number of cells expected: a record of several lines with another width also blocks, for a stray
    quote may have made it. `at_end` says that no byte follows: a last record without line end then counts.
    """
    scan = _scan(data, marks)
    ends = scan.line_ends + 1
    if at_end and not scan.open_at_end and data.size and (not ends.size or ends[-1] < data.size):
        ends = np.append(ends, data.size)
    ends = ends[: int(np.searchsorted(ends, scan.irregular, side="right"))]
    records = _measure_records(data, ends, scan)
    blocked = scan.irregular < data.size
    records = records.keep_first(len(records), blocked=blocked)
    return _cut_before_doubtful(data, records, width) if len(records) else records


def _scan(data: NDArray[np.uint8], marks: Marks) -> _Scan:
    quotes = data == marks.quote if marks.quote >= 0 else np.zeros(0, dtype=np.bool_)
    separators = np.flatnonzero(data == marks.delimiter)
    line_ends = np.flatnonzero(data == LF)
    returns = _find_lone_returns(data, line_ends)
    if not quotes.any():
        return _Scan(separators, line_ends, returns, data.size, open_at_end=False)
    places = np.flatnonzero(quotes)
    return _Scan(
        _drop_quoted(separators, places),
        _drop_quoted(line_ends, places),
        _drop_quoted(returns, places),
        _find_irregular(data, places, marks),
        open_at_end=bool(places.size % 2),
    )


def _find_lone_returns(data: NDArray[np.uint8], line_ends: Places) -> Places:
    """Find the carriage returns that no line feed follows; most often none, which is decided without listing them."""
    returns = data == CR
    # A line feed at place 0 has nothing before it: place -1 would be the last byte.
    behind = line_ends[np.searchsorted(line_ends, 1) :]
    paired = behind[data[behind - 1] == CR]
    if np.count_nonzero(returns) == paired.size:
        return np.zeros(0, dtype=np.int64)
    places = np.flatnonzero(returns)
    return places[~np.isin(places + 1, paired)]


def _drop_quoted(places: Places, quotes: Places) -> Places:
    """Leave out the places that stand between an opening quote and the next one."""
    if not places.size:
        return places
    opened = np.searchsorted(places, quotes[0::2])
    closed = np.searchsorted(places, quotes[1::2])
    closed = closed if closed.size == opened.size else np.append(closed, places.size)
    is_quoted = closed > opened
    if not is_quoted.any():
        return places
    shifts = np.zeros(places.size + 1, dtype=np.int32)
    # `add.at` and not `+=`: several quotes may open before the same place.
    np.add.at(shifts, opened[is_quoted], 1)
    np.add.at(shifts, closed[is_quoted], -1)
    outside: Places = places[np.cumsum(shifts[:-1]) == 0]
    return outside


def _find_irregular(data: NDArray[np.uint8], quotes: Places, marks: Marks) -> int:
    """Find the first quote that neither opens, closes nor is doubled; the length of the data when there is none."""
    opening, closing = quotes[0::2], quotes[1::2]
    edge = np.zeros(256, dtype=np.bool_)
    edge[[marks.delimiter, LF, marks.quote]] = True
    # At place 0 the index wraps around to the last byte: `opening == 0` overrules it.
    opens = edge[data[opening - 1]] | (opening == 0)
    # Behind the last byte the text counts as ended: a quote there closes.
    padded = np.append(data, np.array([LF, LF], dtype=np.uint8)) if closing.size else data
    behind = padded[closing + 1]
    closes = edge[behind] | ((behind == CR) & (padded[closing + 2] == LF) & (closing + 2 < data.size))
    bad = np.concatenate((opening[~opens], closing[~closes]))
    return int(bad.min()) if bad.size else data.size


def _measure_records(data: NDArray[np.uint8], ends: Places, scan: _Scan) -> RecordSpans:
    starts = np.concatenate((np.zeros(min(1, ends.size), dtype=np.int64), ends[:-1]))
    widths = np.diff(np.searchsorted(scan.separators, ends), prepend=0) + 1
    stops = ends - (data[ends - 1] == LF) if ends.size else ends
    cut = (stops > starts) & (data[stops - 1] == CR) & (stops < ends) if ends.size else np.zeros(0, dtype=np.bool_)
    stops = stops - cut
    if not scan.returns.size:
        return RecordSpans(starts, stops, ends, widths, np.zeros(ends.size, dtype=np.bool_), blocked=False)
    before = np.searchsorted(scan.returns, stops) - np.searchsorted(scan.returns, starts)
    return RecordSpans(starts, stops, ends, widths, before > 0, blocked=False)


def _cut_before_doubtful(data: NDArray[np.uint8], records: RecordSpans, width: int) -> RecordSpans:
    """Stop before the first record that is too long, or takes several lines and has not the expected width."""
    doubtful = records.ends - records.starts > MAX_RECORD
    odd = np.flatnonzero(records.widths != width)
    if odd.size:
        line_ends = np.flatnonzero(data[: records.ends[-1]] == LF)
        inner = np.searchsorted(line_ends, records.stops[odd]) - np.searchsorted(line_ends, records.starts[odd])
        doubtful[odd[inner > 0]] = True
    first = int(doubtful.argmax())
    return records.keep_first(first, blocked=True) if doubtful[first] else records
