"""How a message of OpenPGP looks from outside: what opens it and what cannot read it tell it from other files."""

from __future__ import annotations

_ARMOR = b"-----BEGIN PGP MESSAGE-----"
_VERSIONS = (3, 6)
"""Of the packet that holds a session key for somebody."""


def is_message(head: bytes) -> bool:
    """Whether a file begins as a message does that is encrypted for somebody: in armour, or with its first packet."""
    if head.lstrip().startswith(_ARMOR):
        return True
    if len(head) < 7:
        return False
    # RFC 9580 §4.2: where the version stands depends on how the length of the packet is written
    if head[0] == 0xC1:
        place = 2 if head[1] < 192 else 3 if head[1] < 224 else 6
    elif head[0] in (0x84, 0x85, 0x86):
        place = {0x84: 2, 0x85: 3, 0x86: 5}[head[0]]
    else:
        return False
    return head[place] in _VERSIONS
