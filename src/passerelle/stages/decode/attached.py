"""XML documents that a JSON document holds as base64: what a FHIR Bundle attaches, unpacked within limits.

Each is judged as if it had come alone. One of another kind is passed by, and counted; a fault in any parks the parcel.
"""

from __future__ import annotations

import binascii
from io import BytesIO
from itertools import chain
from typing import IO, TYPE_CHECKING

from passerelle.stages.decode.elements import read_document
from passerelle.stages.decode.kinds import describe_flaw
from passerelle.stages.decode.malformed import explain_malformed_json
from passerelle.stages.decode.strict import MOST_NESTED, MalformedError, find_records, loads
from passerelle.stages.decode.tables import add_warnings
from passerelle.stages.decode.unread import ELEMENT, UnreadTally
from passerelle.vocabulary.errors import ParcelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.stages.decode.dialects import Xml
    from passerelle.stages.decode.numbering import Numbering
    from passerelle.vocabulary.outcomes import RowWarning
    from passerelle.vocabulary.parcels import DecodedBatch

MOST_BYTES = 64 << 20
"""Most bytes of the document that holds the others, which is in memory as a whole: so are they."""
_HEAD = 1 << 10
_OTHER_KIND = "decode.document.other_kind"
_BLANK = b"\xef\xbb\xbf \t\r\n"


def is_json(stream: IO[bytes]) -> bool:
    """Whether a document begins as JSON does."""
    stream.seek(0)
    begins = stream.read(_HEAD).lstrip(_BLANK)[:1] in (b"{", b"[")
    stream.seek(0)
    return begins


def read(stream: IO[bytes], dialect: Xml, block_rows: int, numbering: Numbering) -> Iterator[DecodedBatch]:
    """Read every XML document that is attached, in their order; no row of any before all are judged.

    Raises ParcelError for what is not JSON, too large or not base64, and where no document is of the connector's kind.
    """
    tally = UnreadTally()
    found: list[Iterator[DecodedBatch]] = []
    warned: list[RowWarning] = []
    other_kind: ParcelError | None = None
    for path, content in _iter_documents(stream, dialect.attached, tally):
        try:
            batches, said = read_document(BytesIO(content), dialect, block_rows, numbering)
        except ParcelError as fault:
            if fault.code != _OTHER_KIND:
                raise
            other_kind = fault
            tally.add(ELEMENT, _name(path), 1)
            continue
        found.append(batches)
        warned += said
    if not found:
        raise other_kind or ParcelError("decode.member.none")
    return add_warnings(chain.from_iterable(found), (*warned, *tally.drain()))


def _iter_documents(stream: IO[bytes], paths: tuple[str, ...], tally: UnreadTally) -> Iterator[tuple[str, bytes]]:
    """Yield what is attached as XML, with its path; count what is attached otherwise."""
    document = _load(stream)
    for path in paths:
        for holder in find_records(document, path.split(".") if path else []) or ():
            data = holder.get("data") if isinstance(holder, dict) else None
            if not isinstance(data, str) or not data:
                continue
            if _is_xml(holder, content := _decode(data)):
                yield path, content
            else:
                tally.add(ELEMENT, _name(path), 1)


def _load(stream: IO[bytes]) -> object:
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ParcelError("decode.parcel.too_big", limit=str(MOST_BYTES))
    try:
        return loads(content)
    except MalformedError as fault:
        line, deep, flaw = fault.line, fault.deep, fault.flaw
    # raised here, so that the foreign error, which holds the document, hangs on nothing
    if deep:
        raise ParcelError("decode.parcel.too_deep", limit=str(MOST_NESTED))
    if flaw:
        raise ParcelError("decode.parcel.flawed", declared="JSON", line=str(line), what=describe_flaw(flaw))
    raise explain_malformed_json(stream, line)


def _decode(data: str) -> bytes:
    """Return what a text in base64 holds: shorter than the text, so that its own limit bounds it."""
    try:
        return binascii.a2b_base64("".join(data.split()), strict_mode=True)
    except (binascii.Error, ValueError):
        pass
    raise ParcelError("decode.parcel.malformed", declared="base64", line="1")


def _is_xml(holder: Mapping[str, object], content: bytes) -> bool:
    """Whether a document is XML by what is said of it, or where nothing is said, by how it begins."""
    said = holder.get("contentType")
    return "xml" in said.lower() if isinstance(said, str) else content.lstrip(_BLANK).startswith(b"<")


def _name(path: str) -> str:
    return ".".join(filter(None, (path, "data")))
