"""Names why a document is not of its format: a web page in its place, an end that never came, or a slip inside."""

from __future__ import annotations

import re
from io import SEEK_END
from typing import IO

from passerelle.documents.table_page import is_web_page
from passerelle.stages.decode.kinds import describe_flaw
from passerelle.vocabulary.errors import ParcelError

_HEAD = 4096
"""Bytes at the beginning and at the end that are looked at."""
_CHUNK = 1 << 20
_CLOSING = {b"{": b"}", b"[": b"]"}
_BLANK = b"\xef\xbb\xbf \t\r\n"
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def explain_malformed_json(stream: IO[bytes], line: int) -> ParcelError:
    """Return the error of what is no JSON. `line` is where reading failed."""
    return _explain(stream, "JSON", line, is_cut=_is_left_open(stream))


def explain_malformed_xml(stream: IO[bytes], line: int, flaw: str = "", *, is_unfinished: bool) -> ParcelError:
    """Return the error of what is no XML.

    `flaw` names what is wrong with a value (`describe_flaw`); `is_unfinished` when the text ended before an element.
    """
    stream.seek(0)
    last = b""
    while chunk := stream.read(_CHUNK):
        last = (last + chunk)[-_HEAD:]
    ends_inside = stream.tell() > 0 and not last.rstrip(_BLANK).endswith(b">")
    stream.seek(0)
    begins = stream.read(_HEAD).lstrip(_BLANK).startswith(b"<")
    is_cut = begins and (is_unfinished or ends_inside)
    if flaw and not is_cut:
        return ParcelError("decode.parcel.flawed", declared="XML", line=str(line), what=describe_flaw(flaw))
    return _explain(stream, "XML", line, is_cut=is_cut)


def _explain(stream: IO[bytes], declared: str, line: int, *, is_cut: bool) -> ParcelError:
    stream.seek(0)
    if is_web_page(stream.read(_HEAD)):
        return ParcelError("decode.parcel.web_page", declared=declared)
    code = "decode.parcel.cut" if is_cut else "decode.parcel.malformed"
    return ParcelError(code, declared=declared, line=str(line))


def is_surely_cut(stream: IO[bytes]) -> bool:
    """Whether JSON that begins with a bracket ends with something else than the one that closes it."""
    stream.seek(0)
    closing = _CLOSING.get(stream.read(_HEAD).lstrip(_BLANK)[:1])
    stream.seek(max(stream.seek(0, SEEK_END) - _HEAD, 0))
    last = stream.read().rstrip(_BLANK)
    return closing is not None and bool(last) and not last.endswith(closing)


def _is_left_open(stream: IO[bytes]) -> bool:
    """Whether JSON ends before the bracket that it begins with is closed."""
    stream.seek(0)
    opening = stream.read(_HEAD).lstrip(_BLANK)[:1]
    if opening not in _CLOSING:
        return False
    stream.seek(0)
    opened, closed, rest = 0, 0, b""
    while chunk := stream.read(_CHUNK):
        text = _STRING.sub(b"", rest + chunk)
        text, quote, rest = text.partition(b'"')  # a string that goes on in the next chunk
        rest = quote + rest
        opened += text.count(opening)
        closed += text.count(_CLOSING[opening])
    return opened > closed
