"""AES-CMAC (RFC 4493, NIST SP 800-38B) of many texts at once: one pass of the cipher for each sixteen bytes.

A million records have a reference and a content each: calling the cipher once per text takes longer than translating
them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import CipherContext
    from numpy.typing import NDArray

    Blocks = NDArray[np.uint8]

SIZE = 16
"""Bytes of a tag, and of an AES block."""
_OFFSETS = np.arange(SIZE)


def compute_tags(key: bytes, texts: bytes, sizes: NDArray[np.int64]) -> Blocks:
    """Return the tag of each text, shape (number of texts, 16).

    `texts` is the concatenation of the texts, `sizes` the length of each in bytes. Memory: the texts twice.
    """
    if not len(sizes):
        return np.zeros((0, SIZE), dtype=np.uint8)
    cipher = Cipher(AES(key), ECB()).encryptor()  # noqa: S305  the block cipher itself: chaining is done here
    whole, cut = _derive_subkeys(cipher)
    blocks = np.maximum(-(-sizes // SIZE), 1)  # an empty text has one block, all padding (RFC 4493, 2.4)
    # Longest first, so that the texts that still have an nth block are always the first ones.
    longest_first = np.argsort(-blocks, kind="stable")
    starts = (np.cumsum(sizes) - sizes)[longest_first]
    remaining = sizes[longest_first]
    alive = np.searchsorted(-blocks[longest_first], -np.arange(blocks.max() + 1), side="left")
    # Any 16 bytes of the texts can be taken without a copy; the zeros let the last window start at the last byte.
    windows = np.ndarray((len(texts) + 1,), f"V{SIZE}", texts + bytes(SIZE), strides=(1,))
    state = np.zeros((len(sizes), 2), dtype=np.uint64)
    for nth, (now, after) in enumerate(pairwise(alive.tolist())):
        block = windows[starts[:now] + nth * SIZE].view(np.uint8).reshape(-1, SIZE)
        block[after:] = _close_blocks(block[after:], remaining[after:now] - nth * SIZE, whole, cut)
        # In ECB mode one call enciphers every text's block independently: the chaining is the XOR with `state`.
        mixed = state[:now] ^ block.view(np.uint64)
        state[:now] = np.frombuffer(cipher.update(mixed.data.cast("B")), dtype=np.uint64).reshape(-1, 2)
    tags = np.empty_like(state)
    tags[longest_first] = state
    return tags.view(np.uint8)


def open_tag(key: bytes, tag: bytes) -> bytes:
    """Return the text of one block whose tag this is: of so short a text, the tag is the block enciphered.

    RFC 4493, 2.4: one complete block is enciphered once, under K1. Any other tag opens as a block of chance.
    """
    whole, _cut = _derive_subkeys(Cipher(AES(key), ECB()).encryptor())  # noqa: S305  as in `compute_tags`
    plain = Cipher(AES(key), ECB()).decryptor().update(tag)  # noqa: S305  as in `compute_tags`
    return (np.frombuffer(plain, dtype=np.uint8) ^ whole).tobytes()


def _derive_subkeys(cipher: CipherContext) -> tuple[Blocks, Blocks]:
    """Return the subkeys K1, for a full last block, and K2, for a padded one (RFC 4493, 2.3)."""
    start = int.from_bytes(cipher.update(bytes(SIZE)), "big")
    whole = _double(start)
    return _to_block(whole), _to_block(_double(whole))


def _double(number: int) -> int:
    """Multiply by x in GF(2^128); 0x87 is the constant Rb of RFC 4493."""
    return (number << 1) % (1 << 128) ^ (0x87 if number >> 127 else 0)


def _to_block(number: int) -> Blocks:
    return np.frombuffer(number.to_bytes(SIZE, "big"), dtype=np.uint8)


def _close_blocks(last: Blocks, remaining: NDArray[np.int64], whole: Blocks, cut: Blocks) -> Blocks:
    """Return last blocks, padded with `10…0` after their `remaining` bytes, XOR the subkey K1 or K2."""
    lengths = remaining[:, None]
    padded = np.where(lengths > _OFFSETS, last, 0).astype(np.uint8)
    padded[lengths == _OFFSETS] = 0x80
    return padded ^ np.where(lengths == SIZE, whole, cut).astype(np.uint8)
