"""What followers of a shelf were told of records that are withheld: that they are gone, once, not at each change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from passerelle.stores.database import insert_into, iter_slices, open_reader, open_writer
from passerelle.stores.following_schema import withheld_told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Engine

_TOLD = withheld_told.c


class WithheldBook:
    """The part of the store of the API about records that are withheld. Every method is one transaction."""

    _engine: Engine

    def has_told(self, audience: bytes) -> bool:
        """Whether a reader was told anything at all of records that are withheld."""
        wanted = select(_TOLD.number).where(_TOLD.audience == audience).limit(1)
        with open_reader(self._engine) as connection:
            return connection.execute(wanted).first() is not None

    def choose_untold(
        self, audience: bytes, withheld: Mapping[bytes, int], others: Sequence[bytes], reached: int
    ) -> frozenset[bytes]:
        """Return which of the withheld records a reader is told of as removed, and remember that it is.

        `withheld`: their numbers, by the pseudonym of the reference; `others`: records that are read, or gone for
        everybody; `reached`: the number up to which the reader came before. Who passed the number under which a record
        was told first has been told. Doubtful ones are told again: nobody keeps what they may no longer have.
        """
        with open_reader(self._engine) as connection:
            told = _find_told(connection, audience, [*withheld, *others])
        untold = frozenset(key for key in withheld if key not in told or reached < told[key])
        fresh = [key for key in withheld if key not in told]
        void = [key for key in others if key in told]
        if not fresh and not void:
            return untold
        with open_writer(self._engine) as connection:
            for some in iter_slices(void):
                connection.execute(delete(withheld_told).where(_TOLD.audience == audience, _TOLD.ref_key.in_(some)))
            rows = [{"audience": audience, "ref_key": key, "number": withheld[key]} for key in fresh]
            if rows:
                # another reader may have come first: then its number counts, which is no higher
                new = insert_into(connection, withheld_told)
                connection.execute(new.on_conflict_do_nothing(index_elements=["audience", "ref_key"]), rows)
        return untold


def _find_told(connection: Connection, audience: bytes, keys: Sequence[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for some in iter_slices(keys):
        wanted = select(_TOLD.ref_key, _TOLD.number).where(_TOLD.audience == audience, _TOLD.ref_key.in_(some))
        found.update((row.ref_key, row.number) for row in connection.execute(wanted))
    return found


def forget_told(connection: Connection, ref_keys: Sequence[bytes]) -> None:
    """Forget, in the caller's transaction, what anybody was told of these records: what may be read has changed."""
    for some in iter_slices(ref_keys):
        connection.execute(delete(withheld_told).where(_TOLD.ref_key.in_(some)))
