"""Workbooks of before 2007, made byte by byte: nobody here writes them any more, and suppliers still do.

After [MS-CFB] (the container) and [MS-XLS] (BIFF8): one stream of records in sectors of 512 bytes.
"""

from __future__ import annotations

import struct

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR = 512


def make_old_workbook(rows: list[list[str | float]], *, name: str = "Feuil1", stream: str = "Workbook") -> bytes:
    """Return a workbook of one sheet; with another `stream`, a container of some other program."""
    content = _make_records(rows, name)
    content += b"\0" * (max(4096, -(-len(content) // _SECTOR) * _SECTOR) - len(content))
    count = len(content) // _SECTOR
    chain = [*range(3, count + 2), _END]
    fat = [_FAT, _END, *chain]
    directory = _make_entry("Root Entry", 5, child=1) + _make_entry(stream, 2, start=2, size=len(content))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6),
        *(0, 1, 1, 0, 4096, _END, 0, _END, 0, 0),
    )
    header += struct.pack("<I", _FREE) * ((_SECTOR - len(header)) // 4)
    table = struct.pack(f"<{len(fat)}I", *fat)
    return header + table.ljust(_SECTOR, b"\xff") + directory.ljust(_SECTOR, b"\0") + content


def _make_entry(name: str, kind: int, *, child: int = _FREE, start: int = _END, size: int = 0) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBBIII16xI16xIII", text, len(text), kind, 1, _FREE, _FREE, child, 0, start, size, 0)


def _make_record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _make_records(rows: list[list[str | float]], name: str) -> bytes:
    opening = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
    text = name.encode("latin-1")
    before = _make_record(0x0809, opening) + _make_record(0x0042, struct.pack("<H", 1200))
    bound = struct.pack("<IBBBB", len(before) + 4 + 8 + len(text) + 4, 0, 0, len(text), 0) + text
    sheet = _make_record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    sheet += _make_record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                body = struct.pack("<HHHHB", row, column, 0, len(cell), 1) + cell.encode("utf-16-le")
                sheet += _make_record(0x0204, body)
            else:
                sheet += _make_record(0x0203, struct.pack("<HHHd", row, column, 0, cell))
    return before + _make_record(0x0085, bound) + _make_record(0x000A, b"") + sheet + _make_record(0x000A, b"")
