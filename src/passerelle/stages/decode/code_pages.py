"""Recognises the code page of a text whose bytes would be letters and signs in several: by what stands in its words.

French written in cp850 (DOS) and read as cp1252 is `H‚lŠne`: signs where no language has any. Each code page is
weighed by the letters that it gives; another than cp1252 is taken only where cp1252 cannot be right and it can.
"""

from __future__ import annotations

import codecs
from dataclasses import field
from typing import TYPE_CHECKING

import numpy as np

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray


MISTAKABLE = frozenset(codecs.lookup(name).name for name in ("cp1252", "latin-1", "iso8859-15"))
"""Encodings that other code pages are taken for."""
_PIECE = 1 << 20
_CANDIDATES = ("cp850", "mac-roman")
"""cp437 has the same small letters as cp850, and no other French ones."""
_FRENCH = {**dict.fromkeys("éÉ", 1.5), **dict.fromkeys("èêàçÈÊÀÇ", 1.2), **dict.fromkeys("ëâôîïùûœËÂÔÎÏÙÛŒ", 1.0)}
"""How well letters stand for French, roughly in the order of their frequency; ö, ü, ñ… are names."""
_NAMES = dict.fromkeys("öüñæÖÜÑÆ", 0.3)
_FIRST, _AFTER_SMALL, _AFTER_CAPITAL = range(3)
_MARGIN = 1.0
"""How much better than cp1252 another code page must explain the text."""
_MOST_ODD = 0.1
"""Share of the bytes in words that the better one may leave unexplained."""
_SIGN, _SMALL, _CAPITAL, _DIGIT, _HIGH = range(5)
"""What may stand before a byte: anything else, a small letter, a capital, a digit, a byte beyond ASCII."""
_SIGN_BEHIND, _LETTER_BEHIND, _HIGH_BEHIND = range(3)
"""What may stand behind it."""


def _sort_bytes(kinds: Mapping[bytes, int], other: int, step: int) -> NDArray[np.int64]:
    """Return where a count is kept, for each byte of ASCII by its kind and for those beyond: a multiple of `step`."""
    sorted_bytes = np.zeros(256, dtype=np.int64)
    sorted_bytes[0x80:] = other
    for some, kind in kinds.items():
        sorted_bytes[list(some)] = kind
    return sorted_bytes * step


_SMALLS, _CAPITALS_OF_ASCII, _DIGITS = b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789"
_BEFORE = _sort_bytes({_SMALLS: _SMALL, _CAPITALS_OF_ASCII: _CAPITAL, _DIGITS: _DIGIT}, _HIGH, 3 * 256)
_BEHIND = _sort_bytes({_SMALLS + _CAPITALS_OF_ASCII: _LETTER_BEHIND}, _HIGH_BEHIND, 256)
_BESIDE = np.array([0x81, 0x82, 0x83, 0x87, 0x88, 0x8D, 0x8F, 0x90, 0x9D])
"""Bytes of cp1252 that stand beside a letter in no language, or are nothing at all."""
_BETWEEN = np.array([0x84, 0x86, 0x89, 0x8B, 0x93, 0x94, 0x95, 0x98, 0x99, 0x9B, 0xA2, 0xA3, 0xA4, 0xA5])
"""Those that may stand beside a letter (quotes, signs), but not between two.

0x85 is none: people write «oui…non», while no French word has the à of cp850 between two letters.
"""
_CAPITALS = np.array([0x8A, 0x8C, 0x8E, 0x9F])
"""Š, Œ, Ž and Ÿ: no word has them behind a small letter."""
_OE = np.array([0xBC, 0xBD])
"""Œ and œ of Latin-9, ¼ and ½ of cp1252."""


