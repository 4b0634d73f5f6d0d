"""`passerelle rehearse`: what a run would send, as a difference with the last one; nothing is sent or written."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from passerelle.engine.rehearsing import rehearse
from passerelle.engine.revealing import audit_act, require_why
from passerelle.engine.run_state import state_of_flows
from passerelle.engine.running import select_flows
from passerelle.faces import json_forms
from passerelle.faces.cli import translated
from passerelle.faces.cli.completing import complete_flow
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, operator, pass_invocation
from passerelle.faces.cli.progress import watching
from passerelle.faces.report.findings import field_title
from passerelle.vocabulary import labels
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count, format_labelled
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from passerelle.engine.differing import ContractChange
    from passerelle.engine.rehearsing import Rehearsal
    from passerelle.stores.settlement import ReasonKey

SHOWN = 12
"""Fields and causes that people are shown; JSON has all."""


@translated.command(
    "rehearse",
    help=N_(
        "Take what waits down the same path as a run, with the same settings, and say what would be sent: new records, "
        "changed ones and in which fields, unchanged ones, and what would be set aside and why. The source keeps its "
        "files, the destination is not called, the journal is not written. An API source is not asked either, unless "
        "--read-api says so. The answer holds no value."
    ),
    examples=(
        ("rehearse", N_("every flow that is enabled")),
        ("rehearse visites --format json", N_("one flow, for a program")),
        (
            'rehearse visites --reveal --why "recette avant mise en service" --output visites.ndjson',
            N_("the records themselves, into a file; the reason is written into the audit trail"),
        ),
    ),
)
@translated.argument(
    "flows",
    nargs=-1,
    metavar=N_("[FLOW]..."),
    help=N_("Flows to rehearse; all that are enabled."),
    shell_complete=complete_flow,
)
@translated.option("--read-api", is_flag=True, help=N_("Ask API sources too; nothing is acknowledged."))
@translated.option("--reveal", is_flag=True, help=N_("Write the records with their values to the file of --output."))
@translated.option("--why", default="", metavar=N_("SENTENCE"), help=N_("Why values must be seen."))
@translated.option(
    "--output", type=translated.File(), metavar=N_("FILE"), help=N_("The file for --reveal; a new one, for you alone.")
)
@answer_format
@pass_invocation
def command(
    invocation: Invocation, *, flows: tuple[str, ...], read_api: bool, reveal: bool, why: str, output: Path | None
) -> Exit:
    """Rehearse flows one after the other."""
    settings = invocation.settings()
    names = select_flows(settings, flows)
    with _open_reveal(invocation, names, why, output, reveal=reveal) as see, watching() as progress:
        found = rehearse(settings, names, read_api=read_api, progress=progress, see=see)
    code = Exit(state_of_flows([one.outcome for one in found]))
    content = {"flows": [_to_content(one) for one in found], "exit": code.value}
    invocation.answer("rehearse", content, lambda: "\n\n".join(map(_format_text, found)) or _("No flow to rehearse."))
    return code


@contextmanager
def _open_reveal(
    invocation: Invocation, names: list[str], why: str, output: Path | None, *, reveal: bool
) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Yield the callback that takes each record: nothing, or a file once the audit trail holds the reason."""
    if not reveal:
        yield lambda _line: None
        return
    require_why(why)
    if output is None:
        raise UsageError("usage.output.unnamed")
    with _create_file(output) as file:
        with invocation.house() as workspace:
            audit_act(workspace, "rehearse.reveal", " ".join(names), why=why, who=operator())
        yield lambda line: print(json.dumps(line, ensure_ascii=False), file=file)


def _create_file(output: Path) -> IO[str]:
    try:
        output.touch(mode=0o600, exist_ok=False)
        return output.open("w", encoding="utf-8", newline="\n")
    except FileExistsError:
        raise UsageError("usage.file.exists", file=output.name) from None
    except OSError:
        raise UsageError("usage.file.unreadable", file=output.name) from None


