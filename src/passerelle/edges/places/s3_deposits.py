"""Sealed files of a depot as objects of a bucket, one object for each; see `stores.deposit_place.DepositPlace`.

What is there is never overwritten: an object is put on the condition that nothing has its name, and one that is broken
is replaced on the condition that it is still the one that was looked at. What the store cannot do just now is asked
again a few times; then it is away, and whatever asked waits.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, cast

from passerelle.edges.places.object_reading import ObjectFile
from passerelle.edges.places.s3_answers import find_code, parse_page, parse_xml, refuse
from passerelle.edges.places.s3_bucket import PART, S3Bucket
from passerelle.edges.places.web_session import NOTHING, Body
from passerelle.vocabulary.errors import FatalError, FlowError, TransientError
from passerelle.vocabulary.failpoints import hit_failpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import httpx

    from passerelle.vocabulary.ports import Reply

PAUSES = (0.2, 1.0, 3.0)
"""Seconds before each further try of what the store could not do, or whose answer was lost."""
_AT_ONCE = 4
_GONE, _CONFLICT, _CHANGED, _NOT_OFFERED = 404, 409, 412, 501
_SPEAKS = 400
_PASSING = (408, 429, 500, 502, 503, 504)
_GARBLED = frozenset({"BadDigest", "IncompleteBody", "RequestTimeout", "XAmzContentSHA256Mismatch", "InvalidDigest"})
"""Codes of a body that did not come as it was sent."""
_SKEWED = "RequestTimeTooSkewed"
_ONLY_NEW = {"if-none-match": "*"}
_FATAL = {
    "incident.credentials.refused": "incident.depot.refused",
    "incident.folder.unreadable": "incident.depot.refused",
    "incident.folder.unwritable": "incident.depot.refused",
    "incident.supplier.moved": "incident.depot.absent",
    "incident.place.incompatible": "incident.depot.incompatible",
}


@dataclass(frozen=True, slots=True)
class S3Deposits(S3Bucket):
    """Objects below a prefix; drafts are files of this machine."""

    drafts: Path
    pauses: tuple[float, ...] = PAUSES

    def put_new(self, draft: Path, name: str) -> bool:
        """Put a draft; return False where something has the name, the draft itself after a lost answer included."""
        with translate_refusals():
            return self.read_tag(name) is None and self._send(draft, name, _ONLY_NEW)

    def replace(self, draft: Path, name: str) -> None:
        """Put a draft in the place of the object that is there now; one that another puts there meanwhile stays."""
        with translate_refusals():
            tag = self.read_tag(name)
            if not self._send(draft, name, _ONLY_NEW if tag is None else {"if-match": tag}):
                raise TransientError("incident.folder.failing")

    def open(self, name: str) -> IO[bytes]:
        """Open an object, which is read by ranges. Raises FileNotFoundError."""

        def read_range(start: int, size: int, tag: str) -> Reply:
            headers = {"range": f"bytes={start}-{start + size - 1}"}
            headers |= {"if-match": tag} if tag else {}
            with translate_refusals():
                return self._ask("GET", self._locate(name), headers, good=(200, 206, _GONE, _CHANGED, 416))

        return cast("IO[bytes]", ObjectFile.begin(read_range, self.pauses))

    def read_beginnings(self, names: Sequence[str], size: int) -> list[bytes]:
        """Return the first bytes of objects, a few at the same time."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(lambda name: self._read_beginning(name, size), names))

    def has(self, name: str) -> bool:
        """Whether there is an object of that name."""
        with translate_refusals():
            return self.read_tag(name) is not None

    def remove(self, name: str) -> None:
        """Delete an object."""
        with translate_refusals():
            self.delete(name)
        hit_failpoint("depot.removed")

    def list_files(self) -> Iterator[tuple[str, float]]:
        """Yield all objects, page by page. Raises rather than leave one out: what is not listed may lose its key."""
        with translate_refusals():
            yield from self._iter_written()

    def sweep(self, oldest: float) -> None:
        """Abort the uploads in parts that were begun before `oldest`: a killed process left them, and they are paid."""
        query = {"uploads": "", "prefix": self.prefix}
        with translate_refusals():
            reply = self._ask("GET", self._locate_query(query), good=(200, 403, _NOT_OFFERED))
            if reply.status != 200:  # a right of its own; without it, a rule of the store clears away
                return
            for entry in parse_xml(reply.content).iterfind("Upload"):
                name = entry.findtext("Key", "").removeprefix(self.prefix)
                if "/" not in name and _read_moment(entry.findtext("Initiated", "")) < oldest:
                    self._drop_parts(name, entry.findtext("UploadId", ""))

    def is_second_refused(self, draft: Path, name: str) -> bool:
        """Whether the store refuses to put a draft, by itself, where an object has the name."""
        with translate_refusals():
            return self._send_once(draft, name, _ONLY_NEW) in (_CHANGED, _CONFLICT)

    def read_tag(self, name: str) -> str | None:
        """Return the tag of an object as the store has it; None where there is none."""
        reply = self._ask("HEAD", self._locate(name), good=(200, _GONE))
        return reply.headers.get("etag", "") if reply.status == 200 else None

    def read_flag(self, query: str, element: str) -> str:
        """Return what the bucket says of one of its settings; empty where it says nothing, or may not be asked."""
        location = self.session.base.copy_with(raw_path=f"{self._locate('').raw_path.decode()}?{query}=".encode())
        with translate_refusals():
            reply = self._ask("GET", location, good=(200, 400, 403, _GONE, 405, _NOT_OFFERED))
            return parse_xml(reply.content).findtext(element, "") if reply.status == 200 else ""

    def _send(self, draft: Path, name: str, condition: Mapping[str, str]) -> bool:
        """Put a draft under a condition; return whether it holds. A store that knows none is asked without one."""
        status = self._send_once(draft, name, condition)
        if status == _NOT_OFFERED:
            status = self._send_once(draft, name, {})
        elif status == _GONE:  # what was to be replaced is gone meanwhile
            status = self._send_once(draft, name, _ONLY_NEW)
        hit_failpoint("depot.sent")
        return status == 200

    def _send_once(self, draft: Path, name: str, condition: Mapping[str, str]) -> int:
        with draft.open("rb") as file:
            first = file.read(PART + 1)
            if len(first) > PART:
                file.seek(0)
                return self._send_parts(file, name, condition)
        refusals = (_CHANGED, _CONFLICT, _NOT_OFFERED) if condition else ()
        good = (200, *refusals, *((_GONE,) if "if-match" in condition else ()))
        return self._ask("PUT", self._locate(name), condition, Body(first), good=good).status

    def _send_parts(self, file: IO[bytes], name: str, condition: Mapping[str, str]) -> int:
        """Put a large file in parts, of which nothing is seen before the last; what fails leaves none behind."""
        upload = self._begin_parts(name)
        try:
            tags: list[str] = []
            while part := file.read(PART):
                tags.append(self._write_part(name, upload, len(tags) + 1, part))
                hit_failpoint("depot.part")
            status = self._finish_parts(name, upload, tags, condition, also=(_GONE,))
        except BaseException:
            with contextlib.suppress(TransientError, FlowError, FatalError):
                self._drop_parts(name, upload)
            raise
        if status == _GONE:  # joined by an earlier try, whose answer was lost; or swept by another process
            if self.read_tag(name) is None:
                self._drop_parts(name, upload)
                raise TransientError("incident.folder.failing")
            return _CHANGED
        if status != 200:
            self._drop_parts(name, upload)
        return status

    def _read_beginning(self, name: str, size: int) -> bytes:
        headers = {"range": f"bytes=0-{size - 1}"}
        for pause in (*self.pauses, None):
            with translate_refusals():
                reply = self._ask("GET", self._locate(name), headers, good=(200, 206, _GONE, 416))
            if reply.status in (_GONE, 416):
                return b""
            total = reply.headers.get("content-range", "").rpartition("/")[2]
            # a short answer must not look like a file without a key: that key would be destroyed
            if reply.status == 200 or len(reply.content) == min(size, int(total) if total.isdigit() else size):
                return reply.content[:size]
            if pause is not None:
                time.sleep(pause)
        raise TransientError("incident.depot.away")

    def _iter_written(self) -> Iterator[tuple[str, float]]:
        asked = {"list-type": "2", "delimiter": "/", "encoding-type": "url", "prefix": self.prefix}
        following = ""
        while True:
            query = {**asked, "continuation-token": following} if following else asked
            page = parse_page(self._ask("GET", self._locate_query(query)).content, self.prefix)
            yield from ((name, state.modified / 10**9) for name, state in page.objects)
            if not page.is_cut:
                return
            if page.following in ("", following):
                raise FatalError("incident.depot.incompatible")
            following = page.following

    def _ask(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str] | None = None,
        body: Body = NOTHING,
        *,
        good: tuple[int, ...] = (200,),
        fault: str = "incident.folder.unwritable",
    ) -> Reply:
        """Ask, and ask again a few times what passes. Everything here may be asked twice."""
        if body.content:
            digest = hashlib.md5(body.content, usedforsecurity=False).digest()
            headers = {**(headers or {}), "content-md5": base64.b64encode(digest).decode()}
        reply, code = self._ask_again(method, url, headers, body)
        if code == "NoSuchBucket":
            raise FatalError("incident.depot.absent")
        if reply.status in good:
            return reply
        if code == _SKEWED:
            raise FatalError("incident.depot.clock")
        if code in _GARBLED:
            raise TransientError("incident.folder.failing")
        return refuse(reply, fault)

    def _ask_again(
        self, method: str, url: httpx.URL, headers: Mapping[str, str] | None, body: Body
    ) -> tuple[Reply, str]:
        """Return the last answer and its code. An answer that never came is asked for again, too."""
        for pause in self.pauses:
            with contextlib.suppress(TransientError):
                reply = self.session.ask(method, url, headers, body)
                code = find_code(reply.content) if reply.status >= _SPEAKS else ""
                if reply.status not in _PASSING and reply.status != _CONFLICT and code not in _GARBLED:
                    return reply, code
            time.sleep(pause)
        reply = self.session.ask(method, url, headers, body)
        return reply, find_code(reply.content) if reply.status >= _SPEAKS else ""


@contextlib.contextmanager
def translate_refusals() -> Iterator[None]:
    """Turn what concerns a flow into what concerns all of them: without the depot none goes on."""
    try:
        yield
    except FlowError as error:
        raise FatalError(_FATAL.get(error.code, "incident.depot.untrusted")) from None
    except TransientError as error:
        if error.code == "incident.folder.full":
            raise FatalError("incident.depot.full") from None
        if error.code == "incident.folder.away":  # nobody has such a bucket there
            raise FatalError("incident.depot.absent") from None
        raise TransientError("incident.depot.away") from None


def _read_moment(text: str) -> float:
    """Return a moment in seconds; one that nobody understands is never old."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return float("inf")
