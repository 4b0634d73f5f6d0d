"""Validation of an XML parcel against a schema (XSD): departures are warnings, the rows are read all the same.

The document is parsed once more, line by line, and its elements are freed on the way.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

from lxml import etree

from passerelle.stages.decode.elements import check_prolog
from passerelle.stages.decode.tables import add_warnings
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.vocabulary.parcels import DecodedBatch

MOST = 500
"""Most departures reported of one parcel: its maker needs no more to see what is wrong."""
_PIECE = 1 << 16
_ELEMENT = re.compile(r"Element '(?:\{[^}]*\})?([^']+)'")
_SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def parse_schema(content: bytes) -> etree.XMLSchema:
    """Read a schema (XSD). Raises FlowError when it is none."""
    try:
        return etree.XMLSchema(etree.fromstring(content, etree.XMLParser(**_SAFE)))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError):
        raise FlowError("settings.schema.unreadable") from None


def warn_departures(batches: Iterator[DecodedBatch], stream: IO[bytes], schema: bytes) -> Iterator[DecodedBatch]:
    """Add the departures from the schema to the first batch's warnings. Raises what reading the parcel raises."""
    yield from add_warnings(batches, tuple(iter_departures(stream, schema)))


def iter_departures(stream: IO[bytes], schema: bytes) -> Iterator[RowWarning]:
    """Yield where a document departs from its schema: line, element, and the rule's own name; never a value."""
    check_prolog(stream)
    stream.seek(0)
    names = frozenset(re.findall(r"name\s*=\s*[\"']([^\"']+)", schema.decode("utf-8", "replace")))
    parser = etree.XMLPullParser(("end",), schema=parse_schema(schema), remove_comments=True, remove_pis=True, **_SAFE)
    reported = 0
    number = 1
    while piece := stream.readline(_PIECE):
        try:
            parser.feed(piece)
            for _event, element in parser.read_events():
                element.clear()
                while element.getprevious() is not None:  # lxml keeps emptied elements in their parent
                    del element.getparent()[0]
        except etree.XMLSyntaxError:
            return  # reading the rows says so, and parks the parcel
        for entry in list(parser.feed_error_log)[reported:]:
            reported += 1
            match = _ELEMENT.match(entry.message)
            # The element only where the schema itself names it: a file may write anything as a name.
            element_name = match[1] if match and match[1] in names else ""
            rule = entry.type_name.removeprefix("SCHEMAV_")
            yield RowWarning("decode.schema.departed", Place(number, column=element_name), {"rule": rule})
        if reported >= MOST:
            return
        number += piece.endswith(b"\n")  # a piece of a very long line is no line of its own
