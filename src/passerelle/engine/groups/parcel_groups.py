"""Chooses which small parcels are delivered together: their order stays, and a restart finds the same groups.

A night of a thousand messages must not make a thousand files, and each stage has costs that one row pays like eight
thousand. The choice is written down (`Journal.group_parcels`) before anything is delivered: after a kill other parcels
may have come, and a file of the same name must not hold other records than those that somebody has read in it.
"""

from __future__ import annotations

from functools import partial
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from passerelle.engine.clock import find_local_day
from passerelle.engine.groups.group_member import GroupMember
from passerelle.engine.parcels.flow_columns import FlowColumns
from passerelle.engine.path.batch_stream import decode_batches
from passerelle.engine.path.collecting import Blocks
from passerelle.engine.path.name_columns import name_parcel
from passerelle.engine.path.table_shaping import TableShaping, tell_needed
from passerelle.engine.settings.endpoint_settings import SupplierDestinationSettings
from passerelle.engine.settings.place_settings import FileDestinationSettings
from passerelle.engine.workspace.assembly import is_api
from passerelle.stores.parcels import SUPPLIED
from passerelle.vocabulary.errors import ParcelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.workspace.assembly import OpenFlow, Workspace
    from passerelle.stages.decode.dialects import Dialect
    from passerelle.stores.parcels import OpenParcel

SMALL = 256 * 1024
"""Bytes up to which a parcel is small: the costs of a stage are more than those of its rows."""
MOST = 250
"""Parcels in a group: a kill repeats no more of them, and their decoded rows are in memory together."""
MOST_ROWS = 2_500
"""Rows in a group: a third of a usual batch, for the tables of its parcels are in memory beside the joined one.

Two thousand files of fifty rows so peak at 230 MiB; with 4,000 rows in a group, at 250.
"""


def can_group(workspace: Workspace, open_flow: OpenFlow) -> bool:
    """Whether parcels of a flow may be delivered together at all."""
    # What shares a spool or adapts to what earlier batches created goes batch by batch; a whole export is compared
    # with the one before it.
    if open_flow.flow in workspace.overrides or open_flow.policy.whole is not None:
        return False
    # Figures leave out of the order of their rows, which is how records find their parcel again.
    if not open_flow.known_records.tells_rows:
        return False
    destination = open_flow.settings.destination
    # A document holds many records and is refused as a whole: it must not hold those of several parcels.
    if isinstance(destination, FileDestinationSettings) and destination.layout:
        layout = open_flow.plugins.find_connector(destination.layout)[1]
        # rows of several contracts are joined within one batch: its records refer to one another
        return not layout.writes and layout.row is None
    return not isinstance(destination, SupplierDestinationSettings)


def can_join(entry: OpenParcel, open_flow: OpenFlow) -> bool:
    """Whether a parcel may be delivered together with others: small, supplied, and nothing about it is special."""
    is_special = entry.kind != SUPPLIED or entry.is_again or entry.absent or entry.settled
    # What stopped a request may be one record of one parcel: after a wait each goes alone, so that the others get by.
    has_waited = entry.attempts and is_api(open_flow.settings.destination)
    return not (is_special or has_waited) and entry.parcel.size <= SMALL


def find_group(entries: Sequence[OpenParcel], open_flow: OpenFlow, most: int = MOST) -> list[OpenParcel]:
    """Return the parcels that may be delivered together with the first of these; at least that one.

    The first may have been tried before. A group that was noted stays as it is.
    """
    first = entries[0]
    if not can_join(first, open_flow):
        return [first]
    if first.group is not None:
        same = takewhile(lambda entry: entry.group == first.group and can_join(entry, open_flow), entries)
        return list(same)
    size = 0
    group: list[OpenParcel] = []
    for entry in takewhile(lambda entry: _is_fresh(entry, open_flow), entries[:most]):
        size += entry.parcel.size
        # No more than a batch, as it is cut towards this destination.
        if group and (size > first.parcel.block_bytes or not _fit_together(group[-1], entry, open_flow)):
            break
        group.append(entry)
    return group or [first]


def _is_fresh(entry: OpenParcel, open_flow: OpenFlow) -> bool:
    """Whether a parcel may join a new group: it has none, and does not wait."""
    return entry.group is None and entry.not_before is None and can_join(entry, open_flow)


def _fit_together(before: OpenParcel, entry: OpenParcel, open_flow: OpenFlow) -> bool:
    """Whether what holds for one parcel holds for the next: sizes, the day received, the order of dated names."""
    zone, earlier, later = open_flow.settings.zone, before.parcel.named_at, entry.parcel.named_at
    is_same_day = find_local_day(before.parcel.received_at, zone) == find_local_day(entry.parcel.received_at, zone)
    # A parcel whose name is older than that of one before it is late, which shows only once that one is done; and
    # names without a date in between would hide it.
    is_in_order = later is None if earlier is None else later is not None and earlier <= later
    return is_same_day and is_in_order and _get_blocks(before) == _get_blocks(entry)


def _get_blocks(entry: OpenParcel) -> Blocks:
    return Blocks(entry.parcel.block_bytes, entry.parcel.block_rows)


def decode_group(group: Sequence[OpenParcel], workspace: Workspace, open_flow: OpenFlow) -> list[GroupMember]:
    """Decode parcels one by one, up to the first that cannot be joined: it cannot be read, or has several batches."""
    members: list[GroupMember] = []
    rows, policy, knowledge = 0, open_flow.policy, FlowColumns.of(open_flow, SUPPLIED)
    dialect = tell_needed(open_flow.connector.dialect, policy.plan)
    before: Mapping[str, frozenset[str]] = workspace.journal.list_columns_met(open_flow.flow)
    for entry in group:
        try:
            member = _decode_member(entry, before, workspace, open_flow, knowledge, dialect)
        except ParcelError:
            break  # it has its turn alone, when those before it are settled: then the reason is found as always
        if member is None or (members and member.batch.table.member != members[0].batch.table.member):
            break
        rows += member.batch.table.frame.height
        if members and rows > min(MOST_ROWS, entry.parcel.block_rows):
            break
        members.append(member)
        before = _add_met(before, member)
    return members


def _decode_member(
    entry: OpenParcel,
    before: Mapping[str, frozenset[str]],
    workspace: Workspace,
    open_flow: OpenFlow,
    knowledge: FlowColumns,
    dialect: Dialect,
) -> GroupMember | None:
    """Decode the only batch of a parcel; None when it has none, or several. Raises ParcelError."""
    with workspace.depot.open(entry.parcel.digest) as stream:
        batches = decode_batches(stream, dialect, blocks=_get_blocks(entry), kind=entry.kind)
        first_two = list(islice(batches, 2))
    if len(first_two) != 1:
        return None
    absence = knowledge.watch(entry, before, partial(iter, first_two))
    absence.check_beforehand()
    policy = name_parcel(open_flow.policy, workspace.depot, entry.parcel.digest)
    shaping = TableShaping(policy.plan, dialect, name=policy.name)
    batch = absence.observe(shaping.arrange(first_two[0]))
    return GroupMember(entry, batch, absence, absence.list_fresh(batch.table))


def _add_met(before: Mapping[str, frozenset[str]], member: GroupMember) -> Mapping[str, frozenset[str]]:
    """Return the columns that the flow has met behind a parcel; the same object when it brought none."""
    if not member.columns:
        return before
    name = member.batch.table.member
    return {**before, name: before.get(name, frozenset()).union(member.columns)}
