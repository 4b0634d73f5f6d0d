"""Anomalies in words, in five short parts: title, finding, expectation, consequence, advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.gathering import EMPTY, OUTSIDE, UNWANTED
from passerelle.tender.scoring.returning import NOT_RETURNED
from passerelle.tender.scoring.scorecard import AnomalyCause, AnomalyPlace
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import explain, find_reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.tender.scoring.trail import AnomalyCount, AnomalyGroup, AnomalyTrail

_FOUND = "found"
"""Detail that holds the shape of a value. Even a shape is shown only when somebody asks for it."""


def describe_causes(
    trail: AnomalyTrail, blames: Sequence[AnomalyGroup], files: Sequence[str], *, shapes: bool
) -> tuple[AnomalyCause, ...]:
    """Return causes in words: those that cost records first, then the most frequent."""
    entries = [(blame, trail.blames[blame]) for blame in blames]
    entries.sort(key=lambda pair: (not pair[0].refuses, -pair[1].count, pair[1].number))
    return tuple(_describe_cause(blame, blamed, files, shapes=shapes) for blame, blamed in entries)


def _describe_cause(blame: AnomalyGroup, blamed: AnomalyCount, files: Sequence[str], *, shapes: bool) -> AnomalyCause:
    facts = {name: fact for name, fact in blamed.facts.items() if shapes or name != _FOUND}
    says, advice = explain(blame.code, facts)
    expected, example = facts.get("expected", ""), facts.get("example", "")
    if expected and example and example not in expected:
        expected = _("{expected}, for instance {example}").format(expected=expected, example=example)
    return AnomalyCause(
        code=blame.code,
        title=_write_title(blame),
        finding=f"{_count_rows(blame, blamed)} {says}",
        expected=expected or example,
        consequence=_write_consequence(blame),
        advice=advice,
        concerns=_(score_labels.PERSONS[find_reason(blame.code).concerns]),
        refuses=blame.refuses,
        count=blamed.count,
        places=tuple(AnomalyPlace(files[blame.sample], line, blame.member, blame.column) for line in blamed.lines),
    )


def _write_title(blame: AnomalyGroup) -> str:
    if blame.field and blame.contract:
        return score_labels.get_field_title(blame.contract, blame.field)
    if blame.code == OUTSIDE:
        return _("Outside the contract")
    return score_labels.get_record_title(blame.contract) if blame.contract else _("Rows that cannot be read")


def _count_rows(blame: AnomalyGroup, blamed: AnomalyCount) -> str:
    if blame.code == OUTSIDE:
        return _("Column «{column}».").format(column=blame.column)
    rows = score_labels.count_rows(blamed.count)
    if blame.column:
        return _("{rows}, column «{column}».").format(rows=rows, column=blame.column)
    return f"{rows}."


def _write_consequence(blame: AnomalyGroup) -> str:
    if blame.refuses:
        return _("Without a correction these rows are not taken.")
    if blame.code in (OUTSIDE, UNWANTED):
        return _("More is sent than the purposes need.")
    if blame.code == EMPTY:
        return _("The records are taken, without it.")
    if blame.code == NOT_RETURNED:
        return _("It would be lost, or would have to be typed again, when leaving the software.")
    return _("The records are taken, with a doubt.")
