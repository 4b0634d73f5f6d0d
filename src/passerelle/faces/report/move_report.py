"""One run of a move, or its rollback, contract by contract, as people and programs read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import contracts
from passerelle.documents.text_table import write_table
from passerelle.faces import json_forms
from passerelle.faces.report.left_behind import build_left_section
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_labelled, format_moment
from passerelle.vocabulary.language import _, get_current, translate_plural
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from passerelle.switching.rollback.undoing import ContractRollback
    from passerelle.switching.run.moving import MoveResult
    from passerelle.vocabulary.outcomes import Balance


def to_content(moved: MoveResult) -> dict[str, Any]:
    """Return a run of a move, `passerelle.switch.run/1` without its exit code."""
    until = _find_wait_end(moved)
    return {
        "contracts": [
            {
                "contract": status.contract,
                "balance": json_forms.describe_balance(status.balance),
                "waiting": status.waiting,
                "lost": status.lost,
                "beside": list(status.beside),
            }
            for status in moved.statuses
        ],
        "stopped": {"at": moved.at, **json_forms.describe_cause(moved.stopped, moved.stopped_details)}
        if moved.stopped
        else None,
        "undelivered": list(moved.undelivered),
        "unread": moved.unread,
        "left_behind": [one.to_json() for one in moved.left],
        "waiting_until": until.isoformat() if until else None,
    }


def format_text(moved: MoveResult) -> str:
    """Write a run of a move: each contract with its balance, then what stopped it."""
    lines = []
    for status in moved.statuses:
        names = ", ".join(map(_name_contract, (status.contract, *status.beside)))
        lines += [names, f"  {_count_records(status.balance)}"]
        if status.waiting:
            lines.append("  " + _("waiting for records they refer to: {count}").format(count=status.waiting))
        if status.lost:
            lines.append("  " + _("set aside and not corrected so far: {count}").format(count=status.lost))
    if moved.unread:
        lines.append(
            _("files of the old software that could not be read: {count}").format(count=format_count(moved.unread))
        )
    if moved.undelivered:
        words = _("No door of the new software takes: {contracts}")
        lines.append(words.format(contracts=", ".join(moved.undelivered)))
    for section in build_left_section(moved.left):
        lines += [section.title, *(f"  {line}" for line in write_table(section.headers, section.rows).splitlines())]
    if moved.stopped:
        says, advice = explain(moved.stopped, moved.stopped_details)
        lines += [format_labelled(_("Stopped at {contract}").format(contract=moved.at), says), f"  → {advice}"]
    if until := _find_wait_end(moved):
        lines.append("  → " + _("Try again from {until} on.").format(until=format_moment(until)))
    return "\n".join(lines)


def _name_contract(contract: str) -> str:
    about = contracts.get(contract).about
    return f"{about.fr_title if get_current() == 'fr' else about.en_title} ({contract})"


def _count_records(balance: Balance) -> str:
    """Write how many records there were and what became of them: `48 records: delivered 48`."""
    words = translate_plural("{count} record: {terms}", "{count} records: {terms}", balance.received)
    terms = [f"{_(labels.FATES[fate])} {format_count(balance.fates[fate])}" for fate in Fate if balance.fates.get(fate)]
    if not terms:
        return _("nothing new or changed")
    return words.format(count=format_count(balance.received), terms=", ".join(terms))


def _find_wait_end(moved: MoveResult) -> datetime | None:
    """Return until when the other side is left alone; None when nothing waits."""
    return max((outcome.waiting_until for outcome in moved.outcomes if outcome.waiting_until), default=None)


def format_rollback(undone: Sequence[ContractRollback], *, dry_run: bool, is_listed: bool) -> str:
    """Write a rollback as a table of contracts, with what people have to remove themselves."""
    rows = [
        (contract.contract, *map(format_count, (contract.created, contract.removed, len(contract.remaining))))
        for contract in undone
    ]
    removed = _("would be removed") if dry_run else _("removed")
    lines = [write_table((_("contract"), _("created"), removed, _("left to people")), rows)]
    if not is_listed and any(contract.remaining for contract in undone):
        lines.append("→ " + _("What is left is written down with --list FILE."))
    return "\n".join(lines)
