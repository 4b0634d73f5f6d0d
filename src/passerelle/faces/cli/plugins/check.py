"""`passerelle plugins check`: the grade that the conformance suite gives, with what is missing for the next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.extension.connector_ways import describe_ways, list_ways
from passerelle.faces import json_forms
from passerelle.faces.cli.exits import Exit
from passerelle.testing.grades import ORDER, Grade, name_grade
from passerelle.testing.open_points import count_open_points
from passerelle.testing.surveying import FailedPlugin
from passerelle.vocabulary.formatting import show_name
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.testing.surveying import PluginVerdict

BROKEN = "broken"
"""In the place of a grade, where nothing could be examined."""


def to_content(verdict: PluginVerdict) -> dict[str, Any]:
    """Return a certificate, or a plugin that is broken, as JSON content."""
    about = {"plugin": verdict.plugin.name, "version": verdict.plugin.version}
    if isinstance(verdict, FailedPlugin):
        trouble = json_forms.describe_cause(verdict.code, verdict.facts)
        nothing: dict[str, Any] = {"connector": "", "grade": BROKEN, "ways": [], "samples": False, "checks": []}
        return {**about, **nothing, "unread": {}, "trouble": trouble}
    return {
        **about,
        "connector": verdict.connector.id,
        "grade": str(verdict.grade),
        "ways": list(list_ways(verdict.connector)),
        "samples": verdict.sampled,
        "to_decide": count_open_points(verdict.plugin),
        "unread": verdict.connector.list_unread(),
        "checks": [
            {
                "name": result.check.name.removeprefix("test_"),
                "grade": str(result.check.grade),
                "kept": result.passed,
                "not_asked": _(result.why_not) if result.why_not else None,
            }
            for result in verdict.results
        ],
        "trouble": None,
    }


def format_text(verdicts: Sequence[PluginVerdict]) -> str:
    """Return what people read: a line a connector, then what is not kept, the next grade first."""
    return "\n".join(line for verdict in verdicts for line in _iter_lines(verdict))


def _iter_lines(verdict: PluginVerdict) -> Iterator[str]:
    if isinstance(verdict, FailedPlugin):
        yield _("{plugin}: broken").format(plugin=verdict.plugin.name)
        yield f"  {verdict.message}"
        return
    asked = [result for result in verdict.results if not result.why_not]
    yield _("{connector}: {grade}, {kept} of {all} checks kept").format(
        connector=verdict.connector.id,
        grade=name_grade(verdict.grade),
        kept=sum(result.passed for result in asked),
        all=len(asked),
    )
    # a scaffolded description marks what it leaves to a person
    if open_points := count_open_points(verdict.plugin):
        words = _("left for a person to decide («À DÉCIDER» in the description): {count}")
        yield "  " + words.format(count=open_points)
    for name, why in verdict.connector.list_unread().items():
        yield "  " + _("left unread on purpose: {name} ({why})").format(name=show_name(name), why=why)
    if not verdict.sampled:
        yield "  " + _("No samples were found; nothing above bronze can be shown. Name them with --samples.")
        return
    for result in sorted(asked, key=lambda result: ORDER.index(result.check.grade)):
        if not result.passed:
            hint = f" [{result.hint}]" if result.hint else ""
            yield f"  {name_grade(result.check.grade)}: {_(result.check.title)}{hint}"
    if spared := Counter(result.why_not for result in verdict.results if result.why_not):
        words = _("checks not asked: {count}. {why}")
        yield "  " + words.format(count=spared.total(), why=" ".join(map(_, spared)))


def format_grades(verdicts: Sequence[PluginVerdict]) -> str:
    """Return the list of connectors with their grades and what the next one asks for."""
    rows = []
    for verdict in verdicts:
        about = (verdict.plugin.name, verdict.plugin.version)
        if isinstance(verdict, FailedPlugin):
            rows.append((*about, "–", _("broken"), "–", verdict.message))
        else:
            grade, ways = name_grade(verdict.grade), describe_ways(verdict.connector)
            rows.append((*about, verdict.connector.id, grade, ways, str(len(verdict.missing))))
    headers = (_("name"), _("version"), _("connector"), _("grade"), _("direction"), _("wanting for the next grade"))
    return write_table(headers, rows)


def choose_exit(verdicts: Sequence[PluginVerdict]) -> Exit:
    """Return SETTLED when connectors with samples are silver or better and those without are bronze, else ASIDE."""
    for verdict in verdicts:
        if isinstance(verdict, FailedPlugin):
            return Exit.ASIDE
        # nothing above bronze can be shown without samples
        asked = Grade.SILVER if verdict.sampled else Grade.BRONZE
        if ORDER.index(verdict.grade) < ORDER.index(asked):
            return Exit.ASIDE
    return Exit.SETTLED
