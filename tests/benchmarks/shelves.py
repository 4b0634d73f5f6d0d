"""What a shelf costs: whole runs with and without one, in turn, and one record of many beside one of few.

python shelves.py FOLDER [--rows 200000] [--times 3] [--many 1000000] [--few 10000]

`--rows 0` leaves the runs out.

Both answers are ratios of one run on one machine: the job with a shelf over the job without, and the time to find one
record among many over the time among few.
"""

from __future__ import annotations

import argparse
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import export
import measuring

from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.keyring import Keyring
from passerelle.stores.seal import Seal
from passerelle.stores.settlement import ShelfEntries
from passerelle.stores.shelf import Shelf

_PLAIN = '{ kind = "folder", path = "out", format = "ndjson" }'
_SHELVED = f"{_PLAIN}\nshelf = {{ days = 400 }}"
_BATCH = 14_000
_LOOKS = 200
_NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


def measure_job(folder: Path, rows: int, times: int) -> tuple[measuring.Measure, measuring.Measure]:
    """Run the job without a shelf and with one, in turn, each from nothing; return the medians."""
    (folder / "in").mkdir(parents=True)
    export.write(folder / "in" / "export.csv", rows)
    found: dict[str, list[measuring.Measure]] = {_PLAIN: [], _SHELVED: []}
    for _time in range(times):
        for destination, measures in found.items():
            room = folder / "room"
            measuring.prepare(folder / "in", room, destination)
            measures.append(measuring.command(("run",), room))
            shutil.rmtree(room)
    without, with_one = (measuring.middle(measures) for measures in found.values())
    return without, with_one


def measure_looks(folder: Path, count: int) -> dict[str, float]:
    """Put so many records on a shelf; return the 95th percentile of processor time of finding one, in seconds.

    Of one that is there, and of one that is not; processor time, for others use the machine as well.
    """
    folder.mkdir(parents=True)
    bare = Seal(bytes(32))
    keyring = Keyring.open(folder / "keys", bare.derive_keyring_key(), create=True)
    engine, seal = open_database(folder / "journal.sqlite3"), bare.attach(keyring)
    Journal(engine, seal)
    shelf = Shelf(engine, seal)
    begun = time.process_time()
    for start in range(0, count, _BATCH):
        refs = [f"bench:visit:{number}" for number in range(start, min(start + _BATCH, count))]
        records = [f'{{"ref":"{ref}","comment":"{hash(ref):x}{"." * 400}"}}'.encode() for ref in refs]
        keys = b"".join(seal.pseudonymise_each("ref", refs))
        shelf.put("bench", [ShelfEntries("visit/1", "effectivity", keys, refs, [1] * len(refs), records)], _NOW)
    filled = (time.process_time() - begun) / count
    (scope,) = shelf.list_scopes()
    spent: dict[str, list[float]] = {"known": [], "unknown": []}
    for nth in range(_LOOKS):
        ref = f"bench:visit:{nth * 7_919 % count}"
        for kind, key in (("known", seal.pseudonymise("ref", ref)), ("unknown", seal.pseudonymise("none", ref))):
            begun = time.process_time()
            change = shelf.find_keyed(scope, key)
            spent[kind].append(time.process_time() - begun)
            if (change is None) is (kind == "known"):
                raise ValueError(ref)
    engine.dispose()
    keyring.close()
    late = {kind: sorted(times)[len(times) * 95 // 100] for kind, times in spent.items()}
    return {**late, "fill": filled, "size": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())}


def main() -> None:
    """Measure both, and write the ratios."""
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=Path)
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--many", type=int, default=1_000_000)
    options.add_argument("--few", type=int, default=10_000)
    asked = options.parse_args()
    if asked.rows:
        without, with_one = measure_job(asked.folder / "job", asked.rows, asked.times)
        print(f"run with a shelf / without, {asked.rows} rows: {with_one.wall / without.wall:.2f}")  # noqa: T201  its answer
        print(f"  processor: {with_one.cpu / without.cpu:.2f}, memory: {with_one.peak / without.peak:.2f}")  # noqa: T201  see above
    few, many = (measure_looks(asked.folder / str(count), count) for count in (asked.few, asked.many))
    for kind in ("known", "unknown"):
        ratio = many[kind] / few[kind]
        print(f"one {kind} record of {asked.many} / of {asked.few}, p95 of processor time: {ratio:.2f}")  # noqa: T201  see above
        print(f"  {many[kind] * 1000:.2f} ms against {few[kind] * 1000:.2f} ms")  # noqa: T201  see above
    print(f"filled in {many['fill'] * 1e6:.1f} µs a record, {many['size'] / 1e6:.0f} MB")  # noqa: T201  see above


if __name__ == "__main__":
    main()
