"""`passerelle plugins check`: go through the conformance suite and say the grade, with what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.faces import wording
from passerelle.faces.cli.exits import Exit
from passerelle.testing.grades import ORDER, Grade, said
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.testing.certifying import Certificate


def content(one: Certificate) -> dict[str, Any]:
    """Give what a program reads of a certificate."""
    return {
        "plugin": one.plugin.name,
        "version": one.plugin.version,
        "connector": one.connector.id,
        "grade": str(one.grade),
        "samples": one.sampled,
        "checks": [
            {"name": result.check.name.removeprefix("test_"), "grade": str(result.check.grade), "kept": result.kept}
            for result in one.results
        ],
    }


def text(certificates: Sequence[Certificate]) -> str:
    """Give what people read: a line a connector, then what is not kept, the next grade first."""
    return "\n".join(line for one in certificates for line in _lines(one))


def _lines(one: Certificate) -> list[str]:
    kept = sum(result.kept for result in one.results)
    head = _("{connector}: {grade}, {kept} of {all} checks kept").format(
        connector=one.connector.id, grade=said(one.grade), kept=kept, all=len(one.results)
    )
    if not one.sampled:
        return [head, "  " + _("No samples were found; nothing above bronze can be shown. Name them with --samples.")]
    broken = sorted((result for result in one.results if not result.kept), key=lambda r: ORDER.index(r.check.grade))
    return [
        head,
        *(f"  {said(r.check.grade)}: {_(r.check.title)}" + (f" [{r.hint}]" if r.hint else "") for r in broken),
    ]


def grades_table(certificates: Sequence[Certificate]) -> str:
    """Give the list of connectors with their grades and what the next one asks for."""
    headers = (_("name"), _("version"), _("connector"), _("grade"), _("wanting for the next grade"))
    rows = (
        (one.plugin.name, one.plugin.version, one.connector.id, said(one.grade), str(len(one.missing)))
        for one in certificates
    )
    return wording.table(headers, rows)


def outcome(certificates: Sequence[Certificate]) -> Exit:
    """Say how it ends: settled when connectors with samples are silver or better, those without are bronze."""
    short = [one for one in certificates if ORDER.index(one.grade) < ORDER.index(_asked(one))]
    return Exit.ASIDE if short else Exit.SETTLED


def _asked(one: Certificate) -> Grade:
    return Grade.SILVER if one.sampled else Grade.BRONZE
