"""The journal alone: it comes to know so many records, then processes of their own look all of them up again.

python recalling.py learn FOLDER COUNT           settles batches of records, as a run does
python recalling.py recall FOLDER COUNT ORDER    looks up these refs: as they were learnt, in another order, or as many
                                                 that are new; writes the seconds that looking up took
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.seal import PSEUDONYM_BYTES, Seal
from passerelle.stores.settlement import DeliveredRecords, Settlement
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.parcels import BatchKey, Parcel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_FLOW, _CONTRACT, _DIGEST = "bench", "visit/1", "ab" * 32
_BATCH = 14_000
"""Records of one batch of the job, at the usual size."""
_KNOWN, _NEW = 1, 2
"""Seeds."""
ORDERS = ("as learnt", "in another order", "new")
_NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


def journal(folder: Path) -> Journal:
    """Open it."""
    return Journal(open_database(folder / "journal.sqlite3"), Seal(bytes(32)))


@dataclass(frozen=True)
class Records:
    """Refs, contents and versions, one row a record."""

    keys: NDArray[np.uint8]
    contents: NDArray[np.uint8]
    versions: NDArray[np.int64]

    def only(self, places: NDArray[np.int64] | slice) -> Records:
        """Take some of them."""
        return Records(self.keys[places], self.contents[places], self.versions[places])

    def batches(self) -> Iterator[Records]:
        """Cut them."""
        return (self.only(slice(start, start + _BATCH)) for start in range(0, len(self.versions), _BATCH))


def records(seed: int, count: int) -> Records:
    """Make records, the same for a seed: pseudonyms look like chance."""
    chance = np.random.default_rng(seed)
    keys, contents = (chance.integers(0, 256, (count, PSEUDONYM_BYTES), np.uint8) for _column in range(2))
    return Records(keys, contents, chance.integers(1, 5, count))


def learn(folder: Path, count: int) -> None:
    """Settle one batch after the other."""
    kept = journal(folder)
    kept.register(Parcel(_DIGEST, _FLOW, 1, _NOW, "", 1, 1))
    run = kept.begin_run([_FLOW], _NOW)
    for number, some in enumerate(records(_KNOWN, count).batches()):
        size = len(some.versions)
        known = DeliveredRecords(_CONTRACT, some.keys.tobytes(), some.contents.tobytes(), some.versions.tolist())
        books = Balance(size, {Fate.DELIVERED: size})
        kept.settle(Settlement(_FLOW, run, BatchKey(_DIGEST, number), books, _NOW, delivered=(known,)))


def recall(folder: Path, count: int, order: str) -> float:
    """Look everything up; every answer is checked, outside the seconds that are given."""
    kept = journal(folder)
    if order == "new":
        new = records(_NEW, count)
        return _looked_up(kept, Records(new.keys, np.zeros_like(new.contents), np.zeros_like(new.versions)), 0)
    # both draw an order, so that what the processes do besides is the same
    places = np.random.default_rng(_NEW).permutation(count)
    known = records(_KNOWN, count).only(places if order == "in another order" else np.sort(places))
    return _looked_up(kept, known, kept.get_parcel_number(_FLOW, _DIGEST))


def _looked_up(kept: Journal, expected: Records, parcel: int) -> float:
    spent = 0.0
    for some in expected.batches():
        keys = some.keys.tobytes()
        started = time.perf_counter()
        found = kept.recall(_FLOW, _CONTRACT, keys)
        spent += time.perf_counter() - started
        same = (found.contents == some.contents).all() and (found.versions == some.versions).all()
        if not (same and (found.parcels == parcel).all()):
            raise SystemExit("what was recalled is not what was learnt")
    return spent


if __name__ == "__main__":
    what, room, size = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if what == "learn":
        learn(room, size)
    else:
        sys.stdout.write(json.dumps(recall(room, size, sys.argv[4])))
