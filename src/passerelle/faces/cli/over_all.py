"""What commands answer that go through the organisations of an installation, one after the other."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from passerelle.engine.clock import SystemClock
from passerelle.engine.organisations.members import choose_members
from passerelle.engine.organisations.visiting import OrganisationRound
from passerelle.engine.runs.run_state import find_worst
from passerelle.faces.cli.exits import Exit, of_error
from passerelle.faces.cli.failures import describe_error, format_error
from passerelle.faces.cli.invocation import format_document, write_answer
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count, format_labelled, show_name
from passerelle.vocabulary.language import _, translate_plural
from passerelle.vocabulary.safe_files import OWNER, SHARED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from passerelle.engine.health.findings import HealthFinding
    from passerelle.engine.organisations.members import MemberOrganisation
    from passerelle.engine.organisations.running_all import OrganisationRun, Send
    from passerelle.engine.organisations.visiting import MemberAnswer
    from passerelle.engine.settings.installation_settings import Installation
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.faces.cli.invocation import Invocation
    from passerelle.vocabulary.errors import PasserelleError


def refuse_flows(invocation: Invocation, flows: Sequence[str]) -> None:
    """Raise UsageError where flows are named and not whose: two organisations may have one of that name."""
    if flows:
        invocation.read_settings()


def run_all(invocation: Invocation, installation: Installation, send: Send, *, only_due: bool, jobs: int) -> Exit:
    """Run the flows of each organisation, and answer for each."""
    from passerelle.engine.organisations.running_all import run_organisation  # noqa: PLC0415  only who runs pays for it
    from passerelle.faces.cli.progress import watch_flows  # noqa: PLC0415  see above

    def run(workspace: Workspace) -> OrganisationRun:
        return run_organisation(workspace, send, only_due=only_due, jobs=jobs, watch=watch_flows())

    members = choose_members(installation, invocation.organisations)
    visits = list(OrganisationRound(tells_stops=True).ask_all(members, run))
    codes = [_find_run_code(visit) for visit in visits]
    content = {
        "organisations": [
            {
                "organisation": visit.organisation,
                "error": describe_error(visit.error) if visit.error else None,
                "run": _describe_run(visit.answer) if visit.answer else None,
                "exit": code,
            }
            for visit, code in zip(visits, codes, strict=True)
        ],
        "exit": find_worst(codes),
    }
    texts = [_format_run(visit) for visit in visits]
    invocation.answer("organisations.run", content, lambda: "\n\n".join([*texts, format_ends(codes)]))
    return Exit(find_worst(codes))


def _find_run_code(visit: MemberAnswer[OrganisationRun]) -> int:
    if visit.error is not None:
        return int(of_error(visit.error))
    report = visit.answer.report if visit.answer else None
    return int(report.state) if report else int(Exit.SETTLED)


def _describe_run(run: OrganisationRun) -> dict[str, Any]:
    from passerelle.faces.cli.run import describe_report  # noqa: PLC0415  who asks has imported it

    if run.report is None:
        return {"flows": [], "following": {name: moment.isoformat() for name, moment in run.following.items()}}
    return describe_report(run.report, run.gaps, run.unsent)


def _format_run(visit: MemberAnswer[OrganisationRun]) -> str:
    from passerelle.faces.cli.run import format_report  # noqa: PLC0415  who asks has imported it

    if visit.error is not None:
        text = format_error(visit.error)
    elif visit.answer is None or visit.answer.report is None:
        text = _("No flow is due.") if visit.answer and visit.answer.following else _("No flow to run.")
    else:
        text = "\n".join(format_report(visit.answer.report, visit.answer.gaps, visit.answer.unsent))
    return _set_below(visit.organisation, text)


def _set_below(organisation: str, text: str) -> str:
    """Write what is told of an organisation below its name, its commands as they are typed beside all others."""
    own = _COMMANDS.sub(f"passerelle --organisation {show_name(organisation)} ", text)
    return "\n".join([show_name(organisation), *(f"  {line}" for line in own.splitlines())])


_COMMANDS = re.compile(
    r"\bpasserelle (?=(?:account|audit|backup|check|consent|exit-pack|flow|key|listen|notice|person|quarantine|register"
    r"|rehearse|restore|run|score|serve|shelf|status|subscription|switch|token|watch)\b)"
)
"""Commands that concern one organisation, in sentences that are written for who has one alone."""


def format_ends(codes: Sequence[int]) -> str:
    """Write how many organisations ended how."""
    words = {
        Exit.SETTLED: _("with everything settled"),
        Exit.ASIDE: _("to be looked at"),
        Exit.SUSPENDED: _("with a flow suspended"),
        Exit.WAITING: _("waiting for the other side"),
        Exit.USAGE: _("with wrong settings"),
        Exit.STOPPED: _("where something failed"),
    }
    told = [f"{format_count(codes.count(code))} {word}" for code, word in words.items() if codes.count(code)]
    all_of_them = translate_plural("{count} organisation", "{count} organisations", len(codes))
    return format_labelled(all_of_them.format(count=format_count(len(codes))), ", ".join(told))


def show_overview(invocation: Invocation, installation: Installation, form: str, output: Path | None) -> Exit:
    """Show how the organisations are, what needs a person first."""
    from passerelle.engine.organisations.overview import read_overview  # noqa: PLC0415  only who asks pays for it
    from passerelle.faces.report import organisations as report  # noqa: PLC0415  see above

    rounds = OrganisationRound()
    states = read_overview(choose_members(installation, invocation.organisations), rounds)
    code = find_worst([int(of_error(state.error)) if state.error else int(state.state) for state in states])
    match form:
        case "json":
            content = {"organisations": list(map(report.to_content, states)), "exit": code}
            text = format_document("organisations.status", content)
        case "html":
            place = installation.path.parent.name
            text = report.write_page(states, place=place, now=rounds.clock.now())
        case "prometheus":
            text = report.write_series(states)
        case _:
            text = report.format_text(states)
    write_answer(output, text, SHARED if form == "prometheus" else OWNER)
    return Exit(code)


def examine_all(invocation: Invocation, installation: Installation, *, offline: bool) -> Exit:
    """Examine each organisation; as text only what is not good is told of each."""
    from passerelle.engine.health.findings import Severity  # noqa: PLC0415  only who asks pays for it
    from passerelle.faces.cli.doctor import describe_finding, format_findings  # noqa: PLC0415  who asks has it

    rounds, contents, texts, codes = OrganisationRound(), [], [], []
    for member in choose_members(installation, invocation.organisations):
        visit = rounds.attempt(member, partial(_examine, member, offline=offline))
        findings = visit.answer or []
        is_wrong = any(finding.severity is Severity.WRONG for _title, finding in findings)
        codes.append(int(of_error(visit.error)) if visit.error else int(Exit.USAGE if is_wrong else Exit.SETTLED))
        told = [describe_finding(title, finding) for title, finding in findings]
        error = describe_error(visit.error) if visit.error else None
        contents.append({"organisation": member.name, "error": error, "findings": told, "exit": codes[-1]})
        doubtful = [(title, finding) for title, finding in findings if finding.severity is not Severity.GOOD]
        lines = [format_error(visit.error)] if visit.error else format_findings(doubtful)
        if lines:
            texts.append(_set_below(member.name, "\n".join(lines)))
    content = {"organisations": contents, "exit": find_worst(codes)}
    invocation.answer("organisations.doctor", content, lambda: "\n\n".join([*texts, format_ends(codes)]))
    return Exit(find_worst(codes))


def _examine(member: MemberOrganisation, *, offline: bool) -> list[tuple[str, HealthFinding]]:
    from passerelle.engine.health.health_checks import examine_workspace  # noqa: PLC0415  who asks has imported it

    return list(examine_workspace(member.load_settings, offline=offline))


def tell_all(invocation: Invocation, installation: Installation, *, is_trial: bool) -> Exit:
    """Inform whom the settings of each organisation, or of the installation, name."""
    rounds, contents, texts, codes, has_channel = OrganisationRound(tells_stops=not is_trial), [], [], [], False

    for member in choose_members(installation, invocation.organisations):
        visit = rounds.attempt(member, partial(_try_channels, member)) if is_trial else rounds.ask(member, _tell)
        failures = visit.answer or {}
        has_channel = has_channel or bool(failures)
        codes.append(_find_notify_code(visit.error, failures))
        contents.append(
            {
                "organisation": member.name,
                "error": describe_error(visit.error) if visit.error else None,
                "channels": [
                    {"channel": name, "failure": describe_error(failure) if failure else None}
                    for name, failure in failures.items()
                ],
                "exit": codes[-1],
            }
        )
        lines = [format_labelled(name, str(failure) if failure else _("told")) for name, failure in failures.items()]
        texts.append(_set_below(member.name, format_error(visit.error) if visit.error else "\n".join(lines)))
    if not has_channel and not any(codes):
        raise UsageError("usage.channel.none")
    content = {"organisations": contents, "exit": find_worst(codes)}
    invocation.answer("organisations.notify", content, lambda: "\n".join(texts))
    return Exit(find_worst(codes))


def _try_channels(member: MemberOrganisation) -> dict[str, PasserelleError | None]:
    from passerelle.engine.incidents.alerting import tell_trial  # noqa: PLC0415  who asks has imported it

    return tell_trial(member.load_settings(), SystemClock())


def _tell(workspace: Workspace) -> dict[str, PasserelleError | None]:
    """Inform people of an organisation; return, by channel, why it failed."""
    from passerelle.engine.incidents.alerting import tell  # noqa: PLC0415  who asks has imported it

    failed = {error.details.get("channel", ""): error for error in tell(workspace)}
    return {name: failed.get(name) for name in workspace.settings.notify.channels}


def _find_notify_code(error: PasserelleError | None, failures: dict[str, PasserelleError | None]) -> int:
    if error is not None:
        return int(of_error(error))
    return int(Exit.WAITING if any(failures.values()) else Exit.SETTLED)


def list_all(invocation: Invocation, installation: Installation) -> Exit:
    """List the organisations, with what is wrong with the settings of each."""
    rounds, contents, lines, codes = OrganisationRound(), [], [], []
    from passerelle.engine.organisations.members import list_members  # noqa: PLC0415  none at all is no mistake here

    for member in list_members(installation):
        visit = rounds.attempt(member, member.load_settings)
        flows = len(visit.answer.flows) if visit.answer else 0
        codes.append(int(of_error(visit.error)) if visit.error else int(Exit.SETTLED))
        error = describe_error(visit.error) if visit.error else None
        contents.append({"organisation": member.name, "flows": flows, "error": error})
        told = translate_plural("{count} flow is described", "{count} flows are described", flows)
        said = format_error(visit.error) if visit.error else told.format(count=format_count(flows))
        lines.append(format_labelled(show_name(member.name), said))
    content = {"organisations": contents, "exit": find_worst(codes)}
    invocation.answer("organisation.list", content, lambda: "\n".join(lines) or _("No organisation yet."))
    return Exit(find_worst(codes))


def show_made(invocation: Invocation, name: str, made: Sequence[str], key: str) -> None:
    """Answer what was made for an organisation."""
    lines = [_("Made: the folder of {name}. Describe its flows in its settings.").format(name=name)]
    words = _("Keep a copy of the key «{file}» in a safe place: without it nothing that is sealed here opens again.")
    lines.append(words.format(file=key))
    invocation.answer("organisation.add", {"organisation": name, "made": list(made)}, lambda: "\n".join(lines))
