"""The page of the documentation that `make bench` writes, and its chart."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from typing import TYPE_CHECKING

from limits import write_limits
from page_documents import write_cores, write_documents, write_malformed, write_messages, write_shapes, write_wide
from page_parts import write_bad_parts, write_document_parts, write_good_parts, write_start_parts
from page_peers import write_document_peers, write_job_peers
from page_table import write_table
from sections import FLOOR, LIBRARIES, NAMES, PARQUET, PLAIN, PRODUCT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from document_sections import Parcels, Shaped
    from measuring import Measure
    from peer_sections import Passing, Readers
    from sections import Recall, Staged

_PARTS = ("polars", "pydantic", "numpy", "sqlalchemy", "lxml", "httpx")
_INTRODUCTION = """\
# Performance

Written by `make bench`, with peers where `make bench-peers` has made their environment. The job: a télégestion export
of sixteen columns (cp1252, `;`, French dates, Paris times, decimal commas, codes, NIR and SIRET with their keys) with
1 % bad rows of many kinds is read, translated, validated against the contract and split; accepted rows are written,
rows set aside are sealed in quarantine with their reasons, everything is journalled. The plain loop does the same
without journal, seal or quarantine: what both accept and set aside is compared row by row before anything is printed.
The floor reads and writes the file and does nothing else. «Polars writes our records» begins at the end: it has the
accepted records, which carry codes, offsets and where they come from and are twice as long as the rows, and only
writes them.

{machine}
Whole processes, start-up included, contenders in turn, median of {times}: of three at most where one takes minutes, one
run for rows that come again, stages, and more than a million rows. Machines drift: only ratios within one section say
something. Memory is the peak of the process.

