"""Reads the body of an answer chunk by chunk and never beyond its limit, whatever its headers claim."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterable

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class GarbledError(Exception):
    """The body cannot be decompressed, or was cut. Says nothing of its content."""


def read_bounded(chunks: Iterable[bytes], encoding: str, limit: int, *, cuts: bool = False) -> bytes:
    """Join the chunks of a body, decompressing if the server compressed although we asked it not to.

    `cuts`: only the beginning is wanted, as it comes. Raises FlowError when more than `limit` bytes come out,
    GarbledError when it was cut or is in another coding.
    """
    coding = encoding.strip().lower()
    if cuts:
        return _read_beginning(chunks, limit)
    if coding in ("", "identity"):
        content = bytearray()
        for chunk in chunks:
            content += chunk
            _check_size(len(content), limit)
        return bytes(content)
    if coding in ("gzip", "x-gzip", "deflate"):
        return _read_compressed(chunks, limit)
    raise GarbledError


def _read_beginning(chunks: Iterable[bytes], limit: int) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk[: limit - len(content)]
        if len(content) >= limit:
            break
    return bytes(content)


def _read_compressed(chunks: Iterable[bytes], limit: int) -> bytes:
    inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
    content = bytearray()
    for chunk in chunks:
        try:
            # bounded by what is left, plus one byte to see the excess: a few kilobytes can inflate to gigabytes
            content += inflater.decompress(chunk, limit - len(content) + 1)
        except zlib.error:
            raise GarbledError from None
        _check_size(len(content), limit)
    if not inflater.eof:
        raise GarbledError
    return bytes(content)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise FlowError("incident.supplier.oversized", limit=str(limit))