def _to_content(one: Rehearsal) -> dict[str, Any]:
    outcome = one.outcome
    return {
        "flow": outcome.flow,
        "balance": json_forms.balance(outcome.balance),
        "parcels": {"settled": outcome.settled, "parked": outcome.parked, "waiting": outcome.waiting},
        "changes": {contract: _change_to_content(change) for contract, change in one.changes.items()},
        "causes": [
            {
                **json_forms.cause(key.code, {}),
                "fate": key.fate,
                "contract": key.contract,
                "member": key.member,
                "column": key.column,
                "field": key.field,
                "count": count,
            }
            for key, count in _order_causes(one.causes)
        ],
        "suspended_now": json_forms.cause(one.suspended, {}) if one.suspended else None,
        "suspended": json_forms.cause(outcome.suspended, {}) if outcome.suspended else None,
        "trouble": json_forms.cause(outcome.trouble, {}) if outcome.trouble else None,
        "api_unread": one.api_unread,
    }


def _change_to_content(change: ContractChange) -> dict[str, Any]:
    return {
        "new": change.new,
        "changed": change.changed,
        "fields": dict(change.fields.most_common()),
        "reread": change.reread,
        "uncompared": change.uncompared,
    }


def _order_causes(causes: Mapping[ReasonKey, int]) -> list[tuple[ReasonKey, int]]:
    return sorted(causes.items(), key=lambda pair: (pair[0].fate == "warning", -pair[1], pair[0].code))


def _format_text(one: Rehearsal) -> str:
    lines = [one.outcome.flow, *_format_circumstances(one)]
    for contract, change in one.changes.items():
        lines += [f"  {line}" for line in _format_changes(contract, change)]
    fates = one.outcome.balance.fates
    words = _("unchanged: {unchanged}, twice: {duplicate}")
    same = {name: format_count(fates.get(fate, 0)) for name, fate in _SAME.items()}
    lines += ["  " + words.format(**same), *_format_asides(one)]
    return "\n".join(lines)


_SAME = {"unchanged": Fate.UNCHANGED, "duplicate": Fate.DUPLICATE}


def _format_circumstances(one: Rehearsal) -> Iterator[str]:
    """Yield the lines about what differs between this rehearsal and a run."""
    if one.api_unread:
        yield "  " + _("The API was not asked: only what was received before is in this (--read-api asks it).")
    if one.suspended:
        yield "  " + _("The flow is suspended now; this is what would happen if it went on:")
        yield "  " + explain(one.suspended, {})[0]
    for code in filter(None, (one.outcome.suspended, one.outcome.trouble)):
        yield "  " + " ".join(explain(code, {}))
    if one.outcome.parked:
        yield "  " + _("parcels that would be parked: {count}").format(count=format_count(one.outcome.parked))
    if one.outcome.waiting:
        yield "  " + _("parcels that would wait: {count}").format(count=format_count(one.outcome.waiting))


def _format_changes(contract: str, change: ContractChange) -> Iterator[str]:
    yield _("{contract}: {new} new, {changed} changed").format(
        contract=contract, new=format_count(change.new), changed=format_count(change.changed)
    )
    for name, number in change.fields.most_common(SHOWN):
        yield f"  {format_count(number)} × {field_title(contract, name)}"
    if len(change.fields) > SHOWN:
        yield "  " + _more(len(change.fields) - SHOWN)
    if change.reread:
        words = _("{count} in which no field differs: the same file, read by another version of the connector")
        yield "  " + words.format(count=format_count(change.reread))
    if change.uncompared:
        words = _("{count} whose fields could not be compared: what was sent before is no longer kept here")
        yield "  " + words.format(count=format_count(change.uncompared))


def _format_asides(one: Rehearsal) -> Iterator[str]:
    if aside := one.outcome.balance.aside:
        yield "  " + _("would be set aside: {count}").format(count=format_count(aside))
    ordered = _order_causes(one.causes)
    for key, count in ordered[:SHOWN]:
        about = ", ".join(filter(None, (key.column, key.field)))
        what = format_labelled(_(labels.FATES[key.fate]), key.code)
        yield f"    {format_count(count)} × {what}" + (f" ({about})" if about else "")
    if len(ordered) > SHOWN:
        yield "    " + _more(len(ordered) - SHOWN)


def _more(number: int) -> str:
    return translate_plural("and {count} more", "and {count} more", number).format(count=format_count(number))
