"""`passerelle plugins check`: go through the conformance suite and say the grade, with what is missing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.faces import json_forms
from passerelle.faces.cli.exits import Exit
from passerelle.testing.grades import ORDER, Grade, name_grade
from passerelle.testing.open_points import count_open_points
from passerelle.testing.surveying import FailedPlugin
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.testing.certifying import Certificate
    from passerelle.testing.surveying import PluginVerdict

BROKEN = "broken"
"""What stands in the place of a grade where nothing could be examined."""


def content(one: PluginVerdict) -> dict[str, Any]:
    """Return what a program reads of a certificate, or of a plugin that is broken."""
    about = {"plugin": one.plugin.name, "version": one.plugin.version}
    if isinstance(one, FailedPlugin):
        trouble = json_forms.cause(one.code, one.facts)
        return {**about, "connector": "", "grade": BROKEN, "samples": False, "checks": [], "trouble": trouble}
    return {
        **about,
        "connector": one.connector.id,
        "grade": str(one.grade),
        "samples": one.sampled,
        "to_decide": count_open_points(one.plugin),
        "checks": [
            {
                "name": result.check.name.removeprefix("test_"),
                "grade": str(result.check.grade),
                "kept": result.passed,
                "not_asked": _(result.why_not) if result.why_not else None,
            }
            for result in one.results
        ],
        "trouble": None,
    }


def text(verdicts: Sequence[PluginVerdict]) -> str:
    """Return what people read: a line a connector, then what is not kept, the next grade first."""
    return "\n".join(line for one in verdicts for line in _format_lines(one))


def _format_lines(one: PluginVerdict) -> list[str]:
    if isinstance(one, FailedPlugin):
        return [_("{plugin}: broken").format(plugin=one.plugin.name), f"  {one.message}"]
    asked = [result for result in one.results if not result.why_not]
    kept = sum(result.passed for result in asked)
    head = _("{connector}: {grade}, {kept} of {all} checks kept").format(
        connector=one.connector.id, grade=name_grade(one.grade), kept=kept, all=len(asked)
    )
    marks = _format_open_points(count_open_points(one.plugin))
    if not one.sampled:
        unseen = _("No samples were found; nothing above bronze can be shown. Name them with --samples.")
        return [head, *marks, f"  {unseen}"]
    broken = sorted((result for result in asked if not result.passed), key=lambda r: ORDER.index(r.check.grade))
    spared = Counter(result.why_not for result in one.results if result.why_not)
    return [
        head,
        *marks,
        *(f"  {name_grade(r.check.grade)}: {_(r.check.title)}" + (f" [{r.hint}]" if r.hint else "") for r in broken),
        *(
            ["  " + _("checks not asked: {count}. {why}").format(count=spared.total(), why=" ".join(map(_, spared)))]
            if spared
            else []
        ),
    ]


def _format_open_points(count: int) -> list[str]:
    """Return how much a scaffolded description still leaves to a person."""
    words = _("left for a person to decide («À DÉCIDER» in the description): {count}")
    return ["  " + words.format(count=count)] if count else []


def grades_table(verdicts: Sequence[PluginVerdict]) -> str:
    """Return the list of connectors with their grades and what the next one asks for."""
    headers = (_("name"), _("version"), _("connector"), _("grade"), _("wanting for the next grade"))
    return write_table(headers, [_format_row(one) for one in verdicts])


def _format_row(one: PluginVerdict) -> tuple[str, ...]:
    if isinstance(one, FailedPlugin):
        return one.plugin.name, one.plugin.version, "–", _("broken"), one.message
    return one.plugin.name, one.plugin.version, one.connector.id, name_grade(one.grade), str(len(one.missing))


def outcome(verdicts: Sequence[PluginVerdict]) -> Exit:
    """Return SETTLED when connectors with samples are silver or better and those without are bronze, else ASIDE."""
    return Exit.ASIDE if any(_is_short(one) for one in verdicts) else Exit.SETTLED


def _is_short(one: PluginVerdict) -> bool:
    return isinstance(one, FailedPlugin) or ORDER.index(one.grade) < ORDER.index(_list_asked(one))


def _list_asked(one: Certificate) -> Grade:
    return Grade.SILVER if one.sampled else Grade.BRONZE