![Time of the whole job](performance.svg)
"""


@dataclass
class Results:
    """What was measured; a section that was not asked for is empty."""

    times: int
    jobs: dict[int, dict[str, Measure]] = field(default_factory=dict)
    small: Mapping[str, Measure] = field(default_factory=dict)
    small_rows: int = 0
    scaling: Mapping[int, Measure] = field(default_factory=dict)
    spoilt: Mapping[float, Mapping[str, Measure]] = field(default_factory=dict)
    spoilt_rows: int = 0
    documents: Mapping[str, Mapping[str, Measure]] = field(default_factory=dict)
    malformed: Mapping[str, Mapping[str, Measure]] = field(default_factory=dict)
    document_size: int = 0
    """Bytes of each of both."""
    shapes: Mapping[str, Shaped] = field(default_factory=dict)
    wide: Measure | None = None
    wide_columns: int = 0
    messages: Parcels | None = None
    cores: Mapping[int, Measure] | None = None
    """Empty where there were too few of them."""
    cores_rows: int = 0
    delivery: Mapping[str, Measure] = field(default_factory=dict)
    delivered: int = 0
    unchanged: tuple[Measure, Measure] | None = None
    journalled: Staged | None = None
    recalled: Mapping[str, Recall] = field(default_factory=dict)
    known: int = 0
    starts: Mapping[str, Measure] = field(default_factory=dict)
    peers: Mapping[str, Passing] = field(default_factory=dict)
    peer_rows: int = 0
    document_peers: Mapping[str, Readers] = field(default_factory=dict)
    peer_size: int = 0
    """Bytes of each document that they read."""
    start_parts: Mapping[str, float] = field(default_factory=dict)
    bad_parts: Staged | None = None


def written(results: Results) -> str:
    """Write the page."""
    versions = ", ".join(f"{part} {version(part)}" for part in _PARTS)
    machine = (
        f"Machine: {cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {versions};"
        f" {datetime.now(UTC):%Y-%m-%d}."
    )
    sections = (
        write_limits,
        *(_jobs, _small, write_start_parts, _scaling, write_cores, _spoilt, write_bad_parts, write_wide),
        *(write_documents, write_malformed, write_shapes, write_document_parts, write_messages),
        *(_delivery, _unchanged, _journalled, write_good_parts, _recalled, _starts),
        *(write_job_peers, write_document_peers),
    )
    told = [_INTRODUCTION.format(machine=machine, times=results.times)]
    told += [text for section in sections if (text := section(results))]
    return "\n".join(told)


def _jobs(results: Results) -> str:
    rows = [
        f"{count:,} | {NAMES[name]} | {one.wall:.2f} | {one.cpu:.2f} | {count / one.wall:,.0f} | {one.peak:,.0f} MiB "
        f"| {measures[PLAIN].wall / one.wall:.1f} × | {one.wall / measures[FLOOR].wall:.1f} ×"
        for count, measures in results.jobs.items()
        for name, one in measures.items()
    ]
    header = (
        "rows | contender | seconds | processor seconds | rows a second | peak memory | faster than the plain loop "
        "| time of the floor"
    )
    return write_table("The whole job", header, rows) if rows else ""


def _small(results: Results) -> str:
    rows = [
        f"{NAMES[name]} | {one.wall:.2f} | {one.cpu:.2f} | {one.cpu / results.small[LIBRARIES].cpu:.2f} × "
        f"| {one.peak:,.0f} MiB"
        for name, one in results.small.items()
    ]
    header = "contender | seconds | processor seconds | to the libraries alone | peak memory"
    return write_table(f"A small file of {results.small_rows:,} rows", header, rows) if rows else ""


def _scaling(results: Results) -> str:
    rows = [
        f"{count:,} | {one.wall:.1f} | {one.cpu:.1f} | {1e6 * one.wall / count:.2f} µs | {one.peak:,.0f} MiB"
        for count, one in results.scaling.items()
    ]
    if not rows:
        return ""
    (few, first), *_rest, (many, last) = results.scaling.items()
    ratio = (last.wall / many) / (first.wall / few)
    after = f"A row costs {ratio:.2f} times as much at {many:,} rows as at {few:,}. Above a million rows: one run."
    return write_table("More and more rows", "rows | seconds | processor seconds | a row | peak memory", rows, after)


def _spoilt(results: Results) -> str:
    rows = [
        f"{share:.0%} | {measures[PRODUCT].wall:.1f} | {measures[PLAIN].wall:.1f} "
        f"| {measures[PRODUCT].wall / measures[PLAIN].wall:.2f} × | {measures[PRODUCT].cpu:.1f} "
        f"| {measures[PLAIN].cpu:.1f} | {measures[PRODUCT].cpu / measures[PLAIN].cpu:.2f} ×"
        for share, measures in results.spoilt.items()
    ]
    header = (
        "bad rows | passerelle, seconds | plain loop, seconds | time of the plain loop "
        "| passerelle, processor seconds | plain loop, processor seconds | processor time of the plain loop"
    )
    after = "Verdicts are compared row by row here too: every row is accounted for."
    return write_table(f"Worse and worse files of {results.spoilt_rows:,} rows", header, rows, after) if rows else ""


def _delivery(results: Results) -> str:
    if not results.delivery:
        return ""
    ours, bare = results.delivery[PRODUCT], results.delivery["bare"]
    rows = [
        f"{name} | {one.wall:.1f} | {results.delivered / one.wall:,.0f}"
        for name, one in (("passerelle run, from the file on", ours), ("bare httpx loop, bodies ready", bare))
    ]
    after = (
        f"passerelle delivers {bare.wall / ours.wall:.0%} of what the bare loop does, reading and accounting included."
    )
    return write_table("Delivery, one request a record, four at once", " | seconds | records a second", rows, after)


def _unchanged(results: Results) -> str:
    if results.unchanged is None:
        return ""
    first, again = results.unchanged
    rows = [f"{what} | {one.wall:.1f} | {one.peak:,.0f} MiB" for what, one in (("new", first), ("all known", again))]
    return write_table(f"{results.known:,} rows, then the same again", "rows are | seconds | peak memory", rows)


def _journalled(results: Results) -> str:
    if results.journalled is None:
        return ""
    spent = results.journalled
    rows = [f"{spent.settling:.1f} | {spent.whole - spent.settling:.1f} | {spent.added:.0%}"]
    after = (
        "One batch after the other (`--jobs 1`), so that nothing overlaps. Settling writes the books, the reasons, the"
        " quarantine and what the destination has by now, in one transaction a batch."
    )
    return write_table(
        f"What the journal costs, {results.known:,} rows", "settling, seconds | all the rest | it adds", rows, after
    )


def _recalled(results: Results) -> str:
    learnt = results.recalled.get("as learnt")
    if learnt is None:
        return ""
    rows = [
        f"{what} | {one.seconds:.1f} | {results.known / one.seconds:,.0f} | {one.process.cpu:.2f} "
        f"| {one.process.cpu / learnt.process.cpu:.2f} × | {one.process.peak:,.0f} MiB"
        for what, one in results.recalled.items()
    ]
    after = (
        "The journal alone, in batches of the usual size, a process for each order; every answer is checked, outside"
        " the seconds and inside the process, whose memory holds what it checks against."
    )
    header = "refs are | seconds | refs a second | processor seconds of the process | to as learnt | peak memory"
    return write_table(f"{results.known:,} known refs, looked up", header, rows, after)


def _starts(results: Results) -> str:
    rows = [f"`{name}` | {1000 * one.wall:.0f} ms" for name, one in results.starts.items()]
    return write_table("Start-up", "command | time", rows) if rows else ""


def chart(measures: Mapping[str, Measure], count: int) -> str:
    """Draw the seconds of each contender as bars."""
    longest = max(one.wall for one in measures.values())
    bars = []
    for nth, (name, one) in enumerate(measures.items()):
        top = 44 + 34 * nth
        colour = "#1f6f8b" if name in (PRODUCT, PARQUET) else "#8a949b"
        width = 330 * one.wall / longest
        bars.append(
            f'<text x="8" y="{top + 16}">{NAMES[name]}</text>'
            f'<rect x="320" y="{top}" width="{width:.0f}" height="22" fill="{colour}"/>'
            f'<text x="{326 + width:.0f}" y="{top + 16}">{one.wall:.1f} s</text>'
        )
    height = 56 + 34 * len(measures)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 {height}" role="img" font-family="sans-serif" '
        f'font-size="14"><title>Seconds of each contender for {count:,} rows</title>'
        f'<rect width="740" height="{height}" fill="#ffffff"/>'
        f'<text x="8" y="24" font-weight="bold">{count:,} rows, whole processes: seconds (shorter is better)</text>'
        f"{''.join(bars)}</svg>\n"
    )
