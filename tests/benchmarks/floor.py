"""The floor: polars reads the file and writes NDJSON; nothing is translated, checked or accounted for.

python floor.py export.csv out.ndjson
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl


def main(source: Path, target: Path) -> None:
    """Read and write."""
    text = source.read_bytes().decode("cp1252").encode()
    pl.read_csv(text, separator=";", infer_schema=False, truncate_ragged_lines=True).write_ndjson(target)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
