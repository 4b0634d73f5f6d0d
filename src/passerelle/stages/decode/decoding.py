"""The decode stage: bytes of a parcel become batches of text tables, as the connector's dialect declares.

The reader of a dialect is imported only when a parcel is written in it: a run starts without the others.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from passerelle.stages.decode.composing import compose_batches, compose_names
from passerelle.stages.decode.dialects import Csv, Dialect, Json, Xlsx
from passerelle.stages.decode.numbering import Numbering

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from passerelle.vocabulary.parcels import DecodedBatch
    from passerelle.vocabulary.ports import WorkbookOpener

_NONE: frozenset[int] = frozenset()


def decode(
    stream: IO[bytes],
    dialect: Dialect,
    *,
    block_bytes: int,
    block_rows: int,
    open_workbook: WorkbookOpener,
    skip: Container[int] = _NONE,
) -> Iterator[DecodedBatch]:
    """Read a parcel batch by batch.

    `stream` is binary and seekable, and belongs to the reader until it is through. The same bytes, dialect and block
    sizes give the same batches under the same numbers, from 0; those in `skip` are counted, not yielded. Every member
    has a batch, if need be without rows, so that its columns are seen. Text is cut every `block_bytes` bytes of UTF-8,
    anything else every `block_rows` records. `open_workbook` reads a workbook for this stage, which is pure: in a
    process of its own, with limits.

    Raises ParcelError when the parcel cannot be read as declared.
    """
    numbering = Numbering(skip)
    return compose_batches(_read(stream, dialect, block_bytes, block_rows, numbering, open_workbook))


def _read(
    stream: IO[bytes],
    dialect: Dialect,
    block_bytes: int,
    block_rows: int,
    numbering: Numbering,
    open_workbook: WorkbookOpener,
) -> Iterator[DecodedBatch]:
    match dialect:
        case Csv():
            from passerelle.stages.decode import delimited  # noqa: PLC0415  see above

            return delimited.read(stream, dialect, block_bytes, numbering)
        case Xlsx():
            from passerelle.stages.decode import sheets  # noqa: PLC0415  see above

            return sheets.read(stream, dialect, block_rows, numbering, open_workbook)
        case Json():
            from passerelle.stages.decode import documents  # noqa: PLC0415  see above

            return documents.read(_unwrap(stream), dialect, block_rows, numbering)
        case _:
            from passerelle.stages.decode import elements, schema  # noqa: PLC0415  see above

            stream = _unwrap(stream)
            if dialect.attached:
                from passerelle.stages.decode import attached  # noqa: PLC0415  see above

                if attached.is_json(stream):
                    return attached.read(stream, dialect, block_rows, numbering)
            batches = elements.read(stream, dialect, block_rows, numbering)
            return schema.warn_departures(batches, stream, dialect.schema) if dialect.schema else batches


def _unwrap(stream: IO[bytes]) -> IO[bytes]:
    """Return what a zip of one file holds, else the parcel. Raises ParcelError for a zip that is not plain."""
    from passerelle.documents.archives import DOCUMENT_LIMITS  # noqa: PLC0415  see above
    from passerelle.stages.decode.archive import unwrap_single  # noqa: PLC0415  see above

    if stream.read(2) == b"PK":
        return unwrap_single(stream, DOCUMENT_LIMITS)
    stream.seek(0)
    return stream


def peek(stream: IO[bytes], dialect: Dialect, open_workbook: WorkbookOpener) -> dict[str, tuple[str, ...]]:
    """Return the columns of each member: from the header alone where there is one, else from all records.

    Raises ParcelError as `decode` does.
    """
    if isinstance(dialect, Csv):
        from passerelle.stages.decode import delimited  # noqa: PLC0415  see above

        return {member: compose_names(names) for member, names in delimited.read_columns(stream, dialect).items()}
    columns: dict[str, dict[str, None]] = {}
    batches = decode(stream, dialect, block_bytes=1 << 20, block_rows=10_000, open_workbook=open_workbook)
    for decoded in batches:
        columns.setdefault(decoded.table.member, {}).update(dict.fromkeys(decoded.table.frame.columns))
    return {member: tuple(names) for member, names in columns.items()}
