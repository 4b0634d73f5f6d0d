"""The names of parcels outside, in the journal: given once, in the turn in which each was first delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from passerelle.stores import schema
from passerelle.stores.database import iter_slices, open_reader, open_writer
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.parcels import SHORT, shorten_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

_PARCEL = schema.parcel.c


@dataclass(frozen=True, slots=True)
class NamedParcel:
    """A parcel with its turn and its name outside, 64 hexadecimal digits."""

    key: str
    turn: int
    name: str


class OutsideBook:
    """Names and turns of parcels. Every method is one transaction."""

    _engine: Engine

    def find_last_turn(self, flow: str) -> int:
        """Return the last turn that was given in a flow, 0 before the first."""
        with open_reader(self._engine) as connection:
            wanted = select(func.max(_PARCEL.turn)).where(_PARCEL.flow == flow)
            return int(connection.execute(wanted).scalar() or 0)

    def name_parcels(self, flow: str, named: Sequence[NamedParcel]) -> None:
        """Write down the names of parcels; one that has a name keeps it."""
        with open_writer(self._engine) as connection:
            for one in named:
                own = (_PARCEL.flow == flow, _PARCEL.key == one.key, _PARCEL.outside == "")
                connection.execute(update(schema.parcel).where(*own).values(turn=one.turn, outside=one.name))

    def find_settled_batches(self, flow: str, shorts: Sequence[str]) -> dict[tuple[str, int], int]:
        """Return the settled batches of parcels with these short names outside, each with the number of its parcel.

        A delivery of several parcels is settled for each of them, with that of the parcel that names it.
        """
        begin, batch = func.substr(_PARCEL.outside, 1, SHORT), schema.batch.c
        wanted = (
            select(_PARCEL.outside, batch.number, _PARCEL.id)
            .join_from(schema.parcel, schema.batch, batch.parcel_id == _PARCEL.id)
            .where(_PARCEL.flow == flow)
        )
        begins = sorted({short[:SHORT] for short in shorts})
        with open_reader(self._engine) as connection:
            rows = [row for some in iter_slices(begins) for row in connection.execute(wanted.where(begin.in_(some)))]
        return {(shorten_key(name), number): parcel for name, number, parcel in rows}
