"""Takes records about persons back from whoever has them: deleted there, or named in a dated list for people.

A withdrawal is written as a parcel of its own, whose key names the act: killed in between, the same act deletes again
with the same keys, and is settled once.
"""

from __future__ import annotations

import csv
import hashlib
import io
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import polars as pl

from passerelle.engine.log import log
from passerelle.engine.path.withdrawing import withdraw_from
from passerelle.engine.persons.person_finding import SoughtPersons, find_traces
from passerelle.engine.persons.person_shelving import take_off_shelves
from passerelle.engine.workspace.assembly import list_recipient_names
from passerelle.engine.workspace.subject_references import find_systems
from passerelle.stores.settlement import ReasonKey, Settlement
from passerelle.stores.statement_rules import ANYONE
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.parcels import BatchKey, Parcel
from passerelle.vocabulary.safe_files import write_whole
from passerelle.vocabulary.shelf import RemovalCause

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from passerelle.engine.workspace.assembly import OpenFlow, Workspace
    from passerelle.stores.person_book import PersonAct

WITHDRAW = "person.withdraw"
GONE_FLOW = "whole.flow.gone"
_WARNING = "warning"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = ("flow", "contract", "ref", "id", "reason", "day")


@dataclass(frozen=True, slots=True)
class RemainingRecord:
    """A record about somebody that a recipient still has, and that people have to remove there."""

    flow: str
    contract: str
    ref: str = field(repr=False)
    """As the recipient has it: a handle, where the reference may not leave."""
    remote_id: str = field(repr=False)
    """The recipient's own id; empty when it gave none."""
    reason: str
    """The code of the reason why it could not be deleted."""


