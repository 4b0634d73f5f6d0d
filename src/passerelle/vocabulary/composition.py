"""Composed letters (Unicode NFC): «é» is one character, as most programs write it, and not «e» with an accent after it.

macOS decomposes names of files, and some exports their texts: the same word would not be the same (UAX #15).
"""

from __future__ import annotations

import unicodedata


def compose(text: str) -> str:
    """Return a text with its letters composed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def list_forms(text: str) -> tuple[str, ...]:
    """Return the forms in which a text may have been recorded before: composed, as it is, decomposed; each once."""
    if text.isascii():
        return (text,)
    return tuple(dict.fromkeys((compose(text), text, unicodedata.normalize("NFD", text))))
