"""Zip files whose bytes depend on their content only: sorted names, one date, one way to compress."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATE = (2000, 1, 1, 0, 0, 0)
_RIGHTS = 0o644 << 16
_FIRST = "[Content_Types].xml"
"""Readers of office files want it first."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return an archive of files by name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files, key=lambda name: (name != _FIRST, name)):
            entry = zipfile.ZipInfo(name, _DATE)
            # `create_system` 3 (Unix): zipfile would write that of the machine.
            # A wheel is compressed already.
            method = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
            entry.external_attr, entry.compress_type, entry.create_system = _RIGHTS, method, 3
            archive.writestr(entry, files[name], compresslevel=9)
    return stream.getvalue()


def repack(content: bytes) -> bytes:
    """Return the same archive with fixed order, date and compression."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return pack({name: archive.read(name) for name in archive.namelist()})
