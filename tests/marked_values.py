"""Marked values, and every way in which one of them may be written in bytes."""

from __future__ import annotations

import base64
import json
import unicodedata
from urllib.parse import quote

MARKS = [f"Kanari{number:02d}zqzq" for number in range(40)] + [f"Kânàri{number:02d}zqzq" for number in range(40, 68)]
"""No other text of the house contains one of these. Those with accents can be written in more ways."""
PHONE, NIR = "0612345678", "188057512345644"


def list_writings(mark: str) -> set[bytes]:
    """Return the bytes that a mark may be in: composed or not, percent-encoded, in other encodings, in base64."""
    texts = {
        unicodedata.normalize(form, word) for form in ("NFC", "NFD") for word in (mark, mark.upper(), mark.lower())
    }
    texts |= {quote(text) for text in texts} | {json.dumps(text)[1:-1] for text in texts}
    texts |= {text.encode("ascii", "xmlcharrefreplace").decode() for text in texts}
    plain = {text.encode(name) for text in texts for name in ("utf-8", "utf-16-le", "utf-16-be")}
    plain |= {text.encode("latin-1") for text in texts if unicodedata.is_normalized("NFC", text)}
    return plain | {one.hex().encode() for one in plain} | {found for one in plain for found in _list_base64(one)}


def _list_base64(content: bytes) -> set[bytes]:
    """Return what is surely in the base64 of any text with these bytes, at each of its three alignments."""
    inside = set()
    for skipped in range(3):
        encoded = base64.b64encode(b"\0" * skipped + content)
        # the letters at both ends depend on the neighbours
        middle = encoded[4 if skipped else 0 : len(encoded) // 4 * 4 - 4]
        inside |= {middle, middle.replace(b"+", b"-").replace(b"/", b"_")}
    return {one for one in inside if len(one) >= 8}


WRITINGS = {writing: mark for mark in (*MARKS, PHONE, NIR) for writing in list_writings(mark)}


def find_marks(content: bytes) -> list[str]:
    """Return the marks that are in some bytes, however they are written."""
    return sorted({mark for writing, mark in WRITINGS.items() if writing in content})
