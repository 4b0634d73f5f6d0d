"""What the page says of the parts of a figure: where the time goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from page_table import write_table
from parts import IMPORTS, document_parts

if TYPE_CHECKING:
    from page import Results
    from sections import Staged


def write_start_parts(results: Results) -> str:
    """Return the table of what a run of a small file is made of."""
    whole = sum(results.start_parts.values())
    rows = [f"{IMPORTS[part]} | {spent:.0f} ms | {spent / whole:.0%}" for part, spent in results.start_parts.items()]
    after = (
        "Wall time of one run in which Python itself times every import, which makes it somewhat slower than the run"
        " above; what a library imports of the standard library is counted there."
    )
    title = f"What a run of {results.small_rows:,} rows is made of"
    return write_table(title, "part | time | share", rows, after) if rows else ""


def write_document_parts(results: Results) -> str:
    """Return the table of what checking a document is made of."""
    measured = {**results.documents, **{file: one.measures for file, one in results.shapes.items()}}
    rows = [
        f"{file} | {alone:.1f} | {reading:.1f} | {rest:.1f}"
        for file, (alone, reading, rest) in document_parts(measured).items()
    ]
    header = "processor seconds of | the library alone | reading takes more | translating, judging, accounting"
    after = (
        "Three processes in turn, and what each takes more than the one before: the library, the product's reading"
        " alone, which keeps numbers as they are written and finds repeated members, and the whole `check`. What"
        " starting costs is in the second."
    )
    return write_table("What checking a document is made of", header, rows, after) if rows else ""


def write_good_parts(results: Results) -> str:
    """Return the table of the stages of the job."""
    title = f"Where the time of {results.known:,} rows goes"
    return _write_stages(title, results.journalled, "One batch after the other (`--jobs 1`), so that nothing overlaps.")


def write_bad_parts(results: Results) -> str:
    """Return the table of the stages of a file in which everything is bad."""
    after = (
        "One batch after the other, so that nothing overlaps; settling seals every row with its reasons in the"
        " quarantine, which the plain loop does not do."
    )
    return _write_stages(f"Where the time of {results.spoilt_rows:,} bad rows goes", results.bad_parts, after)


def _write_stages(title: str, spent: Staged | None, after: str) -> str:
    if spent is None:
        return ""
    stages = sorted(((seconds, name) for name, seconds in spent.stages.items() if seconds >= 0.005), reverse=True)
    rows = [f"{name} | {seconds:.2f} | {seconds / spent.whole:.0%}" for seconds, name in stages]
    rest = spent.whole - sum(spent.stages.values())
    rows.append(f"all the rest: collecting the file, opening and closing | {rest:.2f} | {rest / spent.whole:.0%}")
    return write_table(title, "stage | seconds | share", rows, after)
