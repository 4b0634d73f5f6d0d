"""Damage of texts: characters that were lost, garbled, or cannot belong there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOJIBAKE = re.compile(
    "[\u00c2\u00c3][\u00a0-\u00bf]"  # é, è, à, °, « read as two characters
    "|\u00c3[\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"  # É, È, À
    "|\u00e2\u20ac[\u0152\u0153\u02dc\u00a6\u2018-\u201e\u2122]"  # typographic quotes, dashes
    "|\u00c5[\u201c\u2019\u00b8]"  # œ, Œ, Ÿ
)
"""UTF-8 read as cp1252, for the characters of the languages written around here."""

_WRONG_PAGE = r"(?<=[^\W\d_])([\u201a\u0192\u201e\u2020\u2021\u02c6\u2030\u2039])(?=[^\W\d_])"
"""Signs of cp1252 that stand between two letters in no language: é, â, ä, å, ç, ê, ë, ï of cp850, à, â of Mac Roman."""
_DAMAGE = re.compile("(\x00)|([\x80-\x9f])|([\ufffd\ud800-\udfff])|" + _WRONG_PAGE + "|(?:" + _MOJIBAKE.pattern + ")")
_HINT = re.compile(
    "[\x00\x80-\x9f\ufffd\ud800-\udfff\u201a\u0192\u201e\u2020\u2021\u02c6\u2030\u2039\u00c2\u00c3\u00c5\u00e2]"
)
"""A character of each damage. One class is searched for in C: most texts end there, and what looks around is slow."""
_CODES = {
    1: "decode.text.nul",
    2: "decode.text.control",
    3: "decode.text.replaced",
    4: "decode.text.code_page",
    None: "decode.text.mojibake",
}
_PAGE_SIGNS = np.zeros(256, dtype=np.bool_)
_PAGE_SIGNS[[0x9A, 0x9E, 0xA0, 0xA1, 0xB0, 0xB9]] = True
"""The third bytes of those of these signs that begin with E2 80 in UTF-8."""


def count_mojibake(text: str) -> int:
    """Count the garbled characters of a text."""
    if any(sign in text for sign in ("\u00c2", "\u00c3", "\u00c5", "\u00e2\u20ac")):
        return len(_MOJIBAKE.findall(text))
    return 0


def find_damage(text: str) -> str:
    """Return the code of the first damage in a text, or nothing."""
    if text.isascii() and "\0" not in text:
        return ""
    hint = _HINT.search(text)
    # One character earlier: a sign of another page is judged by the letter before it.
    match = _DAMAGE.search(text, max(hint.start() - 1, 0)) if hint else None
    return _CODES[match.lastindex] if match else ""


def find_suspects(data: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return the places in UTF-8 bytes where damage may be; none that is damaged is missing."""
    # No character from U+0080 on begins with a byte below 0xC2 (RFC 3629): most texts end the search here.
    lead = np.flatnonzero((data == 0) | (data >= 0xC2))
    if not lead.size:
        return lead
    first = data[lead]
    second = data[np.minimum(lead + 1, data.size - 1)]
    third = data[np.minimum(lead + 2, data.size - 1)]
    suspect = first == 0
    suspect |= (first == 0xC2) & (second < 0xA0)
    suspect |= (first == 0xC3) & ((second == 0x82) | (second == 0x83) | (second == 0x85))
    suspect |= (first == 0xC3) & (second == 0xA2) & (third == 0xE2)
    suspect |= (first == 0xEF) & (second == 0xBF)
    suspect |= (first == 0xE2) & (second == 0x80) & _PAGE_SIGNS[third]
    suspect |= (first == 0xC6) & (second == 0x92)
    suspect |= (first == 0xCB) & (second == 0x86)
    places: NDArray[np.intp] = lead[suspect]
    return places
