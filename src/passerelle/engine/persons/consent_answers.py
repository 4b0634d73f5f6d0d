"""Records what persons and professionals say about the use of their records, with its entry in the audit trail."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from passerelle.engine.log import log
from passerelle.engine.persons.person_shelving import renew_on_shelves
from passerelle.engine.persons.person_withdrawing import withdraw_person
from passerelle.engine.persons.subject_lookup import find_known_subjects
from passerelle.engine.quarantine.quarantined_subjects import find_quarantined_subjects
from passerelle.engine.workspace.assembly import list_recipient_names
from passerelle.engine.workspace.subject_references import find_systems
from passerelle.stores.consents import ALL_PURPOSES_ANSWER, Statement
from passerelle.stores.statement_rules import ANYONE
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.errors import ParcelError, UsageError
from passerelle.vocabulary.ref_spelling import LOOSEST, normalise_ref
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from passerelle.engine.persons.person_withdrawing import PersonsWithdrawal
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.engine.workspace.subject_references import TypedReference
    from passerelle.stores.consents import RecordedStatement

ACCEPT, REFUSE, WITHDRAW, FORGET = "accept", "refuse", "withdraw", "forget"
"""Words for what is recorded, in the audit trail and in JSON."""
_ZONE = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerParticulars:
    """What is known of an answer besides yes or no: about what, and how it was collected."""

    purpose: str = ALL_PURPOSES_ANSWER
    recipient: str = ANYONE
    """A name of the settings."""
    last_day: date | None = None
    """The last day on which it holds."""
    collected: str = field(default="", repr=False)
    collected_by: str = field(default="", repr=False)
    text_version: str = ""
    proof: Path | None = None
    """The file that proves it: only its digest is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencesMet:
    """Whether somebody is known by the references that were typed. Lines, never references."""

    count: int
    unknown_lines: tuple[int, ...] = ()
    """Nothing here was ever delivered, withheld or set aside under them."""
    respelled_lines: tuple[int, ...] = ()
    """Known in another spelling, which the supplier holds to be the same: that one is meant."""
    alike_lines: tuple[int, ...] = ()
    """Unknown, while a reference is known that looks like it."""

    @property
    def known(self) -> int:
        """How many are known."""
        return self.count - len(self.unknown_lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAnswers:
    """What was recorded, and what somebody should look at again."""

    met: ReferencesMet
    ended: int = 0
    """Earlier answers that count no more, for who asked to be forgotten."""
    overruled_lines: tuple[int, ...] = ()
    """Acceptances that do not count: a refusal was said after them."""
    flows: tuple[str, ...] = ()
    """Flows through which records of these persons went, for whatever purpose."""
    withdrawal: PersonsWithdrawal | None = None
    """What a withdrawal did at recipients."""


def record_answers(
    workspace: Workspace, typed: Sequence[TypedReference], particulars: AnswerParticulars, act: str, *, who: str
) -> RecordedAnswers:
    """Append one statement of each subject, all of them or none, each with its entry in the audit trail.

    `act` is ACCEPT, REFUSE or WITHDRAW. A withdrawal counts as a refusal from now on, and is then taken to recipients.
    Raises UsageError for a recipient that nobody has, a day that is over, or a proof that cannot be read. Of a
    withdrawal, TransientError while a flow runs or when a recipient cannot be reached: it is recorded by then, and the
    same call takes the rest back.
    """
    check_recipient(workspace, particulars.recipient)
    now, proof = workspace.clock.now(), digest_proof(particulars.proof)
    until = _end_after(particulars.last_day, now)
    refs = [item.ref for item in typed]
    statements = [
        Statement(
            subject=ref,
            accepted=act == ACCEPT,
            since=now,
            purpose=particulars.purpose,
            recipient=particulars.recipient,
            until=until,
            collected=particulars.collected,
            collected_by=particulars.collected_by,
            text_version=particulars.text_version,
            proof=proof,
        )
        for ref in refs
    ]
    met, flows = match_references(workspace, typed)
    workspace.consents.append(statements, now, partial(_describe_act, act=act, who=who))
    log("consent_recorded", count=len(refs))
    overruled = _find_overruled(workspace, typed, particulars, now) if act == ACCEPT else ()
    if act != WITHDRAW:
        _tell_followers(workspace)
        return RecordedAnswers(met=met, overruled_lines=overruled)
    # after the refusal: what is taken back is not delivered again by the next run
    purposes = None if particulars.purpose == ALL_PURPOSES_ANSWER else (particulars.purpose,)
    withdrawal = withdraw_person(workspace, refs, purposes, recipient=particulars.recipient, who=who)
    _tell_followers(workspace)  # of what is still there: what was taken off is told already
    reached = frozenset[str]().union(*flows.values())
    return RecordedAnswers(met=met, flows=tuple(sorted(reached)), withdrawal=withdrawal)


def forget_answers(workspace: Workspace, typed: Sequence[TypedReference], *, who: str) -> RecordedAnswers:
    """End all that these subjects answered, as if nobody had asked; the statements stay, as proof of what was done."""
    met, _flows = match_references(workspace, typed)
    refs, describe = [item.ref for item in typed], partial(_describe_act, act=FORGET, who=who)
    counts = workspace.consents.forget(refs, workspace.clock.now(), describe)
    log("consent_recorded", count=len(refs))
    _tell_followers(workspace)
    return RecordedAnswers(met=met, ended=sum(counts.values()))


def list_history(workspace: Workspace, refs: Sequence[str]) -> dict[str, list[RecordedStatement]]:
    """List all that these subjects said, oldest first."""
    now = workspace.clock.now()
    return {ref: workspace.consents.list_statements(ref, now) for ref in refs}


def match_references(
    workspace: Workspace, typed: Sequence[TypedReference]
) -> tuple[ReferencesMet, Mapping[str, Collection[str]]]:
    """Look up who is known by references that were typed; return lines, and by reference the flows that know it."""
    refs, rules = [item.ref for item in typed], find_systems(workspace.settings, workspace.plugins).rules
    known = find_known_subjects(workspace, refs, rules)
    flows, alike, by_rule = dict(known.flows), set(known.alike), set(known.by_rule)
    missing = [ref for ref in refs if ref not in flows]
    # rows that never became records are opened only for references that nothing else knows
    waiting = find_quarantined_subjects(workspace) if missing else {}
    loosely = {normalise_ref(ref, LOOSEST) for ref in waiting}
    for ref in missing:
        rule = rules.get(ref.partition(":")[0])
        if ref in waiting:
            flows[ref] = waiting[ref]
        elif rule and any(normalise_ref(ref, rule) == normalise_ref(other, rule) for other in waiting):
            flows[ref] = frozenset()
            by_rule.add(ref)
        elif normalise_ref(ref, LOOSEST) in loosely:
            alike.add(ref)
    met = ReferencesMet(
        count=len(typed),
        unknown_lines=tuple(item.line for item in typed if item.ref not in flows),
        respelled_lines=tuple(item.line for item in typed if item.ref in by_rule),
        alike_lines=tuple(item.line for item in typed if item.ref in alike and item.ref not in flows),
    )
    return met, flows


def check_recipient(workspace: Workspace, name: str) -> None:
    """Raise UsageError for a recipient that neither a flow nor a token has: a refusal would hold nothing back."""
    names = [one for flow in workspace.settings.flows.values() for one in list_recipient_names(flow)]
    # whoever reads through the API is one too; so is who did, for another token may follow
    names += [token.terms.client for token in workspace.api.list_tokens()]
    if name != ANYONE and name not in names:
        nearest = find_nearest(name, names) or "–"
        raise UsageError("usage.recipient.unknown", name=name, known=join_names(names), nearest=nearest)


def _tell_followers(workspace: Workspace) -> None:
    try:
        renew_on_shelves(workspace)
    except ParcelError as error:
        # what was said is recorded; who follows is told by the run that finds the shelf mended
        log("renewal_postponed", code=error.code)


def digest_proof(path: Path | None) -> str:
    """Return the SHA-256 of a file that proves an answer; empty without one. Raises UsageError for a file unread."""
    if path is None:
        return ""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name) from None


def _end_after(last_day: date | None, now: datetime) -> datetime | None:
    """Return the moment after the last day. Raises UsageError for a day that is over."""
    if last_day is None:
        return None
    # people count days as they live them: to the end of the day, where the organisations are
    end = datetime.combine(last_day + timedelta(days=1), time.min, tzinfo=_ZONE)
    if end <= now:
        raise UsageError("usage.consent.over", day=last_day.isoformat())
    return end


def _find_overruled(
    workspace: Workspace, typed: Sequence[TypedReference], particulars: AnswerParticulars, now: datetime
) -> tuple[int, ...]:
    """Return the lines whose acceptance does not count, a refusal having been said after it."""
    recipients = () if particulars.recipient == ANYONE else (particulars.recipient,)
    refs = [item.ref for item in typed]
    answers = workspace.consents.find_answers(particulars.purpose, refs, now, recipients=recipients)
    return tuple(item.line for item in typed if answers.get(item.ref) is False)


def _describe_act(statement: Statement, *, act: str, who: str) -> AuditEntry:
    return AuditEntry(0, statement.since, f"consent.{act}", statement.subject, "", who, statement.purpose)
