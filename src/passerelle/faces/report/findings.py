"""A check report in order: what is accepted, what is not and why, the most frequent cause first. It holds no value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import catalogue
from passerelle.engine.watches.fault_watch import MISDESCRIBED
from passerelle.engine.watches.unread_watch import is_about_parcel
from passerelle.faces import json_forms
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_labelled, join_clauses, show_name
from passerelle.vocabulary.language import _, get_current, translate_plural
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import explain, find_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.rehearsal.file_check import CheckCause, CheckReport
    from passerelle.stages.translate.drift import Drift

SHOWN_PLACES = 8
"""How many places of a cause people are shown; JSON has all that the report keeps."""


@dataclass(frozen=True, slots=True)
class CauseText:
    """One cause of a check report, in words of the reader's language."""

    fate: str
    code: str
    count: str
    says: str
    advice: str
    concerns: str
    about: str
    """Contract, column and field that it is about."""
    places: str


def to_content(report: CheckReport) -> dict[str, Any]:
    """Return the report as JSON content, `passerelle.check/1`."""
    return {
        "connector": report.connector,
        "rows": report.rows,
        "balance": json_forms.describe_balance(report.balance),
        "accepted": dict(report.accepted),
        "causes": [
            {
                "fate": cause.key.fate,
                **json_forms.describe_cause(cause.key.code, cause.details),
                "advice": explain_cause(cause, report)[1],
                "contract": cause.key.contract,
                "member": cause.key.member,
                "column": cause.key.column,
                "field": cause.key.field,
                "count": cause.count,
                "places": [json_forms.describe_place(place) for place in cause.places],
            }
            for cause in order_causes(report)
        ],
        "drift": {
            member: {
                "unknown": list(drift.unknown),
                "missing": list(drift.missing),
                "renamed": [{"expected": old, "found": new} for old, new in drift.renamed],
            }
            for member, drift in report.drift.items()
            if drift.unknown or drift.missing or drift.renamed
        },
    }


def order_causes(report: CheckReport) -> list[CheckCause]:
    """List the causes: what refuses before what only warns, the most frequent first."""
    # the code last: two causes of one count must not change places from one check to the next
    return sorted(report.causes.values(), key=lambda cause: (cause.key.fate == "warning", -cause.count, cause.key.code))


def explain_cause(cause: CheckCause, report: CheckReport) -> tuple[str, str]:
    """Return what is wrong and what to do; where nearly every row fails, nothing has to be done in the software."""
    says, advice = explain(cause.key.code, cause.details)
    if cause.key.fate != "warning" and replace(cause.key, code=MISDESCRIBED, fate="warning") in report.causes:
        advice = explain(MISDESCRIBED, {})[1]
    return says, advice


def format_findings(report: CheckReport) -> list[CauseText]:
    """Put every cause in words."""
    findings = []
    for cause in order_causes(report):
        says, advice = explain_cause(cause, report)
        findings.append(
            CauseText(
                fate=_(labels.FATES[cause.key.fate]),
                code=cause.key.code,
                count=format_count(cause.count),
                says=says,
                advice=advice,
                concerns=_(labels.PERSONS[find_reason(cause.key.code).concerns]),
                about=_format_subject(cause),
                places=_format_places(cause),
            )
        )
    return findings


def format_summary(report: CheckReport) -> list[str]:
    """Return how many rows were read, accepted, set aside and warned about, a sentence each."""
    rows = translate_plural("{count} row read.", "{count} rows read.", report.rows).format(
        count=format_count(report.rows)
    )
    # nothing is delivered by a check: «delivered» counts what a run would deliver
    accepted = report.balance.fates.get(Fate.DELIVERED, 0)
    kinds = ", ".join(format_labelled(contract, format_count(number)) for contract, number in report.accepted.items())
    sentences = [rows, _("Accepted: {count} ({kinds}).").format(count=format_count(accepted), kinds=kinds or "–")]
    if aside := report.balance.aside:
        sentences.append(_("Set aside: {count}.").format(count=format_count(aside)))
    if report.balance.warnings:
        sentences.append(_("Warnings: {count}.").format(count=format_count(report.balance.warnings)))
    return sentences


def list_unread(report: CheckReport) -> list[dict[str, Any]]:
    """Return what the file holds and the connector leaves unread on purpose, as JSON content."""
    return [
        {"name": name, "reason": entry.reason, "values": entry.values} for name, entry in sorted(report.unread.items())
    ]


def format_drifts(report: CheckReport) -> list[str]:
    """Return a sentence for each column that is new, missing or probably renamed."""
    return [
        format_labelled(show_name(member), sentence)
        for member, drift in report.drift.items()
        for sentence in _iter_drift_sentences(drift)
    ]


def _iter_drift_sentences(drift: Drift) -> Iterator[str]:
    # a renamed column is also missing under its old name and unknown under its new one: one sentence is enough
    renamed = dict(drift.renamed)
    for old, new in drift.renamed:
        yield _("the column «{old}» is missing; it is probably «{new}» now.").format(
            old=show_name(old), new=show_name(new)
        )
    for name in drift.missing:
        if name not in renamed:
            yield _("the column «{name}» is missing.").format(name=show_name(name))
    for name in drift.unknown:
        if name not in renamed.values():
            yield _("the column «{name}» is new: it is carried under the supplier's name.").format(name=show_name(name))


def _format_subject(cause: CheckCause) -> str:
    """Return the column, field and contract that a cause is about."""
    # the supplier's column first: it is the one that people know
    parts = []
    if cause.key.column:
        parts.append(_("column «{name}»").format(name=show_name(cause.key.column)))
    if cause.key.field:
        parts.append(_("field {name}").format(name=format_field(cause.key.contract, cause.key.field)))
    if cause.key.contract:
        parts.append(cause.key.contract)
    return ", ".join(parts)


def format_field(contract: str, field: str) -> str:
    """Write a field with its title in the reader's language: `Début prévu (planned_start)`."""
    model = catalogue().get(contract)
    meta = model.describe_fields().get(field) if model else None
    if meta is None:
        return field
    return f"{meta.fr_title if get_current() == 'fr' else meta.en_title} ({field})"


def _format_places(cause: CheckCause) -> str:
    shown = [labels.format_place(place) for place in cause.places[:SHOWN_PLACES]]
    # values of the whole file have no line of their own
    if is_about_parcel(cause.key.code):
        return ""
    # counted from `count`, not from the places: a report keeps only the first of them
    if more := cause.count - min(len(cause.places), SHOWN_PLACES):
        shown.append(translate_plural("and {count} more", "and {count} more", more).format(count=format_count(more)))
    return join_clauses(shown)
