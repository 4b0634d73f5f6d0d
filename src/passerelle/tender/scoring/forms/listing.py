"""Scores for programs: a table of results (CSV), a table of places (CSV), tests of a pipeline (JUnit)."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.forms import summary
from passerelle.tender.scoring.scorecard import BidVerdict
from passerelle.vocabulary.language import _
from passerelle.vocabulary.spreadsheet_cells import quote_formula

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from passerelle.tender.scoring.examining import ScoredBid
    from passerelle.tender.scoring.scorecard import RequirementResult, Score


_RESULT = (
    *("id", "level", "domain", "contract", "field", "measure", "verdict", "satisfaction"),
    *("checked", "held", "unit", "reach", "weight", "cost", "why"),
)
"""Columns of the table of results."""


def _write_csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([quote_formula(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    # With a byte-order mark: without it Excel reads accents as two letters.
    return text.getvalue().encode("utf-8-sig")


def write_results(score: Score) -> bytes:
    """Write one line a requirement: UTF-8 with byte-order mark, semicolons. The last line is the digest."""
    rows = [["" if getattr(one, name) is None else getattr(one, name) for name in _RESULT] for one in score.results]
    return _write_csv([_RESULT, *rows, ["digest", score.digest]])


def iter_places(scored: ScoredBid) -> Iterator[bytes]:
    """Write where every anomaly stands, one line a requirement and place: numbers of lines, never a value."""
    yield _write_csv([("requirement", "file", "member", "line", "column", "field", "reason")])
    files = [one.name for one in scored.score.samples]
    for identifier, group, line in scored.iter_places():
        row = (identifier, files[group.sample], group.member, line, group.column, group.field, group.code)
        yield _write_csv([row]).removeprefix(b"\xef\xbb\xbf")


def write_junit(score: Score) -> bytes:
    """Write each requirement as a test: not met fails, not evaluated or not applicable is skipped."""
    suites = Element("testsuites", name=score.tender.id)
    for chapter, group in summary.group_by_chapter(score.results).items():
        counts = {name: str(sum(_find_state(one) == name for one in group)) for name in ("failure", "skipped")}
        about = {"tests": str(len(group)), "failures": counts["failure"], "skipped": counts["skipped"], "errors": "0"}
        suite = SubElement(suites, "testsuite", {"name": chapter, **about})
        for one in group:
            _add_case(suite, one)
    # JUnit allows properties on a suite, not on the root.
    properties = SubElement(suites[0], "properties") if len(suites) else suites
    SubElement(properties, "property", name="digest", value=score.digest)
    indent(suites)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode").encode() + b"\n"


def _find_state(result: RequirementResult) -> str:
    match result.verdict:
        case BidVerdict.FAILED:
            return "failure"
        case BidVerdict.UNSEEN | BidVerdict.VOID | BidVerdict.WAIVED:
            return "skipped"
        case _:
            return ""


def _add_case(suite: Element, result: RequirementResult) -> None:
    case = SubElement(suite, "testcase", name=f"{result.id} {result.title}", classname=result.domain)
    message = " ".join(
        filter(
            None,
            (
                score_labels.write_measure(result) if result.checked else "",
                score_labels.write_reach(result),
                result.why,
            ),
        )
    )
    if state := _find_state(result):
        SubElement(case, state, message=message or _(score_labels.VERDICTS[result.verdict]))
    elif message:
        SubElement(case, "system-out").text = message
