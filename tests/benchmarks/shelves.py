"""What a shelf costs: whole runs with and without one, one record of many beside one of few, streams, and followers.

python shelves.py [--rows 1000000] [--times 3] [--many 10000000] [--few 10000]

Each answer is a ratio of one run on one machine, beside its limit: the job with a shelf over the job without, the time
to find one record among many over the time among few, and what `bulk` and `following` measure.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import bulk
import export
import following
import measuring

from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.keyring import Keyring
from passerelle.stores.seal import Seal
from passerelle.stores.settlement import ShelfEntries
from passerelle.stores.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    """Measure, and write the ratios beside their limits."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--many", type=int, default=10_000_000)
    options.add_argument("--few", type=int, default=10_000)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for line in chain(
            _tell_job(Path(folder), asked.rows, asked.times),
            _tell_looks(Path(folder), asked.few, asked.many),
            _tell_streams(Path(folder)),
            _tell_following(),
        ):
            print(line, flush=True)  # noqa: T201  its answer


def _tell_job(folder: Path, rows: int, times: int) -> Iterator[str]:
    without, with_one = measure_job(folder / "job", rows, times)
    yield f"run with a shelf / without, {rows} rows: {with_one.wall / without.wall:.2f} (limit 1.15)"
    yield f"  processor: {with_one.cpu / without.cpu:.2f}, memory: {with_one.peak / without.peak:.2f}"


def _tell_looks(folder: Path, few: int, many: int) -> Iterator[str]:
    found = {count: measure_looks(folder / str(count), count) for count in (few, many)}
    for kind in ("known", "unknown"):
        late = {count: found[count][kind] for count in found}
        yield f"one {kind} record of {many} / of {few}, p95 of processor time: {late[many] / late[few]:.2f} (limit 1.5)"
        yield f"  {late[many] * 1000:.2f} ms (limit 20) against {late[few] * 1000:.2f} ms"
    yield f"filled in {found[many]['fill'] * 1e6:.1f} µs a record, {found[many]['size'] / 1e6:.0f} MB"


def _tell_streams(folder: Path) -> Iterator[str]:
    speeds = bulk.measure(folder / "bulk", 60_000, 3)
    yield f"stream of everything / unsealing alone: {speeds['everything'] / speeds['unsealed']:.2f} (limit 0.8)"
    yield f"stream for a narrower purpose / plain loop: {speeds['narrower'] / speeds['loop']:.2f} (limit 2)"
    yield "  " + ", ".join(f"{name} {speed:,.0f} records/s" for name, speed in speeds.items())


def _tell_following() -> Iterator[str]:
    found = following.measure(20_000, 60, 20, 1_000)
    yield f"page of 100 / page of 1: {found['page_ratio']:.2f} (limit 3)"
    yield f"change until its webhook, p95: {found['webhook_p95']:.2f} s (limit 2)"
    yield f"writes of a change with 1,000 subscriptions / with one: {found['writes_ratio']:.2f} (limit 1)"


if __name__ == "__main__":
    main()
