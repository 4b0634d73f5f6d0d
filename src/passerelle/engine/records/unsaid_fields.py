"""Fields that a parcel says nothing of, record by record: the destination keeps what it has of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class UnsaidFields:
    """Per field, a mask over the records of one contract in a batch: true where the parcel says nothing of it."""

    masks: Mapping[str, Mask]
    partly: frozenset[str] = frozenset()
    """Fields of which some columns are there, and others that the flow had before are not."""
    guessed: bool = False
    """Nobody said what absence means here: it matters for records that the destination has, and is warned of."""

    def restrict(self, is_known: Mask) -> UnsaidFields:
        """Return the same for records that the destination has; a guess is of no use for new ones."""
        if not self.guessed or is_known.all():
            return self
        return UnsaidFields(
            {name: mask & is_known for name, mask in self.masks.items()}, self.partly, guessed=self.guessed
        )

    def select(self, places: NDArray[np.int64]) -> UnsaidFields:
        """Return the same for the records at these places."""
        return UnsaidFields(
            {name: mask[places] for name, mask in self.masks.items()}, self.partly, guessed=self.guessed
        )

    def drop_unsaid(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the records without the values of unsaid fields: a connector's default is not the parcel's word."""
        there = {name: mask for name, mask in self.masks.items() if name in frame.columns and mask.any()}
        return frame.with_columns(
            pl.when(~pl.Series(mask)).then(pl.col(name)).alias(name) for name, mask in there.items()
        )

    def list_names(self, height: int) -> list[tuple[str, ...]]:
        """Return the names of the unsaid fields of each record, equal ones as one object; all are few."""
        names = sorted(self.masks)
        if not names:
            return [()] * height
        packed = np.packbits(np.column_stack([self.masks[name] for name in names]), axis=1)
        kinds, nth = np.unique(packed, axis=0, return_inverse=True)
        bits = np.unpackbits(kinds, axis=1, count=len(names)).astype(bool)
        sets = [tuple(name for name, is_set in zip(names, row, strict=True) if is_set) for row in bits]
        return [sets[place] for place in nth.ravel().tolist()]

    def iter_warnings(self, member: str) -> Iterator[RowWarning]:
        """Yield a warning for each field that stays at the destination without anybody having said that it should."""
        for name, mask in self.masks.items():
            count = int(mask.sum())
            code = "translate.field.partly_said" if name in self.partly else "translate.field.unsaid"
            if count and (self.guessed or name in self.partly):
                yield RowWarning(code, Place(1, member=member, field=name), {"count": str(count)})


def to_series(names: Sequence[tuple[str, ...]]) -> pl.Series:
    """Return names per record as a column of lists, null where every field is said."""
    return pl.Series("unsaid", [list(some) or None for some in names], dtype=pl.List(pl.String()))
