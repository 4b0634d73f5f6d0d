"""What the page says of peers: what each takes, and what each lets pass in silence, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from document_sections import LIBRARY
from page_table import write_table
from sections import NAMES, PLAIN, PRODUCT

if TYPE_CHECKING:
    from page import Results
    from peer_sections import Readers

_CHECK, _READING = "passerelle check", "passerelle, what it reads"
_ALONE = {"json": "json.loads alone", "xml": "lxml alone"}


def write_job_peers(results: Results) -> str:
    """Return the table of the job as peers do it."""
    rows = [
        f"{NAMES[name]} | {one.measure.wall:.1f} | {one.measure.cpu:.1f} | {one.measure.peak:,.0f} MiB "
        f"| {one.measure.cpu / results.peers[PRODUCT].measure.cpu:.1f} × | {one.through:,} of {one.bad:,} "
        f"| {one.lost:,} | {'kept' if one.reasons else 'nowhere'}"
        for name, one in results.peers.items()
    ]
    header = (
        "tool | seconds | processor seconds | peak memory | processor time, to passerelle "
        "| bad rows let through in silence | good rows lost | rows set aside, with reasons"
    )
    after = (
        f"{results.peer_rows:,} rows. Bad is what {NAMES[PLAIN]}, and passerelle set aside alike, row by row; what a"
        " tool writes as good is compared with that. Every script is in `tests/benchmarks`, written with the rules"
        " known; what it lets through is what the tool has no rule for, or cannot see. Only passerelle seals, journals"
        " and delivers once."
    )
    return write_table("The job, done by others", header, rows, after) if rows else ""


def write_document_peers(results: Results) -> str:
    """Return the tables of documents as peers read them."""
    return "\n".join(
        _write_readers(file, readers, results.peer_size) for file, readers in results.document_peers.items()
    )


def _write_readers(file: str, readers: Readers, size: int) -> str:
    names = {PRODUCT: _CHECK, LIBRARY: _ALONE[file.rsplit(".", 1)[1]]}
    times = write_table(
        f"{file}, read by others",
        f"{size / 1e6:,.0f} MB | seconds | processor seconds | peak memory",
        [
            f"{names.get(name, name)} | {one.wall:.2f} | {one.cpu:.2f} | {one.peak:,.0f} MiB"
            for name, one in readers.measures.items()
        ],
        "They read the document into memory and do no more; `check` translates, judges and accounts for every record.",
    )
    rows = [
        f"{_READING if name == PRODUCT else name} | {one.silence.numbers:,} | {one.silence.words:,} "
        f"| {one.silence.missing:,} | {one.silence.lost:,} | {one.silence.bent:,} | {one.twice or '–'} | {one.cut}"
        for name, one in readers.readings.items()
    ]
    first = next(iter(readers.readings.values())).silence
    header = (
        "reader | numbers not as written | other values changed | cells that are nowhere | records that are nowhere "
        "| members now a list, now none | records with a member twice | document cut off"
    )
    columns = header.count("|") + 1
    lines = [f"| {header} |", "|" + "---|" * columns, *(f"| {row} |" for row in rows), ""]
    after = (
        f"Counted in a document of {first.records:,} records and {first.cells:,} cells, beside what the standard"
        " library reads when it is told to keep numbers as they are written."
    )
    return "\n".join([times, *lines, after, ""])
