"""Does an XML parcel keep to the schema of whoever made it? What departs is told; the rows are read all the same.

The document is gone through once more, line by line, and forgotten as it goes.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

from lxml import etree

from passerelle.stages.decode.elements import judge_prolog
from passerelle.stages.decode.tables import warning
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.outcomes import Warned
from passerelle.vocabulary.parcels import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.vocabulary.parcels import Decoded

MOST = 500
"""Departures that are told of one parcel: whoever made it needs no more to see what is wrong."""
_PIECE = 1 << 16
_ELEMENT = re.compile(r"Element '(?:\{[^}]*\})?([^']+)'")
_SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def schema_of(content: bytes) -> etree.XMLSchema:
    """Read a schema (XSD). Raises FlowError when it is none."""
    try:
        return etree.XMLSchema(etree.fromstring(content, etree.XMLParser(**_SAFE)))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError):
        raise FlowError("settings.schema.unreadable") from None


def judged(batches: Iterator[Decoded], stream: IO[bytes], schema: bytes) -> Iterator[Decoded]:
    """Let the first batch of a parcel tell what departs from the schema. Raises what reading the parcel raises."""
    yield from warning(batches, tuple(departures(stream, schema)))


def departures(stream: IO[bytes], schema: bytes) -> Iterator[Warned]:
    """Tell where a document departs from its schema: line, element, and the rule's own name; never a value."""
    judge_prolog(stream)
    stream.seek(0)
    names = frozenset(re.findall(r"name\s*=\s*[\"']([^\"']+)", schema.decode("utf-8", "replace")))
    parser = etree.XMLPullParser(("end",), schema=schema_of(schema), remove_comments=True, remove_pis=True, **_SAFE)
    told = 0
    for number, piece in _lines(stream):
        try:
            parser.feed(piece)
            _forget(parser)
        except etree.XMLSyntaxError:
            return  # reading the rows says so, and parks the parcel
        for entry in list(parser.feed_error_log)[told:]:
            told += 1
            yield _told(entry.message, entry.type_name, number, names)
        if told >= MOST:
            return


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    number = 1
    while piece := stream.readline(_PIECE):
        yield number, piece
        number += piece.endswith(b"\n")


def _forget(parser: etree.XMLPullParser) -> None:
    for _event, element in parser.read_events():
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _told(message: str, rule: str, line: int, names: frozenset[str]) -> Warned:
    """Keep the element only when the schema itself names it: a file may write anything as a name."""
    found = _ELEMENT.match(message)
    element = found[1] if found and found[1] in names else ""
    return Warned("decode.schema.departed", Place(line, column=element), {"rule": rule.removeprefix("SCHEMAV_")})
