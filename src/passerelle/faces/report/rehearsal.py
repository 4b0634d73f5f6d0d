"""What a run of a flow would send and set aside, as people and programs read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.faces import json_forms
from passerelle.faces.report import notices, processing
from passerelle.faces.report.findings import format_field
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_labelled
from passerelle.vocabulary.language import _, translate_plural
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.engine.rehearsal.contract_changes import ContractChange
    from passerelle.engine.rehearsal.rehearsing import Rehearsal
    from passerelle.stores.settlement import ReasonKey

SHOWN = 12
"""Fields and causes that people are shown; JSON has all."""


def to_content(rehearsal: Rehearsal) -> dict[str, Any]:
    """Return one flow of `passerelle.rehearse/1`."""
    outcome = rehearsal.outcome
    return {
        "flow": outcome.flow,
        "balance": json_forms.describe_balance(outcome.balance),
        "parcels": {"settled": outcome.settled, "parked": outcome.parked, "waiting": outcome.waiting},
        "changes": {
            contract: {
                "new": change.new,
                "changed": change.changed,
                "fields": dict(change.fields.most_common()),
                "reread": change.reread,
                "uncompared": change.uncompared,
                "deleted": change.deleted,
            }
            for contract, change in rehearsal.changes.items()
        },
        "causes": [
            {
                **json_forms.describe_cause(key.code, {}),
                "fate": key.fate,
                "contract": key.contract,
                "member": key.member,
                "column": key.column,
                "field": key.field,
                "count": count,
            }
            for key, count in _order_causes(rehearsal.causes)
        ],
        "questions": [json_forms.describe_cause(each.code, each.words) for each in outcome.questions],
        "suspended_now": json_forms.describe_optional(rehearsal.suspended, rehearsal.suspended_details),
        "suspended": json_forms.describe_optional(outcome.suspended, outcome.suspended_details),
        "trouble": json_forms.describe_optional(outcome.trouble, outcome.trouble_details),
        "failed": json_forms.describe_optional(outcome.failed, outcome.find_details(outcome.failed)),
        "notices": notices.to_contents(outcome.notices),
        "api_unread": rehearsal.api_unread,
        "processing": processing.to_content(rehearsal.processing, rehearsal.gaps) if rehearsal.processing else None,
    }


def _order_causes(causes: Mapping[ReasonKey, int]) -> list[tuple[ReasonKey, int]]:
    """List the causes: what refuses before what only warns, the most frequent first, then by code."""
    return sorted(causes.items(), key=lambda pair: (pair[0].fate == "warning", -pair[1], pair[0].code))


def format_text(rehearsal: Rehearsal) -> str:
    """Write what a run of the flow would send and set aside."""
    lines = [rehearsal.outcome.flow, *_format_circumstances(rehearsal)]
    for contract, change in rehearsal.changes.items():
        lines += [f"  {line}" for line in _format_changes(contract, change)]
    fates = rehearsal.outcome.balance.fates
    lines.append(
        "  "
        + _("unchanged: {unchanged}, twice: {duplicate}").format(
            unchanged=format_count(fates.get(Fate.UNCHANGED, 0)), duplicate=format_count(fates.get(Fate.DUPLICATE, 0))
        )
    )
    lines += notices.iter_vanished_lines(rehearsal.outcome.balance)
    return "\n".join([*lines, *_format_asides(rehearsal), *notices.iter_lines(rehearsal.outcome.notices)])


def _format_circumstances(rehearsal: Rehearsal) -> Iterator[str]:
    """Yield for whom a run would send, and what differs between this rehearsal and a run."""
    if rehearsal.processing:
        yield "  " + processing.format_processing(rehearsal.processing)
    yield from processing.iter_lines(rehearsal.gaps)
    if rehearsal.api_unread:
        yield "  " + _("The API was not asked: only what was received before is in this (--read-api asks it).")
    if rehearsal.suspended:
        yield "  " + _("The flow is suspended now; this is what would happen if it went on:")
        yield "  " + explain(rehearsal.suspended, rehearsal.suspended_details)[0]
    outcome = rehearsal.outcome
    for code in filter(None, (outcome.suspended, outcome.trouble, outcome.failed)):
        yield "  " + " ".join(explain(code, outcome.find_details(code)))
    if rehearsal.outcome.parked:
        yield "  " + _("parcels that would be parked: {count}").format(count=format_count(rehearsal.outcome.parked))
    for says, advice in dict.fromkeys(explain(each.code, each.words) for each in rehearsal.outcome.questions):
        yield f"  {says} {advice}"
    if rehearsal.outcome.waiting:
        yield "  " + _("parcels that would wait: {count}").format(count=format_count(rehearsal.outcome.waiting))


def _format_changes(contract: str, change: ContractChange) -> Iterator[str]:
    """Yield what is new and changed in a contract, the fields that change most, what could not be compared."""
    yield _("{contract}: {new} new, {changed} changed").format(
        contract=contract, new=format_count(change.new), changed=format_count(change.changed)
    )
    # one record may change in several fields: these counts add up to more than the changed records
    for name, number in change.fields.most_common(SHOWN):
        yield f"  {format_count(number)} × {format_field(contract, name)}"
    if len(change.fields) > SHOWN:
        yield "  " + _count_more(len(change.fields) - SHOWN)
    if change.reread:
        words = _("{count} in which no field differs: the same file, read by another version of the connector")
        yield "  " + words.format(count=format_count(change.reread))
    if change.uncompared:
        words = _("{count} whose fields could not be compared: what was sent before is no longer kept here")
        yield "  " + words.format(count=format_count(change.uncompared))
    if change.deleted:
        yield "  " + _("{count} that would be deleted").format(count=format_count(change.deleted))


def _format_asides(rehearsal: Rehearsal) -> Iterator[str]:
    """Yield how many records would be set aside, then the first causes."""
    if aside := rehearsal.outcome.balance.aside:
        yield "  " + _("would be set aside: {count}").format(count=format_count(aside))
    ordered = _order_causes(rehearsal.causes)
    for key, count in ordered[:SHOWN]:
        about = ", ".join(filter(None, (key.column, key.field)))
        what = format_labelled(_(labels.FATES[key.fate]), key.code)
        yield f"    {format_count(count)} × {what}" + (f" ({about})" if about else "")
    if len(ordered) > SHOWN:
        yield "    " + _count_more(len(ordered) - SHOWN)


def _count_more(number: int) -> str:
    return translate_plural("and {count} more", "and {count} more", number).format(count=format_count(number))
