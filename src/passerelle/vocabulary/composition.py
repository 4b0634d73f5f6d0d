"""Composed letters (Unicode NFC): «é» is one character, as most programs write it, and not «e» with an accent after it.

macOS decomposes names of files, and some exports their texts: the same word would not be the same (UAX #15).
"""

from __future__ import annotations

import re
import unicodedata
from fnmatch import fnmatchcase
from urllib.parse import quote, unquote

_ENCODED = re.compile("(?:%[89A-F][0-9A-F])+", re.IGNORECASE)
"""Percent-encoded bytes of UTF-8 beyond ASCII."""


def compose(text: str) -> str:
    """Return a text with its letters composed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def list_ref_forms(ref: str) -> tuple[str, ...]:
    """Return the forms in which a reference may have been recorded before, each once; that of today first.

    References percent-encode what is not ASCII: an accent behind its letter is encoded apart from it.
    """
    text = _ENCODED.sub(lambda run: unquote(run[0], errors="replace"), ref)
    if text.isascii():
        return (ref,)
    forms = (_encode(unicodedata.normalize(form, text)) for form in ("NFC", "NFD"))
    return tuple(dict.fromkeys((*forms, ref)))


def _encode(text: str) -> str:
    return "".join(char if char.isascii() else quote(char) for char in text)


def match_glob(name: str, glob: str) -> bool:
    """Whether the name of a file is as a pattern says: upper and lower case alike, composed or not."""
    return fnmatchcase(compose(name.lower()), compose(glob.lower()))
