"""`make bench`: the product beside the plain loop and the floor, whole processes, in turn, medians; table and chart.

python bench.py [--rows 100000 1000000] [--times 5] [--docs docs]
"""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING

import export
import measuring

if TYPE_CHECKING:
    from collections.abc import Callable

    from measuring import Measure

_PARTS = ("polars", "pydantic", "numpy", "sqlalchemy")
_NAMES = {
    "product": "passerelle run → NDJSON",
    "parquet": "passerelle run → Parquet",
    "plain": "csv + pydantic, row by row",
    "floor": "polars reads and writes, nothing else",
}


def measured(rows: int, times: int, *, bad: float) -> dict[str, Measure]:
    """Measure every contender in turn, so that a slow moment of the machine falls on all of them."""
    found: dict[str, list[Measure]] = {name: [] for name in _NAMES}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in"
        source.mkdir()
        export.write(source / "export.csv", rows, bad=bad)
        contenders: dict[str, Callable[[Path], Measure]] = {
            "product": lambda room: measuring.product(source, room),
            "parquet": lambda room: measuring.product(source, room, form="parquet"),
            "plain": lambda room: measuring.plain(source / "export.csv", room),
            "floor": lambda room: measuring.floor(source / "export.csv", room),
        }
        for nth in range(times):
            for name, contender in contenders.items():
                found[name].append(contender(Path(folder) / name))
            if not nth and (problem := measuring.disagreement(Path(folder) / "product", Path(folder) / "plain")):
                raise SystemExit(f"{rows} rows: {problem}")
            for name in contenders:
                shutil.rmtree(Path(folder) / name)
    return {name: measuring.middle(measures) for name, measures in found.items()}


def page(results: dict[int, dict[str, Measure]], times: int, bad: float) -> str:
    """Write the page of the documentation."""
    versions = ", ".join(f"{part} {version(part)}" for part in _PARTS)
    lines = [
        "# Performance",
        "",
        "Written by `make bench`. The job: an export of sixteen columns (cp1252, `;`, French dates, Paris times,",
        f"decimal commas, codes, NIR and SIRET with their keys), {bad:.0%} bad rows of many kinds, read, translated,",
        "validated, split; accepted rows written, rows set aside sealed in quarantine with their reasons, everything",
        "journalled. The plain loop does the same without journal, seal or quarantine; accepted and set-aside rows",
        "are compared row by row.",
        "",
        f"Machine: {cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {versions};",
        f"{datetime.now(UTC):%Y-%m-%d}. Whole processes, start-up included, median of {times}, in turn.",
        "Machines drift: only the ratios of one run say something.",
        "",
        "![Time beside the plain loop](performance.svg)",
        "",
        "| rows | contender | seconds | processor seconds | rows a second | peak memory | beside the plain loop |",
        "|---:|---|---:|---:|---:|---:|---:|",
    ]
    for rows, measures in results.items():
        for name, one in measures.items():
            ratio = measures["plain"].wall / one.wall
            lines.append(
                f"| {rows:,} | {_NAMES[name]} | {one.wall:.1f} | {one.cpu:.1f} | {rows / one.wall:,.0f} "
                f"| {one.peak:,.0f} MiB | {ratio:.1f} × |"
            )
    return "\n".join(lines) + "\n"


def chart(measures: dict[str, Measure], rows: int) -> str:
    """Draw the seconds of each contender as bars."""
    longest = max(one.wall for one in measures.values())
    bars = []
    for nth, (name, one) in enumerate(measures.items()):
        top = 40 + 34 * nth
        colour = "#1f6f8b" if name in ("product", "parquet") else "#9aa5ad"
        bars.append(
            f'<text x="8" y="{top + 16}">{_NAMES[name]}</text>'
            f'<rect x="290" y="{top}" width="{380 * one.wall / longest:.0f}" height="22" fill="{colour}"/>'
            f'<text x="{296 + 380 * one.wall / longest:.0f}" y="{top + 16}">{one.wall:.1f} s</text>'
        )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 190" font-family="sans-serif" font-size="14">'
        f'<text x="8" y="22" font-weight="bold">{rows:,} rows, whole processes: seconds</text>{"".join(bars)}</svg>\n'
    )


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--bad", type=float, default=0.01)
    parser.add_argument("--docs", type=Path, default=None)
    asked = parser.parse_args()
    results = {rows: measured(rows, asked.times, bad=asked.bad) for rows in asked.rows}
    text = page(results, asked.times, asked.bad)
    sys.stdout.write(text)
    if asked.docs:
        (asked.docs / "performance.md").write_text(text, encoding="utf-8")
        largest = max(results)
        (asked.docs / "performance.svg").write_text(chart(results[largest], largest), encoding="utf-8")


if __name__ == "__main__":
    main()
