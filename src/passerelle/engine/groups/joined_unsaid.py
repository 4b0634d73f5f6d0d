"""What several parcels that are joined say nothing of: found for each as if it came alone.

What a parcel leaves unsaid depends on its columns, and on those that the flow had met before it. Parcels in which both
are the same are looked at together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.engine.records.unsaid_fields import UnsaidFields
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from passerelle.engine.groups.group_member import GroupMember
    from passerelle.engine.records.record_origins import RecordOrigins
    from passerelle.engine.records.unsaid_fields import Mask
    from passerelle.vocabulary.parcels import Records, TextTable


@dataclass(frozen=True, slots=True)
class JoinedUnsaid:
    """The unsaid fields of the records of several parcels of one contract."""

    fields: UnsaidFields | None
    """Of all records; None when every parcel says every field."""
    partly: Sequence[frozenset[str]]
    """For each parcel, the fields of which it says some columns, and not others that the flow had before."""


def find_joined_unsaid(records: Records, origins: RecordOrigins, members: Sequence[GroupMember]) -> JoinedUnsaid:
    """Find the fields of each record that its parcel says nothing of."""
    nothing: list[frozenset[str]] = [frozenset()] * len(members)
    absence = members[0].absence
    if absence.absent == "empty" or (absence.absent == "hold" and not absence.presence.by_record):
        return JoinedUnsaid(None, nothing)
    kinds: dict[Hashable, int] = {}
    kind_of = np.array([kinds.setdefault(_tell_kind(member), len(kinds)) for member in members])
    kind_of_record = kind_of[origins.find_parcels(records.frame.get_column(ROW))]
    masks: dict[str, Mask] = {}
    partly: dict[int, frozenset[str]] = {}
    for kind in np.unique(kind_of_record).tolist():
        places = np.flatnonzero(kind_of_record == kind)
        member = members[int(np.flatnonzero(kind_of == kind)[0])]
        found = member.absence.find_unsaid(*_take(records, places, origins.table, member.batch.table.frame.columns))
        if found is None:
            continue
        partly[kind] = found.partly
        for name, mask in found.masks.items():
            masks.setdefault(name, np.zeros(len(kind_of_record), dtype=np.bool_))[places] = mask
    if not masks:
        return JoinedUnsaid(None, nothing)
    fields = UnsaidFields(masks, frozenset().union(*partly.values()), guessed=absence.absent != "keep")
    return JoinedUnsaid(fields, [partly.get(kind, frozenset()) for kind in kind_of.tolist()])


def _tell_kind(member: GroupMember) -> Hashable:
    """Return what parcels must have in common to be looked at together."""
    frame, absence = member.batch.table.frame, member.absence
    # Where records have columns of their own, a column that each record has says something of all of them.
    gaps = frame.null_count().row(0) if absence.presence.by_record and frame.height > 1 else ()
    return tuple(frame.columns), tuple(count > 0 for count in gaps), id(absence.before)


def _take(
    records: Records, places: NDArray[np.int64], table: TextTable, columns: Sequence[str]
) -> tuple[Records, TextTable]:
    """Return some records, and the rows they come from, with the columns that their parcels have."""
    frame = records.frame[places]
    kept, numbers = np.unique(frame.get_column(ROW).to_numpy(), return_inverse=True)
    told = replace(table, frame=table.frame.select(columns)[kept], lines=table.lines.gather(kept))
    return replace(records, frame=frame.with_columns(pl.Series(ROW, numbers, dtype=pl.UInt32))), told
