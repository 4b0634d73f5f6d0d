"""Finds what is wrong with an XML document in one pass without a tree: the exact reader looks at each element.

It says what the exact reader (`elements`) says, or nothing.
"""

from __future__ import annotations

import re
from io import SEEK_END
from typing import IO, TYPE_CHECKING, Any

from lxml import etree

from passerelle.stages.decode.malformed import explain_malformed_xml
from passerelle.stages.decode.surroundings import get_local_name

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from passerelle.vocabulary.errors import ParcelError

MAX_DEPTH = 100
PARSING: Mapping[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    # A comment or instruction inside a text would cut it in two: `text` holds only what stands before it.
    "remove_comments": True,
    "remove_pis": True,
}
"""How every parser of lxml is hardened."""
FLAWS = {
    etree.ErrorTypes.ERR_INVALID_CHAR: "control",
    etree.ErrorTypes.ERR_INVALID_CHARREF: "control",
    etree.ErrorTypes.ERR_INVALID_ENCODING: "encoding",
    etree.ErrorTypes.I18N_CONV_FAILED: "encoding",
    etree.ErrorTypes.ERR_ENTITYREF_SEMICOL_MISSING: "markup",
    etree.ErrorTypes.ERR_NAME_REQUIRED: "markup",
    etree.ErrorTypes.ERR_UNDECLARED_ENTITY: "markup",
}
"""What is wrong with a single value, by the codes of libxml2: a character that XML does not know, as it is or as a
reference; bytes of another encoding; an «&» or «<» of its own."""
_TREE_ALONE = frozenset(
    (
        *(etree.ErrorTypes.ERR_UNDECLARED_ENTITY, etree.ErrorTypes.WAR_UNDECLARED_ENTITY),
        *(etree.ErrorTypes.NS_ERR_XML_NAMESPACE, etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE),
        *(etree.ErrorTypes.NS_ERR_QNAME, etree.ErrorTypes.NS_ERR_ATTRIBUTE_REDEFINED),
        *(etree.ErrorTypes.NS_ERR_EMPTY, etree.ErrorTypes.NS_ERR_COLON),
    )
)
"""Codes of which a parser without a tree makes something else: of namespaces and entities that nobody declared."""
_CHUNK = 1 << 15
"""What `etree.iterparse` reads at a time: the same pieces, so that the same is found in the same place."""
_TAIL = 256
_LAST_TAG = re.compile(rb"</(?:[\w.-]+:)?([\w.-]+)[ \t\r\n]*>\Z")
"""The end of an element with an ASCII name."""


def explain_fault(stream: IO[bytes], line: int, codes: set[int]) -> ParcelError:
    """Return the error of a document that libxml2 refused in this line, with these codes."""
    flaw = next((FLAWS[code] for code in codes if code in FLAWS), "")
    is_unfinished = etree.ErrorTypes.ERR_TAG_NOT_FINISHED in codes
    return explain_malformed_xml(stream, line, flaw, is_unfinished=is_unfinished)


def find_fault(stream: IO[bytes], roots: Container[str]) -> ParcelError | None:
    """Return the error of a document that is not well formed; None where it is, or the exact reader has to say it."""
    outline = _Outline(roots)
    parser = etree.XMLParser(target=outline, **PARSING)
    stream.seek(0)
    line, codes = 0, set[int]()
    try:
        while chunk := stream.read(_CHUNK):
            parser.feed(chunk)
        parser.close()
    except etree.XMLSyntaxError as error:
        logged = (*parser.error_log, *parser.feed_error_log)
        line, codes = error.lineno or 1, {error.code, *(entry.type for entry in logged)}
    if not line or outline.is_odd or codes & _TREE_ALONE:
        return None
    return explain_fault(stream, line, codes)


class _Outline:
    """Follows the elements of a document: whatever the exact reader refuses before a fault, it has to say itself."""

    def __init__(self, roots: Container[str]) -> None:
        self._roots = roots
        self._depth = 0
        self.is_odd = False

    def start(self, tag: str, _attributes: object) -> None:
        """Note that an element begins."""
        self._depth += 1
        if self._depth > MAX_DEPTH or (self._depth == 1 and get_local_name(tag) not in self._roots):
            self.is_odd = True

    def end(self, _tag: str) -> None:
        """Note that an element ends."""
        self._depth -= 1

    def doctype(self, *_names: str | None) -> None:
        """Note a document type."""
        self.is_odd = True

    def close(self) -> None:
        """End: nothing is made of a document."""


def is_surely_cut(stream: IO[bytes], roots: Container[str]) -> bool:
    """Whether a document of single bytes ends in another way than with the end of a root, a comment or the like."""
    stream.seek(max(stream.seek(0, SEEK_END) - _TAIL, 0))
    last = stream.read().rstrip(b" \t\r\n")
    tag = _LAST_TAG.search(last)
    return tag[1].decode("ascii") not in roots if tag and tag[1].isascii() else not last.endswith(b">")
