"""How the pages of the quarantine grow with what waits: processor time of each at two sizes, and their ratio.

`python tests/benchmarks/waiting.py [SMALL LARGE]` prints a table, for 1,000 and 100,000 records unless told otherwise.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.stores.database import open_database
from passerelle.stores.integrity import close_database
from passerelle.stores.journal import Journal
from passerelle.stores.quarantine import Quarantine
from passerelle.stores.seal import Seal
from passerelle.stores.settlement import QuarantineItem, Settlement
from passerelle.vocabulary.outcomes import Balance, Fate, SetAside
from passerelle.vocabulary.parcels import BatchKey, Parcel
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
FLOW, KEY = "visites", "a" * 64
CAUSES = 20
_BATCH = 5_000
_TIMES, _SERIES = 20, 15
LOOKS: dict[str, Callable[[Quarantine], object]] = {
    "causes": lambda quarantine: quarantine.list_causes(),
    "one cause": lambda quarantine: quarantine.find_cause(1),
    "first records of a cause": lambda quarantine: quarantine.list_cause_rows(1, limit=50),
    "oldest of a cause": lambda quarantine: quarantine.find_oldest(1),
}
"""What a page of the workbench asks of the quarantine."""


@contextmanager
def fill_quarantine(folder: Path, size: int) -> Iterator[Quarantine]:
    """Settle so many records that are set aside, of twenty causes, and yield the quarantine."""
    engine, seal = open_database(folder / "journal.db"), Seal(bytes(32))
    journal = Journal(engine, seal)
    journal.register(Parcel(KEY, FLOW, 1, NOW, "", 1, 1))
    run = journal.begin_run([FLOW], NOW)
    asides = [
        SetAside(Fate.REJECTED, "validate.field.missing", Place(1, column=f"Colonne {nth}"), contract="visit/1")
        for nth in range(CAUSES)
    ]
    ends = NOW + timedelta(days=90)
    for number, start in enumerate(range(0, size, _BATCH)):
        count = min(_BATCH, size - start)
        items = tuple(QuarantineItem(asides[nth % CAUSES], b"{}", ends) for nth in range(count))
        books = Balance(count, {Fate.REJECTED: count})
        journal.settle(Settlement(FLOW, run, BatchKey(KEY, number), books, NOW, quarantined=items))
    try:
        yield Quarantine(engine, seal)
    finally:
        close_database(engine)


def compare_sizes(small: int, large: int) -> dict[str, tuple[float, float]]:
    """Return, for each look, its milliseconds of processor time with so many and with so many waiting records.

    The best of several series of each, taken in turn: what else the machine does then falls upon both.
    """
    with ExitStack() as opened:
        folders = [Path(opened.enter_context(tempfile.TemporaryDirectory())) for _size in range(2)]
        both = [
            opened.enter_context(fill_quarantine(folder, size))
            for folder, size in zip(folders, (small, large), strict=True)
        ]
        told = {}
        for name, look in LOOKS.items():
            series = [[_take_series(quarantine, look) for quarantine in both] for _turn in range(_SERIES)]
            few, many = (min(taken) for taken in zip(*series, strict=True))
            told[name] = few, many
        return told


def _take_series(quarantine: Quarantine, look: Callable[[Quarantine], object]) -> float:
    look(quarantine)  # what is loaded and compiled once belongs to no size
    before = time.process_time()
    for _turn in range(_TIMES):
        look(quarantine)
    return (time.process_time() - before) / _TIMES * 1_000


def main() -> None:
    """Print the table."""
    small, large = map(int, sys.argv[1:3] or ("1000", "100000"))
    for name, (few, many) in compare_sizes(small, large).items():
        sys.stdout.write(f"{name:26} {few:8.3f} ms with {small:,}  {many:8.3f} ms with {large:,}  × {many / few:.2f}\n")


if __name__ == "__main__":
    main()
