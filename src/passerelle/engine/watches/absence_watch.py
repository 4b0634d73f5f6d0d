"""Watches for columns that earlier parcels of a flow had and this one lacks: absent is not empty.

What is done about them is the flow's to say (`absent`): `hold` parks the parcel with a question before anything of it
is delivered, `keep` leaves the fields as they are at the destination, `empty` takes absence for emptiness.
"""

from __future__ import annotations

import re
from dataclasses import field, replace
from typing import TYPE_CHECKING

import numpy as np

from passerelle.engine.records.unsaid_fields import UnsaidFields
from passerelle.stores.parcels import ABSENT_COLUMNS
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.formatting import quote_names
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from passerelle.engine.records.unsaid_fields import Mask
    from passerelle.engine.watches.column_presence import ColumnPresence
    from passerelle.engine.watches.drift_watch import DriftWatch
    from passerelle.engine.watches.feeding_columns import FeedingColumns
    from passerelle.extension.supplier import Absence
    from passerelle.stores.settlement import Settlement
    from passerelle.vocabulary.parcels import DecodedBatch, Records, TextTable

_FIRST_STEP = re.compile(r"[./#]")


@dataclass(slots=True, kw_only=True)
class AbsenceWatch:
    """Compares the columns of each member with those that the flow had met before this parcel."""

    flow: str
    feeding: FeedingColumns
    presence: ColumnPresence
    absent: Absence
    before: Mapping[str, frozenset[str]]
    """Columns met before, by member; empty for the first parcel of a flow, which lacks nothing."""
    drift: DriftWatch
    must_ask: bool = True
    """False for a parcel that was begun, or is a replay: the question was answered, or is not about it."""
    read_parcel: Callable[[], Iterator[DecodedBatch]] = lambda: iter(())
    """Decodes the parcel once more, from its beginning."""
    _checked: set[str] = field(default_factory=set)
    _met: dict[str, set[str]] = field(default_factory=dict)
    """Columns met, those of settled batches of this parcel included."""
    _seen: dict[str, set[str]] = field(default_factory=dict)
    """Columns of the delivered batches of this parcel."""

    def check_beforehand(self) -> None:
        """Raise ParcelError when a member lacks columns, where batches of others would be delivered before it comes."""
        members = [member for member in self.before if self._list_wanted(member)]
        if self._asks and len(members) > 1:
            columns = self._read_columns()
            for member in set(members) & columns.keys():
                self._refuse_absent(member, columns[member])

    def observe(self, decoded: DecodedBatch) -> DecodedBatch:
        """Return the batch with its drift added as warnings. Raises ParcelError when columns are missing or gone."""
        decoded = self.drift.observe(decoded)
        member, frame = decoded.table.member, decoded.table.frame
        # rows decide: a member without any empties nothing
        if self._asks and member not in self._checked and frame.height:
            self._checked.add(member)
            columns = set(frame.columns)
            if not self.presence.sees_all and self.presence.find_absent(self._list_wanted(member), columns):
                # a column may come late: only then is the parcel read to its end before anything is delivered
                columns |= self._read_columns().get(member, set())
            self._refuse_absent(member, columns)
        return decoded

    def add_columns(self, settlement: Settlement, table: TextTable) -> Settlement:
        """Return the settlement of a batch with the columns that feed fields and that the flow had not met yet."""
        columns = self.list_fresh(table)
        return replace(settlement, member=table.member, columns=columns) if columns else settlement

    def list_fresh(self, table: TextTable) -> tuple[str, ...]:
        """List the columns of a batch that feed fields and that the flow had not met yet."""
        met = self._met.setdefault(table.member, set(self.before.get(table.member, ())))
        self._seen.setdefault(table.member, set()).update(table.frame.columns)
        fresh = (name for name in table.frame.columns if name not in met)
        return tuple(name for name in fresh if self.feeding.is_feeding(table.member, name))

    def note_columns(self, settlement: Settlement) -> None:
        """Note columns as met: the batch that has them is settled."""
        self._met.setdefault(settlement.member, set()).update(settlement.columns)

    def list_gone(self) -> dict[str, list[str]]:
        """List, by member, the columns that the flow had before and no batch of this parcel had."""
        return {
            member: self.presence.find_absent(self._list_wanted(member), seen) for member, seen in self._seen.items()
        }

    def find_unsaid(self, records: Records, table: TextTable) -> UnsaidFields | None:
        """Find the fields of each record that the parcel says nothing of; None when there are none."""
        keeps = self.absent == "keep"
        if not keeps and (self.absent == "empty" or not self.presence.by_record):
            return None
        rows = records.frame.get_column(ROW)
        masks: dict[str, Mask] = {}
        partly = set()
        for name, columns in self.feeding.list_fields(table.member, records.contract).items():
            if name not in records.frame.columns:
                continue  # withheld by the purpose: what is not delivered cannot be emptied
            if not keeps and not self._is_doubtful(columns, table):
                continue
            mask = self.presence.mark_unsaid(columns, table.frame, rows)
            if mask is not None and not keeps:
                mask &= records.frame.get_column(name).is_null().to_numpy()
            elif mask is None and keeps and self._is_partly_said(columns, table):
                partly.add(name)
                mask = np.ones(len(rows), dtype=np.bool_)
            if mask is not None and mask.any():
                masks[name] = mask
        if keeps and self._is_lacking_carried(table):
            partly.add("extra")
            masks["extra"] = np.ones(len(rows), dtype=np.bool_)
        return UnsaidFields(masks, frozenset(partly), guessed=not keeps) if masks else None

    @property
    def _asks(self) -> bool:
        return self.must_ask and self.absent == "hold" and bool(self.before)

    def _list_wanted(self, member: str) -> list[str]:
        """List the columns that the flow had before and that feed a field today."""
        return [name for name in self.before.get(member, ()) if self.feeding.is_feeding(member, name)]

    def _refuse_absent(self, member: str, columns: Iterable[str]) -> None:
        if gone := self.presence.find_absent(self._list_wanted(member), columns):
            raise ParcelError(ABSENT_COLUMNS, columns=quote_names(gone), name=self.flow)

    def _read_columns(self) -> dict[str, set[str]]:
        """Read the parcel until every wanted column of every member was met; return the columns of those with rows."""
        columns: dict[str, set[str]] = {}
        for decoded in self.read_parcel():
            if decoded.table.frame.height:
                columns.setdefault(decoded.table.member, set()).update(decoded.table.frame.columns)
            wanted = ((member, self._list_wanted(member)) for member in self.before)
            if not any(self.presence.find_absent(names, columns.get(member, ())) for member, names in wanted):
                break
        return columns

    def _is_doubtful(self, columns: tuple[str, ...], table: TextTable) -> bool:
        """Whether other records of a document, or earlier ones, have a column of these that nobody called optional."""
        binding = [name for name in columns if not self.feeding.is_optional(table.member, name)]
        met = [*self.before.get(table.member, ()), *table.frame.columns]
        return len(self.presence.find_absent(binding, met)) < len(binding)

    def _is_partly_said(self, columns: tuple[str, ...], table: TextTable) -> bool:
        """Whether a column that fed the field before is absent, while another one is there."""
        met = [name for name in columns if name in self.before.get(table.member, ())]
        gone = self.presence.find_absent(met, table.frame.columns)
        if not self.presence.by_record:
            return bool(gone)
        # in a document what belongs together has one member above it, which is there as a whole
        there = {_FIRST_STEP.split(name)[0] for name in table.frame.columns}
        return any(_FIRST_STEP.split(name)[0] not in there for name in gone)

    def _is_lacking_carried(self, table: TextTable) -> bool:
        carried = (name for name in self.before.get(table.member, ()) if self.feeding.is_carried(table.member, name))
        return bool(self.presence.find_absent(carried, table.frame.columns))
