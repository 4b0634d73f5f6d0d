"""The records' own floor: polars takes what the product accepted, from Parquet, and writes it as NDJSON.

Nothing is read of the export, translated, checked or accounted for: what is left is the size of the result.

python records.py parquet-folder out.ndjson
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl


def main(folder: Path, target: Path) -> None:
    """Read and write."""
    pl.read_parquet(sorted(folder.glob("*.parquet"))).write_ndjson(target)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
