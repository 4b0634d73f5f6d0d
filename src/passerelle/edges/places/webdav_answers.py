"""What a WebDAV server answers to a look at a folder (RFC 4918): names and states, never paths."""

from __future__ import annotations

import hashlib
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from lxml import etree

from passerelle.edges.places.file_place import FileState
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

_SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
ASKED = (
    b'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>'
    b"<resourcetype/><getcontentlength/><getlastmodified/><getetag/></prop></propfind>"
)
"""The properties that tell what something is, and in which state."""


@dataclass(frozen=True, slots=True)
class Member:
    """Something in a folder, or the folder itself."""

    path: str
    """Decoded, without a slash at its end, bytes that are no UTF-8 as surrogates."""
    is_folder: bool
    state: FileState

    @property
    def name(self) -> str:
        """Return the last part of its path."""
        return self.path.rpartition("/")[2]


def decode_path(address: str) -> str:
    """Return the path of an address, or a path as it is written in one, decoded."""
    path = urlsplit(address).path if "://" in address else address
    return unquote_to_bytes(path).decode("utf-8", "surrogateescape").rstrip("/")


def parse_members(content: bytes) -> Iterator[Member]:
    """Yield what the answer tells of. Raises FlowError `incident.place.incompatible` when it is none."""
    try:
        root = etree.fromstring(content, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError:
        raise FlowError("incident.place.incompatible") from None
    if root.tag != "{DAV:}multistatus":
        raise FlowError("incident.place.incompatible")
    for response in root.iterfind("{DAV:}response"):
        # what the server knows stands in the part whose status is 200; others name what it does not have
        known = [part for part in response.iterfind("{DAV:}propstat") if " 200" in part.findtext("{DAV:}status", "")]
        properties = known[0].find("{DAV:}prop") if known else None
        if properties is None:
            continue
        is_folder = properties.find("{DAV:}resourcetype/{DAV:}collection") is not None
        yield Member(decode_path(response.findtext("{DAV:}href", "")), is_folder, _read_state(properties))


def _read_state(properties: etree._Element) -> FileState:
    length = properties.findtext("{DAV:}getcontentlength", "").strip()
    tag = properties.findtext("{DAV:}getetag", "").strip()
    return FileState(
        parse_moment(properties.findtext("{DAV:}getlastmodified", "")),
        int(length[:18]) if length.isascii() and length.isdigit() else 0,
        (1, digest_tag(tag)) if tag else (0, 0),
    )


def parse_moment(text: str) -> int:
    """Return a date of HTTP in nanoseconds; 0 where there is none."""
    try:
        return int(parsedate_to_datetime(text).timestamp()) * 10**9
    except (ValueError, OverflowError):
        return 0


def digest_tag(tag: str) -> int:
    """Return a number for what a server calls a state of a file."""
    return int.from_bytes(hashlib.sha256(tag.encode("utf-8", "surrogatepass")).digest()[:7])
