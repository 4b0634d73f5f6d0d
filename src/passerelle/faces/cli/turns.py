"""What `work` shows: each turn as it ends, and at the end how the organisations are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.engine.organisations.working import TurnWorker, work
from passerelle.engine.runs.run_state import find_worst
from passerelle.faces.cli.exits import Exit, of_error
from passerelle.faces.cli.failures import describe_error, format_error
from passerelle.faces.cli.over_all import format_ends
from passerelle.faces.cli.run import send_report
from passerelle.faces.cli.showing import show
from passerelle.faces.cli.watch import make_end_event
from passerelle.faces.report import flow_outcome
from passerelle.vocabulary.formatting import format_labelled, show_name
from passerelle.vocabulary.labels import format_balance
from passerelle.vocabulary.language import _
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import Balance

if TYPE_CHECKING:
    from passerelle.engine.organisations.working import WorkedTurn
    from passerelle.engine.settings.installation_settings import Installation
    from passerelle.faces.cli.invocation import Invocation


@dataclass(slots=True)
class TurnsSummary:
    """What the turns of one call came to, by organisation."""

    turns: dict[str, list[dict[str, Any]]]
    codes: dict[str, int]
    """The most pressing of each, as an exit code."""
    told: dict[str, str]
    """Why an organisation could not be worked for, so that it is shown once and not at every look."""

    def note(self, worked: WorkedTurn) -> str:
        """Note a turn, and return what is shown of it; empty when nothing is new."""
        name = worked.organisation
        code = _find_code(worked)
        self.codes[name] = find_worst([code, self.codes.get(name, int(Exit.SETTLED))])
        self.turns.setdefault(name, [])
        if worked.error is not None:
            self.turns[name].append({"flow": worked.flow or None, "error": describe_error(worked.error), "exit": code})
            is_new, self.told[name] = self.told.get(name) != worked.error.code, worked.error.code
            return format_labelled(show_name(name), format_error(worked.error)) if is_new else ""
        self.told.pop(name, None)
        if worked.report is None:
            return ""
        outcomes = [flow_outcome.to_content(outcome) for outcome in worked.report.outcomes]
        self.turns[name] += [
            {"flow": worked.flow, "error": None, "outcome": outcome, "has_more": worked.has_more, "exit": code}
            for outcome in outcomes
        ]
        balance = sum((outcome.balance for outcome in worked.report.outcomes), Balance())
        said = format_balance(balance)
        more = _("{balance}; more waits for its next turn").format(balance=said) if worked.has_more else said
        return format_labelled(f"{show_name(name)}/{worked.flow}", more)


def _find_code(worked: WorkedTurn) -> int:
    if worked.error is not None:
        return int(of_error(worked.error))
    return int(worked.report.state if worked.report else Exit.SETTLED)


def work_in_turns(invocation: Invocation, installation: Installation, *, once: bool, every: int) -> Exit:
    """Work, and show each turn as text while it goes on; as JSON, all of them at the end."""
    end = make_end_event()
    summary = TurnsSummary({}, {}, {})
    is_text = invocation.form != "json"

    def tell(worked: WorkedTurn) -> None:
        said = summary.note(worked)
        if said and is_text:
            show(said)
        if not once:  # a worker that stays for weeks keeps no list of its turns
            summary.turns[worked.organisation].clear()

    worker = TurnWorker(installation, send_report, invocation.organisations, takes_due=once, is_ending=end.is_set)
    if not once and is_text:
        show(_("Working. Ctrl-C ends it."))
    work(worker, tell, once=once, every=every, wait=end.wait)
    code = Exit(find_worst(summary.codes.values())) if once else Exit.SETTLED
    content = {
        "organisations": [
            {"organisation": name, "turns": turns, "exit": summary.codes[name]}
            for name, turns in sorted(summary.turns.items())
        ],
        "exit": int(code),
    }
    codes = list(summary.codes.values())
    invocation.answer("work", content, lambda: format_ends(codes) if codes else _("Nothing was to be done."))
    return code
