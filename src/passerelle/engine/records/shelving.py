"""What of a delivery goes on the shelf of its flow: the canonical form, by the keys that stay inside.

Handles are made for whoever reads, when they read: those of one recipient would mean nothing to another. Figures alone
are kept as they leave, for nothing in them may lead to anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import FIGURES, Purpose
from passerelle.stores.settlement import ShelfEntries
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from passerelle.vocabulary.bodies import Bodies
    from passerelle.vocabulary.parcels import Records


@dataclass(frozen=True, slots=True)
class ShelfPile:
    """Records that are being delivered, as the shelf keeps them once they are."""

    purpose: str
    refs: pl.Series
    ref_keys: NDArray[np.uint8]
    """The pseudonyms of these very refs, sixteen bytes each."""
    bodies: Bodies

    def select(self, places: NDArray[np.int64]) -> ShelfPile:
        """Return the records at these places, in their order."""
        return ShelfPile(self.purpose, self.refs[places], self.ref_keys[places], self.bodies.select(places))

    def make_entries(self, contract: str, versions: Sequence[int]) -> ShelfEntries:
        """Return what is settled of these records, all of which were delivered."""
        return ShelfEntries(contract, self.purpose, self.ref_keys.tobytes(), self.refs.to_list(), versions, self.bodies)


def choose_kept(inside: Records, outside: Records, purpose: str) -> Records:
    """Return records as a shelf keeps them, of those with their keys and those with their handles."""
    return outside if Purpose(purpose) in FIGURES else inside
