"""`python tests/benchmarks/switching.py`: two sides of a million visits compared; wall time, and the peak of memory.

Both sides are snapshots, as reading leaves them. One record in a hundred thousand of the new side is hurt, so that the
comparison is seen to work. `--most` (in MiB) makes it fail above a peak.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from own_memory import read_peak_mib

from passerelle.switching.compare.side_comparing import ComparisonTerms, compare_sides
from passerelle.switching.compare.side_findings import FindingLog
from passerelle.switching.side import Side, SideExport
from passerelle.switching.simulated_target import SimulatedTarget
from passerelle.switching.snapshot import MANIFEST, Snapshot, compute_sha256, get_schema, open_snapshot

CONTRACT = "visit/1"
_SLICE = 50_000
_EVERY = 100_000
"""One record in so many of the new side is hurt."""


def _coded(code: pl.Expr | str) -> pl.Expr:
    value = pl.lit(code) if isinstance(code, str) else code
    nothing = pl.lit(None, pl.String)
    return pl.struct(code=value, system=pl.lit("services"), label=nothing, original=nothing)


def _moment(minutes: pl.Expr) -> pl.Expr:
    start = pl.lit("2023-01-01").str.to_datetime()
    return (start + pl.duration(minutes=minutes)).dt.strftime("%Y-%m-%dT%H:%M:%S+01:00")


def visits(start: int, stop: int) -> pl.DataFrame:
    """Invent visits by their numbers: the same number is always the same visit."""
    number = pl.int_range(start, stop, dtype=pl.Int64, eager=False)
    frame = pl.select(number.alias("n")).with_columns((pl.col("n") * 7919 % 1_000_000).alias("m"))
    made = frame.select(
        pl.format("bench:visit:{}", "n").alias("ref"),
        pl.format("bench:person:{}", pl.col("n") % 40_000).alias("person_ref"),
        pl.format("bench:professional:{}", pl.col("n") % 900).alias("professional_ref"),
        pl.format("bench:organisation:{}", pl.col("n") % 12).alias("organisation_ref"),
        _coded(pl.format("S{}", pl.col("n") % 6)).alias("service"),
        pl.lit("done").alias("status"),
        _moment(pl.col("m")).alias("planned_start"),
        _moment(pl.col("m") + 60).alias("planned_end"),
        _moment(pl.col("m") + 3).alias("stamped_start"),
        _moment(pl.col("m") + 58).alias("stamped_end"),
        pl.lit("1.25").alias("billed_quantity"),
        pl.lit("hour").alias("billed_unit"),
        pl.format("Passage {} : repas préparé, moral bon ; rien à signaler de plus.", "n").alias("comment"),
        pl.lit("bench").alias("_connector"),
        pl.lit(1, pl.UInt32).alias("_file"),
        pl.lit("").alias("_member"),
        (pl.col("n") + 2).cast(pl.UInt32).alias("_line"),
    )
    return made.select(
        (pl.col(name) if name in made.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in get_schema(CONTRACT).items()
    )


def write(folder: Path, rows: int, *, hurt: bool) -> int:
    """Write a snapshot of invented visits; say how many are hurt."""
    folder.mkdir(parents=True)
    parts = []
    for start in range(0, rows, _SLICE):
        frame = visits(start, min(start + _SLICE, rows))
        if hurt:
            odd = (pl.int_range(pl.len()) + start) % _EVERY == _EVERY // 2
            frame = frame.with_columns(
                pl.when(odd).then(pl.lit("1.5")).otherwise("billed_quantity").alias("billed_quantity")
            )
            frame = frame.sample(fraction=1.0, shuffle=True, seed=start)
        parts.append(folder / f"{start}.part")
        frame.write_parquet(parts[-1])
    path = folder / "visit-1.parquet"
    pl.scan_parquet(parts[::-1] if hurt else parts).sink_parquet(path, row_group_size=_SLICE)
    for part in parts:
        part.unlink()
    held = {
        "version": "1.0.0",
        "count": rows,
        "file": path.name,
        "size": path.stat().st_size,
        "sha256": compute_sha256(path),
    }
    manifest = {"schema": "passerelle.snapshot/1", "side": folder.name, "contracts": {CONTRACT: held}}
    (folder / MANIFEST).write_text(json.dumps({**manifest, "files": [], "balance": {}}), encoding="utf-8")
    return sum(number % _EVERY == _EVERY // 2 for number in range(rows)) if hurt else 0


def compared(room: Path) -> dict[str, float]:
    """Compare the two snapshots of a folder in this process, and measure it."""
    sides: tuple[Snapshot, Snapshot] = (open_snapshot(room / "a"), open_snapshot(room / "b"))
    target = Side("b", (SideExport(lambda: iter(()), contract=CONTRACT),))
    started = time.perf_counter()
    findings = FindingLog(
        room / "findings.ndjson", lambda ref: hashlib.blake2b(ref.encode(), digest_size=6).hexdigest()
    )
    with findings:
        found = compare_sides(
            *sides, ComparisonTerms(simulated=SimulatedTarget(target)), folder=room / "rows", findings=findings
        )
    peak = read_peak_mib()
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "peak_mib": round(peak),
        "findings": sum(found.groups.values()),
        "matched": sum(found.tallies[CONTRACT].matched.values()),
    }


def measured(rows: int) -> dict[str, float]:
    """Compare two sides in a process of their own."""
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        write(room / "a", rows, hurt=False)
        hurt = write(room / "b", rows, hurt=True)
        child = [sys.executable, __file__, "--room", str(room)]
        told = subprocess.run(child, check=True, capture_output=True, text=True).stdout
    return {"rows": rows, "hurt": hurt, **json.loads(told)}


def main() -> None:
    """Measure, and show what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--most", type=float, default=1024, help="MiB")
    parser.add_argument("--room", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.room:
        print(json.dumps(compared(given.room)))  # noqa: T201  a command
        return
    found = measured(given.rows)
    print(json.dumps(found, indent=2))  # noqa: T201  a command
    if found["peak_mib"] > given.most or found["findings"] != found["hurt"] or found["matched"] != found["rows"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
