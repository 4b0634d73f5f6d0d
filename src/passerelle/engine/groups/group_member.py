"""One small parcel of a group: decoded, its columns compared with those that the flow had met before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.engine.watches.absence_watch import AbsenceWatch
    from passerelle.stores.parcels import OpenParcel
    from passerelle.vocabulary.parcels import DecodedBatch


@dataclass(frozen=True, slots=True)
class GroupMember:
    """One small parcel that is delivered together with others."""

    entry: OpenParcel
    batch: DecodedBatch
    """Its only batch, with its own lines and rows."""
    absence: AbsenceWatch
    columns: tuple[str, ...]
    """Columns that feed fields and that neither the flow nor a parcel before it in the group had met."""
