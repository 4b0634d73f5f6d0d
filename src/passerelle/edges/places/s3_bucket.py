"""A bucket of a store that speaks S3, below a prefix: how it is asked, and how a large object is written in parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from lxml import etree

from passerelle.edges.places.s3_answers import parse_xml, refuse
from passerelle.edges.places.web_session import NOTHING, Body
from passerelle.vocabulary.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from passerelle.edges.places.web_session import WebSession
    from passerelle.vocabulary.ports import Reply

PART = 8 << 20
"""Bytes of a part of a large object: a store takes no less than five million, and no more than 10,000 parts."""
_UNWRITABLE = "incident.folder.unwritable"
_GONE = 404
_CHANGED = (409, 412)
_NOT_OFFERED = 501


@dataclass(frozen=True, slots=True)
class S3Bucket:
    """Objects of a bucket. The bucket is never made: whoever runs the store declares it."""

    session: WebSession
    bucket: str
    prefix: str
    """With a slash at its end; empty: the whole bucket."""

    def delete(self, name: str) -> None:
        """Delete an object; one that is gone is no fault."""
        self._ask("DELETE", self._locate(name), good=(200, 204, _GONE))

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def _write_part(self, name: str, upload: str, number: int, part: bytes) -> str:
        query = {"partNumber": str(number), "uploadId": upload}
        return self._ask("PUT", self._locate_query(query, name), body=Body(part)).headers.get("etag", "")

    def _begin_parts(self, name: str) -> str:
        reply = self._ask("POST", self._locate_query({"uploads": ""}, name))
        return str(parse_xml(reply.content).findtext("UploadId", ""))

    def _finish_parts(
        self,
        name: str,
        upload: str,
        tags: list[str],
        headers: Mapping[str, str] | None = None,
        also: tuple[int, ...] = (),
    ) -> int:
        """Make the object of its parts; return the status: not 200 only under a condition, or for one of `also`."""
        root = etree.Element("CompleteMultipartUpload", xmlns="http://s3.amazonaws.com/doc/2006-03-01/")
        for number, tag in enumerate(tags, 1):
            part = etree.SubElement(root, "Part")
            etree.SubElement(part, "PartNumber").text = str(number)
            etree.SubElement(part, "ETag").text = tag
        good = (200, *_CHANGED, _NOT_OFFERED, *also) if headers else (200, *also)
        url = self._locate_query({"uploadId": upload}, name)
        reply = self._ask("POST", url, headers, Body(etree.tostring(root)), good=good)
        # the store begins to answer before it knows: a fault comes with status 200 (API reference of the operation)
        if reply.status == 200 and parse_xml(reply.content).tag != "CompleteMultipartUploadResult":
            raise TransientError("incident.folder.failing")
        return reply.status

    def _drop_parts(self, name: str, upload: str) -> None:
        self._ask("DELETE", self._locate_query({"uploadId": upload}, name), good=(200, 204, _GONE))

    def _locate(self, name: str) -> httpx.URL:
        base = self.session.base.raw_path.decode("ascii").rstrip("/")
        key = quote_key(f"{self.prefix}{name}") if name else ""
        return self.session.base.copy_with(raw_path=f"{base}/{self.bucket}/{key}".encode("ascii"))

    def _locate_query(self, query: Mapping[str, str], name: str = "") -> httpx.URL:
        url = self._locate(name)
        text = "&".join(f"{key}={quote(query[key], safe='')}" for key in sorted(query))
        return url.copy_with(raw_path=url.raw_path + f"?{text}".encode("ascii"))

    def _ask(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str] | None = None,
        body: Body = NOTHING,
        *,
        good: tuple[int, ...] = (200,),
        fault: str = _UNWRITABLE,
    ) -> Reply:
        reply = self.session.ask(method, url, headers, body)
        if reply.status not in good:
            refuse(reply, fault)
        return reply


def quote_key(key: str) -> str:
    """Return a key as it stands in an address."""
    return quote(key.encode("utf-8", "surrogateescape"), safe="/~")
