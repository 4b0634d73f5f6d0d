"""Delivers a group of small parcels: prepared and delivered together, settled and closed in one transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.engine.clock import find_local_day
from passerelle.engine.groups.group_watches import GroupWatches
from passerelle.engine.groups.joined_batch import prepare_joined
from passerelle.engine.groups.joined_delivery import JoinedDelivery
from passerelle.engine.path.parcel_run import ParcelRun
from passerelle.engine.path.settlement_making import make_settlement
from passerelle.engine.records.subject_memory import make_known_subjects
from passerelle.engine.settings.place_settings import FileDestinationSettings
from passerelle.engine.stopwatch import time_stage
from passerelle.engine.workspace.reconciling import reconcile
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.groups.group_member import GroupMember
    from passerelle.engine.groups.joined_batch import JoinedBatch
    from passerelle.engine.watches.parcel_warnings import ParcelWarning
    from passerelle.engine.workspace.assembly import OpenFlow, Workspace
    from passerelle.stores.settlement import Settlement


_PLAIN = ("ndjson", "parquet")
"""Forms of files that take every record as it is."""


@dataclass(frozen=True, slots=True)
class SettledMember:
    """A parcel of a group that is settled and closed."""

    member: GroupMember
    settlement: Settlement
    warnings: Sequence[ParcelWarning]
    """What only the whole parcel shows; the settlement counts it."""


@dataclass(frozen=True, slots=True)
class GroupRun:
    """The delivery of groups of one flow in one run."""

    workspace: Workspace
    open_flow: OpenFlow
    run: int

    def prepare(self, members: Sequence[GroupMember]) -> JoinedBatch:
        """Prepare as many of the parcels, from the first on, as may be delivered together.

        Raises what a stage raises, whichever of them it is about.
        """
        received_on = find_local_day(members[0].entry.parcel.received_at, self.open_flow.settings.zone)
        policy = self.open_flow.policy
        policy = replace(policy, setting=replace(policy.setting, received_on=received_on))
        joined = prepare_joined(members, policy)
        destination = self.open_flow.settings.destination
        is_plain = (
            isinstance(destination, FileDestinationSettings) and not destination.layout and destination.format in _PLAIN
        )
        end = joined.find_end(is_plain=is_plain)
        return joined if end == len(members) else prepare_joined(members[: max(end, 1)], policy)

    def deliver(self, joined: JoinedBatch) -> list[SettledMember]:
        """Deliver, settle and close all parcels of a group, or none: a kill in between delivers the same again.

        Raises what the destination raises.
        """
        open_flow, journal = self.open_flow, self.workspace.journal
        entries, known_records = [member.entry for member in joined.members], open_flow.known_records
        destination = open_flow.open_destination(settle_unknown=False)
        contracts = dict.fromkeys(table.table.contract for table in open_flow.policy.plan.tables)
        reconcile(destination, known_records, entries, contracts)
        known_records.begin_names(destination)
        hit_failpoint("decode.batch")
        keys = [entry.parcel.key for entry in entries]
        late = journal.find_late(open_flow.flow, keys) if known_records.order is None else set[str]()
        late_ones = {nth for nth, key in enumerate(keys) if key in late}
        watches = GroupWatches.of(len(keys), open_flow.policy, known_records)
        scope = ParcelRun(
            flow=open_flow.flow,
            run=self.run,
            parcel=entries[0].parcel,
            policy=open_flow.policy,
            known_records=known_records,
            destination=destination,
            clock=self.workspace.clock,
            retention_days=self.workspace.settings.retention_days,
            watch=watches.watches[0],
        )
        JoinedDelivery(joined, destination, known_records, watches, late_ones).deliver()
        warnings = watches.list_warnings(joined.ledgers)
        settled = [_settle(joined, nth, told, scope) for nth, told in enumerate(warnings)]
        hit_failpoint("settle.before")
        with time_stage("settle"):
            journal.settle_group([one.settlement for one in settled], self.workspace.clock.now())
        return settled


def _settle(joined: JoinedBatch, nth: int, warnings: Sequence[ParcelWarning], scope: ParcelRun) -> SettledMember:
    """Return what is to be settled of a parcel."""
    member, ledger = joined.members[nth], joined.ledgers[nth]
    for warning in warnings:
        ledger.causes[warning.key] += warning.count
    ledger.known += make_known_subjects(ledger.subjects, scope.known_records)
    settlement = make_settlement(ledger, member.batch, replace(scope, parcel=member.entry.parcel))
    if member.columns:
        settlement = replace(settlement, member=member.batch.table.member, columns=member.columns)
    return SettledMember(member, settlement, warnings)