@dataclass(slots=True)
class _HighBytes:
    """Bytes beyond ASCII in a text, counted by what stands before and behind them."""

    tally: NDArray[np.int64] = field(default_factory=lambda: np.zeros((5, 3, 256), dtype=np.int64))

    def add(self, data: NDArray[np.uint8]) -> None:
        places = np.flatnonzero(data.view(np.int8) < 0)
        if not places.size:
            return
        before = data[places - 1]
        before[places == 0] = 0
        behind = data[np.minimum(places + 1, data.size - 1)]
        # one number for the three of them: a single pass counts what a mask for each question would need many for
        cells = _BEFORE[before] + _BEHIND[behind] + data[places]
        self.tally += np.bincount(cells, minlength=self.tally.size).reshape(self.tally.shape)

    @property
    def every(self) -> NDArray[np.int64]:
        """All, by byte."""
        every: NDArray[np.int64] = self.tally.sum(axis=(0, 1))
        return every

    @property
    def beside(self) -> NDArray[np.int64]:
        """Those beside a letter, by what is before them and by byte."""
        first = self.tally[[_SIGN, _DIGIT, _HIGH], _LETTER_BEHIND].sum(axis=0)
        return np.stack([first, self.tally[_SMALL].sum(axis=0), self.tally[_CAPITAL].sum(axis=0)])

    @property
    def between(self) -> NDArray[np.int64]:
        """Those between two letters, by byte."""
        # One letter is enough where the other side is beyond ASCII too: it may be a letter, «créée».
        inside = self.tally[[_SMALL, _CAPITAL], _LETTER_BEHIND:].sum(axis=(0, 1))
        found: NDArray[np.int64] = inside + self.tally[_HIGH, _LETTER_BEHIND]
        found[_OE] += self.tally[_SIGN, _LETTER_BEHIND, _OE]  # «½uvre», and not «1½h»
        return found


def recognise(read: Callable[[int], bytes]) -> str:
    """Return the code page in which a text was surely written; empty where nothing speaks against cp1252."""
    counts = _HighBytes()
    while chunk := read(_PIECE):
        if not chunk.isascii():
            counts.add(np.frombuffer(chunk, dtype=np.uint8))
    if _is_latin9(counts):
        return "iso8859-15"
    impossible = int(counts.beside[:, _BESIDE].sum() + counts.between[_BETWEEN].sum())
    impossible += int(counts.beside[_AFTER_SMALL, _CAPITALS].sum())
    if not impossible:
        return ""
    scores = {codec: float((counts.beside * _weigh_bytes(codec)).sum()) for codec in (*_CANDIDATES, "cp1252")}
    second, best = sorted(_CANDIDATES, key=lambda codec: scores[codec])[-2:]
    odd = int(counts.beside[_weigh_bytes(best) < 0].sum())
    is_sure = scores[best] >= scores["cp1252"] + _MARGIN and odd <= _MOST_ODD * counts.beside.sum()
    is_alone = scores[best] > max(0.0, scores[second])
    return best if is_sure and is_alone else ""


def _is_latin9(counts: _HighBytes) -> bool:
    """Whether a text has œ or € of Latin-9, and nothing where Latin-9 has only control characters."""
    return not counts.every[0x80:0xA0].any() and bool(counts.between[_OE].any() or counts.every[0xA4])


def _weigh_bytes(codec: str) -> NDArray[np.float64]:
    """Return how well each byte of a code page stands in a word: by what is before it, and by byte."""
    weights = np.zeros((3, 256))
    for byte in range(0x80, 0x100):
        text = bytes([byte]).decode(codec, "replace")
        for before in range(3):
            weights[before, byte] = _weigh_letter(text, before)
    return weights


def _weigh_letter(text: str, before: int) -> float:
    if text in "’‘«»°·\u00a0":
        return 0.0  # beside words in every text
    if not text.isalpha():
        return -2.0
    if text.isupper() and before == _AFTER_SMALL:
        return -2.0  # no word has a capital inside
    if text == "Ç" and before == _FIRST:
        # 0x82 is é in cp850 and Ç in Mac Roman: many words begin with é, and hardly any with Ç.
        return 1.0
    weight = {**_FRENCH, **_NAMES}.get(text, -0.5)
    # Small letters stand behind small ones: a capital before them begins a name, and few words begin with an accent.
    return weight * (0.7 if text.islower() and before != _AFTER_SMALL else 1.0)
