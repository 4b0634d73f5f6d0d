"""Anomalies in words, in five short parts: title, finding, expectation, consequence, advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.gathering import EMPTY, OUTSIDE, UNWANTED
from passerelle.tender.scoring.round_trip import NOT_RETURNED
from passerelle.tender.scoring.scorecard import AnomalyCause, AnomalyPlace
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import explain, find_reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.tender.scoring.trail import AnomalyCount, AnomalyGroup, AnomalyTrail

_FOUND = "found"
"""Detail that holds the shape of a value. Even a shape is shown only when somebody asks for it."""


def describe_causes(
    trail: AnomalyTrail, groups: Sequence[AnomalyGroup], files: Sequence[str], *, shapes: bool
) -> tuple[AnomalyCause, ...]:
    """Return causes in words: those that cost records first, then the most frequent."""
    entries = [(group, trail.groups[group]) for group in groups]
    entries.sort(key=lambda pair: (not pair[0].refuses, -pair[1].count, pair[1].number))
    return tuple(_describe_cause(group, counted, files, shapes=shapes) for group, counted in entries)


def _describe_cause(group: AnomalyGroup, counted: AnomalyCount, files: Sequence[str], *, shapes: bool) -> AnomalyCause:
    # Even the shape of a value may tell somebody: it takes an explicit wish.
    facts = {name: fact for name, fact in counted.facts.items() if shapes or name != _FOUND}
    says, advice = explain(group.code, facts)
    expected, example = facts.get("expected", ""), facts.get("example", "")
    # Some expectations are examples already, a format of days for one.
    if expected and example and example not in expected:
        expected = _("{expected}, for instance {example}").format(expected=expected, example=example)
    if group.field and group.contract:
        title = score_labels.get_field_title(group.contract, group.field)
    elif group.code == OUTSIDE:
        title = _("Outside the contract")
    else:
        title = score_labels.get_record_title(group.contract) if group.contract else _("Rows that cannot be read")
    rows = score_labels.count_rows(counted.count)
    if group.code == OUTSIDE:
        where = _("Column «{column}».").format(column=group.column)
    elif group.column:
        where = _("{rows}, column «{column}».").format(rows=rows, column=group.column)
    else:
        where = f"{rows}."
    return AnomalyCause(
        code=group.code,
        title=title,
        finding=f"{where} {says}",
        expected=expected or example,
        consequence=_write_consequence(group),
        advice=advice,
        concerns=_(score_labels.PERSONS[find_reason(group.code).concerns]),
        refuses=group.refuses,
        count=counted.count,
        places=tuple(AnomalyPlace(files[group.sample], line, group.member, group.column) for line in counted.lines),
    )


def _write_consequence(group: AnomalyGroup) -> str:
    if group.refuses:
        return _("Without a correction these rows are not taken.")
    if group.code in (OUTSIDE, UNWANTED):
        return _("More is sent than the purposes need.")
    if group.code == EMPTY:
        return _("The records are taken, without it.")
    if group.code == NOT_RETURNED:
        return _("It would be lost, or would have to be typed again, when leaving the software.")
    return _("The records are taken, with a doubt.")
