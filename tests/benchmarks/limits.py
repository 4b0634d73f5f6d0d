"""The limits that the product was built to, each beside what was measured: met, missed, or not measured here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from document_sections import EXACT, JSON, LIBRARY, VARIED_JSON, VARIED_XML, XML
from page_table import write_table
from sections import LIBRARIES, PLAIN, PRODUCT, RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from document_sections import Document
    from page import Results

_MB = 1_048_576 / 1_000_000
"""Of one MiB: the limits are in MB."""
TIMES, MEGABYTES, SECONDS, MILLISECONDS = "×", "MB", "s", "ms"
_DIGITS = {TIMES: 2, MEGABYTES: 0, SECONDS: 2, MILLISECONDS: 1}


@dataclass(frozen=True)
class Limit:
    """A figure and the most that it may be; no figure where its section was not measured."""

    what: str
    most: float
    unit: str
    figure: float | None

    @property
    def verdict(self) -> str:
        """Whether it is met."""
        if self.figure is None:
            return "not measured"
        return "met" if self.figure <= self.most else "**missed**"

    def write(self) -> str:
        """Return the row of the table."""
        digits = _DIGITS[self.unit]
        figure = "" if self.figure is None else f"{self.figure:,.{digits}f} {self.unit}"
        return f"{self.what} | ≤ {self.most:g} {self.unit} | {figure} | {self.verdict}"


def list_limits(results: Results) -> list[Limit]:
    """Return every limit with what was measured."""
    return [
        *_limit_documents(results),
        *_limit_malformed(results),
        *_limit_small(results),
        *_limit_jobs(results),
        *_limit_rest(results),
    ]


def _limit_documents(results: Results) -> Iterator[Limit]:
    size = f"{results.document_size / 1e6:,.0f} MB"
    kinds: tuple[tuple[Document, str, float], ...] = (
        (JSON, "JSON, records alike", 2.5),
        (VARIED_JSON, "JSON, varied", 3.2),
        (XML, "XML, households alike", 4.2),
        (VARIED_XML, "XML, varied", 4.2),
    )
    for kind, name, most in kinds:
        one = results.documents.get(kind.file)
        ratio = one and one[PRODUCT].cpu / one[LIBRARY].cpu
        library = "json.loads" if kind.library == "json" else kind.library
        yield Limit(f"{name}, {size}: processor time of `check`, to {library} alone", most, TIMES, ratio)
        yield Limit(f"{name}, {size}: peak memory", 260, MEGABYTES, one and one[PRODUCT].peak * _MB)


def _limit_malformed(results: Results) -> Iterator[Limit]:
    size = f"{results.document_size / 1e6:,.0f} MB"
    for kind, name in ((VARIED_JSON, "JSON"), (VARIED_XML, "XML")):
        one = results.malformed.get(kind.file)
        what = f"{name} cut off at its end, {size}: processor time, to the exact readers alone"
        yield Limit(what, 1.4, TIMES, one and one[PRODUCT].cpu / one[EXACT].cpu)


def _limit_small(results: Results) -> Iterator[Limit]:
    small = results.small
    ratio = small[PRODUCT].cpu / small[LIBRARIES].cpu if small else None
    what = f"`run` of {results.small_rows:,} rows: processor time, to importing numpy, polars and pydantic"
    yield Limit(what, 1.9, TIMES, ratio)
    one = results.messages
    what = f"{one.count if one else 0:,} waiting messages of one record: processor time of each"
    yield Limit(what, 8, MILLISECONDS, one and one.milliseconds)


def _limit_jobs(results: Results) -> Iterator[Limit]:
    rows = max(results.jobs, default=0)
    one = results.jobs.get(rows)
    ratio = one and one[PRODUCT].cpu / one[RECORDS].cpu
    yield Limit(f"CSV, {rows:,} rows: processor time, to «polars writes our records»", 3.0, TIMES, ratio)
    yield Limit(f"CSV, {rows:,} rows: peak memory", 420, MEGABYTES, one and one[PRODUCT].peak * _MB)
    bad = results.spoilt.get(1.0)
    ratio = bad and bad[PRODUCT].cpu / bad[PLAIN].cpu
    yield Limit(f"{results.spoilt_rows:,} rows, all bad: processor time, to the plain loop", 1.0, TIMES, ratio)


def _limit_rest(results: Results) -> Iterator[Limit]:
    learnt, other = (results.recalled.get(order) for order in ("as learnt", "in another order"))
    ratio = other.process.cpu / learnt.process.cpu if learnt and other else None
    name = f"{results.known:,} known refs in another order"
    yield Limit(f"{name}: processor time of the process, to as learnt", 1.3, TIMES, ratio)
    # stricter: what the process does besides is the same in both orders, and would flatter
    alone = other.seconds / learnt.seconds if learnt and other else None
    yield Limit(f"{name}: seconds of looking up alone, to as learnt", 1.3, TIMES, alone)
    one = results.wide
    name = f"12 rows of {results.wide_columns:,} unknown columns"
    yield Limit(f"{name}: processor time", 3, SECONDS, one and one.cpu)
    yield Limit(f"{name}: peak memory", 300, MEGABYTES, one and one.peak * _MB)


def write_limits(results: Results) -> str:
    """Return the table of the limits, with those that were not measured; nothing where none was."""
    limits = list_limits(results)
    if all(limit.figure is None for limit in limits):
        return ""
    after = (
        "A limit that is missed stays here until it is met; the sections on what a figure is made of say where its time"
        " goes. MB are millions of bytes."
    )
    rows = [limit.write() for limit in limits]
    return write_table("What it is built to, and what was measured", "figure | limit | measured |", rows, after)
