"""A peer: dlt reads the rows, judges them by the same contract and writes JSON lines; bad rows are dropped by it.

python peer_dlt.py export.csv folder

The words of the export are translated by the plain loop's own code: dlt leaves that to whoever writes the source. It
says nothing of what it discards, so this is less than the job.
"""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "CRITICAL",
    "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true",
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
}


def rows(source: Path) -> Iterator[dict[str, Any]]:
    """Give what can be translated."""
    with source.open(encoding="cp1252", newline="") as stream:
        reader = csv.reader(stream, delimiter=";")
        width = len(next(reader))
        for cells in reader:
            try:
                yield plain.translate(cells, width)
            except plain.Refused:
                continue


def main(source: Path, folder: Path) -> None:
    """Run one pipeline, from nothing."""
    os.environ.update(SETTINGS)
    import dlt  # noqa: PLC0415  reads the settings when it is loaded

    from passerelle import contracts  # noqa: PLC0415  only this test needs it

    resource = dlt.resource(
        rows(source),
        name="visits",
        columns=contracts.get("visit/1"),
        schema_contract={"data_type": "discard_row", "columns": "discard_value"},
        max_table_nesting=0,
    )
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(folder / "work"),
        destination=dlt.destinations.filesystem((folder / "out").absolute().as_uri()),
        dataset_name="bench",
    )
    pipeline.run(resource, loader_file_format="jsonl").raise_on_failed_jobs()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
