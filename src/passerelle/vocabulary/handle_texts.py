"""The text of a handle: 32 consonants, of which no number, date or address, and hardly a name, can be a part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Neither digits nor vowels: whoever looks for a date, a number or a name in a file finds none by chance.
_LETTERS = np.frombuffer(b"bcdfghjkmnpqrstv", dtype=np.uint8)
_PAIRS = np.stack([np.repeat(_LETTERS, 16), np.tile(_LETTERS, 16)], axis=1).copy().view(np.uint16).ravel()
"""By value of a byte: its two letters, as they stand in memory."""
_DIGITS = str.maketrans(_LETTERS.tobytes().decode(), "0123456789abcdef")
_SHAPE = re.compile(f"[{_LETTERS.tobytes().decode()}]{{32}}")


def write_handle_texts(tags: NDArray[np.uint8]) -> pl.Series:
    """Return the texts of pseudonyms (shape: number of texts, 16), one a row. No two pseudonyms share a text."""
    letters = _PAIRS[tags].view(np.uint8).reshape(len(tags), 2 * tags.shape[1])
    # polars has no texts of fixed length: lists of bytes become texts column-wise.
    octets = pl.Series(letters, dtype=pl.Array(pl.UInt8, letters.shape[1]))
    return octets.cast(pl.List(pl.UInt8)).cast(pl.Binary).cast(pl.String)


def read_handle_text(local: str) -> bytes:
    """Return the pseudonym that a text of a handle was written from. Raises ValueError for any other text."""
    if not is_handle_text(local):
        raise ValueError
    return bytes.fromhex(local.translate(_DIGITS))


def is_handle_text(local: str) -> bool:
    """Whether the local part of a reference is the text of a handle."""
    return _SHAPE.fullmatch(local) is not None
