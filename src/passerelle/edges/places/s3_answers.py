"""What an S3-compatible store answers: objects and their states, and what a refusal means."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote_to_bytes

from lxml import etree

from passerelle.edges.places.file_place import FileState
from passerelle.edges.places.webdav_answers import digest_tag, parse_moment
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.vocabulary.ports import Reply

_SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
_UNKNOWN = frozenset(
    {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "AuthorizationHeaderMalformed"}
)
_NO_ROOM = frozenset({"QuotaExceeded", "XMinioStorageFull", "EntityTooLarge", "TooManyBuckets"})
_SPEAKS = 400
"""From here on a status says that something was not done."""


@dataclass(frozen=True, slots=True)
class ObjectList:
    """Some of the objects of a folder: name by name, its state; and how to ask for the next ones, if there are any."""

    objects: tuple[tuple[str, FileState], ...]
    following: str
    is_cut: bool = False
    """Whether the store says that there are more."""


def parse_xml(content: bytes) -> etree._Element:
    """Read an answer, its namespace taken off. Raises FlowError `incident.place.incompatible` when it is none."""
    try:
        root = etree.fromstring(content, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError:
        raise FlowError("incident.place.incompatible") from None
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    return root


def parse_page(content: bytes, prefix: str) -> ObjectList:
    """Read a page of a listing. Names are what follows the prefix, bytes that are no UTF-8 as surrogates."""
    root = parse_xml(content)
    if root.tag != "ListBucketResult":
        raise FlowError("incident.place.incompatible")
    is_coded = root.findtext("EncodingType", "") == "url"
    found = []
    for entry in root.iterfind("Contents"):
        key = entry.findtext("Key", "")
        if is_coded:
            key = unquote_to_bytes(key.replace("+", " ")).decode("utf-8", "surrogateescape")
        name = key.removeprefix(prefix)
        # what is no name of a file in this folder, whatever the store says
        if not key.startswith(prefix) or not name or "/" in name or "\0" in name:
            continue
        size, tag = entry.findtext("Size", ""), entry.findtext("ETag", "")
        found.append((name, make_state(_parse_stamp(entry.findtext("LastModified", "")), size, tag)))
    is_cut = root.findtext("IsTruncated", "") == "true"
    return ObjectList(tuple(found), root.findtext("NextContinuationToken", "") if is_cut else "", is_cut)


def read_headers(reply: Reply) -> FileState:
    """Return the state that the headers of an object tell."""
    headers = reply.headers
    moment = parse_moment(headers.get("last-modified", ""))
    return make_state(moment, headers.get("content-length", ""), headers.get("etag", ""))


def make_state(modified: int, size: str, tag: str) -> FileState:
    """Return a state; whole seconds, since not every answer tells more."""
    length = int(size[:18]) if size.isascii() and size.isdigit() else 0
    return FileState(modified, length, (1, digest_tag(tag.strip('"'))))


def _parse_stamp(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).timestamp()) * 10**9
    except ValueError:
        return 0


def refuse(reply: Reply, fault: str) -> NoReturn:
    """Raise what a refusal means: `fault` where rights are missing."""
    code = find_code(reply.content)
    if code in _UNKNOWN:
        raise FlowError("incident.credentials.refused")
    if code in _NO_ROOM or reply.status in (413, 507):
        raise TransientError("incident.folder.full")
    if reply.status == 404:
        raise TransientError("incident.folder.away")
    if reply.status == 403 and code != "RequestTimeTooSkewed":
        raise FlowError(fault)
    if 300 <= reply.status < _SPEAKS:  # the bucket is in another region, or at another address
        raise FlowError("incident.supplier.moved")
    if reply.status in (400, 405, 501) or reply.status < 300:
        raise FlowError("incident.place.incompatible")
    raise TransientError("incident.folder.failing")


def find_code(content: bytes) -> str:
    """Return the store's code for a refusal; empty where it gives none."""
    if not content:
        return ""
    try:
        root = parse_xml(content)
    except FlowError:
        return ""
    return root.findtext("Code", "") if root.tag == "Error" else ""