@dataclass(frozen=True, slots=True)
class FlowWithdrawal:
    """What a withdrawal did in one flow."""

    flow: str
    withdrawn: int
    """Records that the recipient deleted, or was told to delete."""
    remaining: tuple[RemainingRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonsWithdrawal:
    """What a withdrawal of persons did."""

    persons: int
    flows: tuple[FlowWithdrawal, ...]
    list_file: Path | None = None
    """The dated list of what people have to remove; None when nothing remains."""

    @property
    def withdrawn(self) -> int:
        """How many records were deleted."""
        return sum(flow.withdrawn for flow in self.flows)

    @property
    def remaining(self) -> int:
        """How many records people have to remove."""
        return sum(len(flow.remaining) for flow in self.flows)


def withdraw_person(
    workspace: Workspace,
    refs: Iterable[str],
    purposes: Collection[str] | None = None,
    *,
    recipient: str = ANYONE,
    who: str = "",
    why: str = "",
) -> PersonsWithdrawal:
    """Take back what was delivered about persons for some purposes (None: for all), from one recipient or every one.

    What a recipient cannot delete goes into a dated list beside the settings. Killed or refused half-way, the same
    call finishes it. Raises TransientError while a flow runs, or when a recipient cannot be reached; UsageError
    without a reference.
    """
    persons = SoughtPersons.of(refs, find_systems(workspace.settings, workspace.plugins).rules)
    if not persons.refs:
        raise UsageError("usage.references.none")
    # the purposes are in the act's word: the same persons may withdraw from one and then from another
    word = " ".join([WITHDRAW, *sorted(map(str, purposes or ())), *([] if recipient == ANYONE else [f"@{recipient}"])])
    wanted = [
        flow.name
        for flow in workspace.settings.flows.values()
        if (purposes is None or flow.purpose in purposes)
        and (recipient == ANYONE or recipient in list_recipient_names(flow))
    ]
    with claim_flows(workspace, wanted):
        now = workspace.clock.now()
        act = workspace.journal.begin_act(word, persons.refs, why=why, who=who, now=now)
        records = find_traces(workspace, persons).records
        own = {scope: found for scope, found in records.items() if scope[0] in wanted}
        # before recipients are asked, who may be away: here it needs nobody
        take_off_shelves(workspace, own, persons.forms, RemovalCause.REFUSED, wanted)
        flows = tuple(withdraw_flows(workspace, act, own))
        written = write_remaining(workspace, act, flows)
        withdrawn = sum(flow.withdrawn for flow in flows)
        workspace.journal.end_act(act, AuditEntry(0, now, WITHDRAW, str(withdrawn), why, who))
    log("persons_withdrawn", count=len(persons.refs), withdrawn=withdrawn)
    return PersonsWithdrawal(len(persons.refs), flows, written)


def claim_flows(workspace: Workspace, names: Iterable[str]) -> ExitStack:
    """Hold flows, so that nothing is delivered meanwhile. Raises TransientError `incident.flow.busy`."""
    with ExitStack() as stack:
        for name in sorted(names):
            stack.enter_context(workspace.journal.claim(name))
        return stack.pop_all()


def withdraw_flows(
    workspace: Workspace, act: PersonAct, records: Mapping[tuple[str, str], Collection[str]]
) -> Iterator[FlowWithdrawal]:
    """Yield what was done in each flow that delivered some of these records (by flow and contract)."""
    by_flow: dict[str, dict[str, Collection[str]]] = {}
    for (flow, contract), refs in sorted(records.items()):
        by_flow.setdefault(flow, {})[contract] = refs
    for flow, by_contract in by_flow.items():
        if flow in workspace.settings.flows:
            with workspace.open_flow(flow, jobs=1, delivers=False) as open_flow:
                yield _withdraw_flow(workspace, open_flow, act, by_contract)
        else:
            remaining = [
                RemainingRecord(flow, contract, ref, "", GONE_FLOW)
                for contract, refs in by_contract.items()
                for ref in sorted(refs)
            ]
            yield FlowWithdrawal(flow, 0, tuple(remaining))


def _withdraw_flow(
    workspace: Workspace, open_flow: OpenFlow, act: PersonAct, by_contract: Mapping[str, Collection[str]]
) -> FlowWithdrawal:
    flow, journal, now = open_flow.flow, workspace.journal, workspace.clock.now()
    parcel = _find_parcel(workspace, flow, act, now)
    run = journal.begin_run([flow], now)
    settlements: list[Settlement] = []
    remaining: list[RemainingRecord] = []
    destination = open_flow.open_destination(settle_unknown=False)
    # persons last: where tables lean on one another, what refers to them has gone before
    for contract in sorted(by_contract, key=lambda name: (name.startswith("person/"), name)):
        refs, batch = pl.Series(sorted(by_contract[contract]), dtype=pl.String), BatchKey(parcel.key, len(settlements))
        done = withdraw_from(destination, open_flow.known_records, parcel, contract, refs, batch)
        if not done.answers:
            continue
        stay = {ref: answer.reason for ref, answer in done.answers.items() if answer.fate is not Fate.DELIVERED}
        remaining += [
            # who removes it there knows it by what stands there
            RemainingRecord(flow, contract, done.outside[ref], done.remote_ids[ref], reason)
            for ref, reason in stay.items()
        ]
        reasons: dict[ReasonKey, int] = {}
        for reason in stay.values():
            key = ReasonKey(contract, "", reason, "", "", _WARNING)
            reasons[key] = reasons.get(key, 0) + 1
        balance = Balance(vanished=len(done.answers), withdrawn=len(done.answers) - len(stay))
        delivered, forgotten = (done.known,), ((contract, done.forgotten),)
        settlements.append(
            Settlement(flow, run, batch, balance, now, reasons=reasons, delivered=delivered, forgotten=forgotten)
        )
    hit_failpoint("person.withdrawn")
    if settlements:
        journal.settle_withdrawal(parcel, settlements)
    journal.end_run(run, "settled", workspace.clock.now())
    return FlowWithdrawal(flow, sum(one.balance.withdrawn for one in settlements), tuple(remaining))


def _find_parcel(workspace: Workspace, flow: str, act: PersonAct, now: datetime) -> Parcel:
    """Return the first parcel of an act in a flow that is not registered: the one of a try that was killed, or a new.

    Nothing came with it, and its key tells nothing.
    """
    for turn in count():
        # with the moment: a journal that is put back from a copy begins acts of the same numbers again
        text = f"withdrawal/{act.number}/{act.begun_at.isoformat()}/{flow}/{turn}"
        name = hashlib.sha256(text.encode()).hexdigest()
        # known by it outside too: nothing was received of which it could tell
        parcel = Parcel(name, flow, 0, now, "", 1, 1, outside=name)
        if not workspace.journal.has_parcel(flow, parcel.key):
            return parcel
    raise AssertionError  # pragma: no cover  numbers have no end


def write_remaining(workspace: Workspace, act: PersonAct, flows: Sequence[FlowWithdrawal]) -> Path | None:
    """Write the dated list of what people have to remove, for its owner alone; None when nothing remains."""
    rows = [record for flow in flows for record in flow.remaining]
    if not rows:
        return None
    day = act.begun_at.date().isoformat()
    content = io.StringIO()
    writer = csv.writer(content, delimiter=";", lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        cells = (row.flow, row.contract, row.ref, row.remote_id, row.reason, day)
        # a spreadsheet takes what begins so for a formula, and an id is the recipient's own word
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    path = workspace.settings.path.parent / f"a-retirer-{day}-{act.number}.csv"
    write_whole(path, content.getvalue().encode("utf-8-sig"))
    hit_failpoint("person.told")
    return path
