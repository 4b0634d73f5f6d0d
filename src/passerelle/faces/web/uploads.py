"""Takes a file that a browser sends: within a size, within a time, in memory alone, as many as a form asks for."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from passerelle.faces.web.visits import UploadedFile, VisitRefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request

LARGEST_FILE = 50 * 1024 * 1024
LARGEST_PUBLIC_FILE = 20 * 1024 * 1024
"""Of somebody without an account."""
_ENVELOPE = 64 * 1024
"""Bytes of a form beside its file."""
_SECONDS = 300


class _MemoryParser(MultiPartParser):
    """Keeps the file in memory: one that is larger than a limit would otherwise lie on disk, in clear."""

    spool_max_size = LARGEST_FILE + _ENVELOPE


async def read_upload(
    request: Request, largest: int, most_files: int = 1
) -> tuple[dict[str, str], tuple[UploadedFile, ...]]:
    """Return the fields of a form and its files. Raises VisitRefusedError: too large together, too slow, or no form."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise VisitRefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    parser = _MemoryParser(
        request.headers,
        _count(request, largest + _ENVELOPE),
        max_files=most_files,
        max_fields=10,
        max_part_size=16 * 1024,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            form = await parser.parse()
    except TimeoutError:
        raise VisitRefusedError(HTTPStatus.REQUEST_TIMEOUT) from None
    except (MultiPartException, UnicodeDecodeError, KeyError):
        raise VisitRefusedError(HTTPStatus.BAD_REQUEST) from None
    fields: dict[str, str] = {}
    uploads: list[UploadedFile] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            content = await value.read()
            # a form whose file was not chosen sends an empty one without a name
            if value.filename:
                uploads.append(UploadedFile(value.filename, content, name))
            await value.close()
        elif name in fields or "\0" in value:
            raise VisitRefusedError(HTTPStatus.BAD_REQUEST)
        else:
            fields[name] = value
    return fields, tuple(uploads)


async def _count(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """Yield the body, counted as it comes: what a request announces need not be true."""
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            raise VisitRefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        yield piece
