"""A check report put in order: what is accepted, what is not and why, by cause, most frequent first. No value in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import catalogue
from passerelle.faces import json_forms
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_labelled
from passerelle.vocabulary.language import _, get_current, translate_plural
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import explain, find_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.checking import Cause, CheckReport
    from passerelle.stages.translate.drift import Drift

SHOWN_PLACES = 8
"""How many places of a cause people are shown; JSON has all that the report keeps."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause, in words."""

    fate: str
    code: str
    count: str
    says: str
    advice: str
    concerns: str
    about: str
    """Contract, column and field that it is about."""
    places: str


def content(report: CheckReport) -> dict[str, Any]:
    """Give the report as JSON content, `passerelle.check/1`."""
    return {
        "connector": report.connector,
        "rows": report.rows,
        "balance": json_forms.balance(report.balance),
        "accepted": dict(report.accepted),
        "causes": [_cause_content(cause) for cause in ordered(report)],
        "drift": {member: _drift_content(drift) for member, drift in report.drift.items() if _is_some(drift)},
    }


def ordered(report: CheckReport) -> list[Cause]:
    """List the causes: what refuses before what only warns, the most frequent first."""
    return sorted(report.causes.values(), key=lambda cause: (cause.key.fate == "warning", -cause.count, cause.key.code))


def findings(report: CheckReport) -> list[Finding]:
    """Put every cause in words."""
    return [_finding(cause) for cause in ordered(report)]


def summary(report: CheckReport) -> list[str]:
    """Say in a few sentences what the file is worth."""
    rows = translate_plural("{count} row read.", "{count} rows read.", report.rows).format(
        count=format_count(report.rows)
    )
    accepted = report.balance.fates.get(Fate.DELIVERED, 0)
    kinds = ", ".join(format_labelled(contract, format_count(number)) for contract, number in report.accepted.items())
    sentences = [rows, _("Accepted: {count} ({kinds}).").format(count=format_count(accepted), kinds=kinds or "–")]
    if aside := report.balance.aside:
        sentences.append(_("Set aside: {count}.").format(count=format_count(aside)))
    if report.balance.warnings:
        sentences.append(_("Warnings: {count}.").format(count=format_count(report.balance.warnings)))
    return sentences


def drifts(report: CheckReport) -> list[str]:
    """Say which columns are new, missing or probably renamed."""
    return [format_labelled(member, said) for member, drift in report.drift.items() for said in _changes(drift)]


def _changes(drift: Drift) -> Iterator[str]:
    renamed = dict(drift.renamed)
    for old, new in drift.renamed:
        yield _("the column «{old}» is missing; it is probably «{new}» now.").format(old=old, new=new)
    for name in drift.missing:
        if name not in renamed:
            yield _("the column «{name}» is missing.").format(name=name)
    for name in drift.unknown:
        if name not in renamed.values():
            yield _("the column «{name}» is new: it is carried under the supplier's name.").format(name=name)


def _finding(cause: Cause) -> Finding:
    says, advice = explain(cause.key.code, cause.facts)
    return Finding(
        fate=_(labels.FATES[cause.key.fate]),
        code=cause.key.code,
        count=format_count(cause.count),
        says=says,
        advice=advice,
        concerns=_(labels.PERSONS[find_reason(cause.key.code).concerns]),
        about=_about(cause),
        places=_places(cause),
    )


def _about(cause: Cause) -> str:
    """Name the supplier's column first, then the contract's field: people know the first."""
    parts = []
    if cause.key.column:
        parts.append(_("column «{name}»").format(name=cause.key.column))
    if cause.key.field:
        parts.append(_("field {name}").format(name=field_title(cause.key.contract, cause.key.field)))
    if cause.key.contract:
        parts.append(cause.key.contract)
    return ", ".join(parts)


def field_title(contract: str, field: str) -> str:
    """Write a field with its title in the reader's language: `Début prévu (planned_start)`."""
    known = catalogue().get(contract)
    fact = known.describe_fields().get(field) if known else None
    if fact is None:
        return field
    return f"{fact.fr_title if get_current() == 'fr' else fact.en_title} ({field})"


def _places(cause: Cause) -> str:
    shown = "; ".join(labels.where(place) for place in cause.places[:SHOWN_PLACES])
    if more := cause.count - min(len(cause.places), SHOWN_PLACES):
        shown += "; " + translate_plural("and {count} more", "and {count} more", more).format(count=format_count(more))
    return shown


def _cause_content(cause: Cause) -> dict[str, Any]:
    key = cause.key
    return {
        "fate": key.fate,
        **json_forms.cause(key.code, cause.facts),
        "contract": key.contract,
        "member": key.member,
        "column": key.column,
        "field": key.field,
        "count": cause.count,
        "places": [json_forms.place(place) for place in cause.places],
    }


def _drift_content(drift: Drift) -> dict[str, Any]:
    return {
        "unknown": list(drift.unknown),
        "missing": list(drift.missing),
        "renamed": [{"expected": old, "found": new} for old, new in drift.renamed],
    }


def _is_some(drift: Drift) -> bool:
    return bool(drift.unknown or drift.missing or drift.renamed)
