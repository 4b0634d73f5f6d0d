"""Makes the watches over the columns of a flow's parcels: what feeds fields is found out once for all of them."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, cast

from passerelle.engine.watches.absence_watch import AbsenceWatch
from passerelle.engine.watches.column_presence import ColumnPresence
from passerelle.engine.watches.drift_watch import DriftWatch
from passerelle.engine.watches.feeding_columns import FeedingColumns
from passerelle.stages.translate.drift import Drift, detect_drift
from passerelle.stores.parcels import REPLAY
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from passerelle.engine.workspace.assembly import OpenFlow
    from passerelle.extension.supplier import Absence
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.stores.parcels import OpenParcel
    from passerelle.vocabulary.parcels import DecodedBatch


@dataclass(frozen=True, slots=True)
class FlowColumns:
    """What a flow knows of its columns, for parcels of one kind."""

    open_flow: OpenFlow
    is_replay: bool
    feeding: FeedingColumns
    presence: ColumnPresence
    _drifts: dict[tuple[str, tuple[str, ...]], Drift] = field(default_factory=dict)
    """By member and header: the parcels of a flow have few different ones."""

    @classmethod
    def of(cls, open_flow: OpenFlow, kind: str) -> FlowColumns:
        """Return what is known of the columns of parcels of a kind."""
        policy, is_replay = open_flow.policy, kind == REPLAY
        delivers_extra = policy.delivers_extra
        presence = ColumnPresence.of(open_flow.connector.dialect, is_replay=is_replay)
        feeding = FeedingColumns(policy.plan, presence.by_record, delivers_extra)
        return cls(open_flow, is_replay, feeding, presence)

    def watch(
        self,
        entry: OpenParcel,
        before: Mapping[str, frozenset[str]],
        read_parcel: Callable[[], Iterator[DecodedBatch]],
    ) -> AbsenceWatch:
        """Return the watch over the columns of a parcel; `before` are those that the flow had met before it."""
        flow = self.open_flow
        return AbsenceWatch(
            flow=flow.flow,
            feeding=self.feeding,
            presence=self.presence,
            absent=cast("Absence", entry.absent or flow.settings.absent or flow.connector.absent),
            before=before,
            drift=DriftWatch(flow.policy.plan, entry.settled, self._detect),
            # a parcel that was begun was let pass; rows to replay are not a whole export
            must_ask=not entry.settled and not self.is_replay,
            read_parcel=read_parcel,
        )

    def _detect(self, columns: Sequence[str], member: str, plan: TranslationPlan) -> Drift:
        """Compare a header with the connector, once for each."""
        key = member, tuple(columns)
        if key not in self._drifts:
            self._drifts[key] = detect_drift(columns, member, plan)
        return self._drifts[key]
