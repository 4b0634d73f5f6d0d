"""The body of an answer, read bit by bit and never beyond its limit, whatever its headers promise."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterable

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class GarbledError(Exception):
    """The body cannot be decompressed, or was cut. Says nothing of its content."""


def read_bounded(chunks: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """Join the chunks of a body, decompressing if the server compressed although we asked it not to.

    Raises FlowError when more than `limit` bytes come out, GarbledError when it was cut or is in another coding.
    """
    coding = encoding.strip().lower()
    if coding in ("", "identity"):
        return _plain(chunks, limit)
    if coding in ("gzip", "x-gzip", "deflate"):
        return _inflated(chunks, limit)
    raise GarbledError


def _plain(chunks: Iterable[bytes], limit: int) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        _check(len(content), limit)
    return bytes(content)


def _inflated(chunks: Iterable[bytes], limit: int) -> bytes:
    inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
    content = bytearray()
    for chunk in chunks:
        try:
            content += inflater.decompress(chunk, limit - len(content) + 1)
        except zlib.error:
            raise GarbledError from None
        _check(len(content), limit)
    if not inflater.eof:
        raise GarbledError
    return bytes(content)


def _check(size: int, limit: int) -> None:
    if size > limit:
        raise FlowError("incident.supplier.oversized", limit=str(limit))
