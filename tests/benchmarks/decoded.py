"""The product's reading of a document alone: nothing is translated, judged or accounted for.

python decoded.py FILE CONNECTOR [OUT]   with OUT, each row of the first table is written as a line of JSON
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.faces.cli import allocators

allocators.begin()  # as the command does, before polars is loaded

from passerelle.documents.workbook_reader import open_rows  # noqa: E402  see above
from passerelle.engine.path.collecting import Blocks  # noqa: E402  see above
from passerelle.extension.loading import load_plugins  # noqa: E402  see above
from passerelle.stages.decode.decoding import decode  # noqa: E402  see above

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.vocabulary.parcels import DecodedBatch


def read(path: Path, connector: str) -> Iterator[DecodedBatch]:
    """Yield what is read, in batches of the usual size."""
    _supplier, described, _info = load_plugins().find_connector(connector)
    usual = Blocks()
    sizes = {"block_bytes": usual.bytes, "block_rows": usual.rows}
    with path.open("rb") as stream:
        yield from decode(stream, described.dialect, **sizes, open_workbook=open_rows)


def main(path: Path, connector: str, out: Path | None) -> None:
    """Read to the end; count, or write."""
    allocators.work()
    if out is None:
        sys.stdout.write(f"{sum(batch.table.frame.height for batch in read(path, connector))}\n")
        return
    first = None
    with out.open("w", encoding="utf-8") as stream:
        for batch in read(path, connector):
            first = batch.table.member if first is None else first
            for row in batch.table.frame.iter_rows(named=True) if batch.table.member == first else ():
                cells = {name: value for name, value in row.items() if value is not None}
                stream.write(json.dumps(cells, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]) if len(sys.argv) > 3 else None)
