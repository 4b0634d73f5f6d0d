"""The texts of a tender, kept as data in both languages; numbers, shares and dates as people write them."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import get
from passerelle.tender.requirement import Said

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXTS = files("passerelle.tender") / "texts"
_MONTHS = {
    "fr": "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
    "en": "January|February|March|April|May|June|July|August|September|October|November|December",
}
_BEFORE = re.compile(r" ([:;!?»%€])")
_AFTER = re.compile(r"« ")
NO_BREAK = "\u00a0"
_THOUSANDS = {"fr": "\u202f", "en": ","}


@cache
def texts(name: str) -> Mapping[str, Any]:
    """Read a file of texts: `measures`, `trades/saad`."""
    return tomllib.loads((_TEXTS / f"{name}.toml").read_text("utf-8"))


def names(folder: str) -> tuple[str, ...]:
    """Name the files of texts of a folder, in alphabetical order."""
    return tuple(
        sorted(one.name.removesuffix(".toml") for one in (_TEXTS / folder).iterdir() if one.name.endswith(".toml"))
    )


def typeset(text: str) -> str:
    """Set French no-break spaces where French puts a space before a mark; other texts stay as they are."""
    return _AFTER.sub(f"«{NO_BREAK}", _BEFORE.sub(rf"{NO_BREAK}\1", text))


def said(entry: Mapping[str, Any], **words: Said | str) -> Said:
    """Read `{fr, en}` and fill in words, each in its language."""
    return Said(*(typeset(_filled(entry[language], words, language)) for language in ("fr", "en")))


def _filled(text: str, words: Mapping[str, Said | str], language: str) -> str:
    if not words:
        return text
    return text.format(**{name: word.of(language) if isinstance(word, Said) else word for name, word in words.items()})


def word(file: str, table: str, name: str, language: str, /, **facts: str) -> str:
    """Give one `{fr, en}` entry of a file of texts in a language, with its facts filled in."""
    text = said(texts(file)[table][name]).of(language)
    return text.format(**facts) if facts else text


def share(part: float, language: str) -> str:
    """Write a share: `99,5 %`."""
    figure = f"{part * 100:.2f}".rstrip("0").rstrip(".")
    return f"{figure.replace('.', ',') if language == 'fr' else figure}{NO_BREAK}%"


def both(write: Any, *given: Any) -> Said:
    """Write something in both languages."""
    return Said(write(*given, "fr"), write(*given, "en"))


def count(number: int, language: str) -> str:
    """Write a whole number: `18 000`."""
    return f"{number:,}".replace(",", _THOUSANDS[language])


def day(text: str, language: str) -> str:
    """Write a date in words, `21 novembre 2026`; what is not a date stays as it is."""
    try:
        when = date.fromisoformat(text)
    except ValueError:
        return text
    number = "1er" if language == "fr" and when.day == 1 else str(when.day)
    return NO_BREAK.join((number, _MONTHS[language].split("|")[when.month - 1], str(when.year)))


def record_title(contract_id: str) -> Said:
    """Give the title of a contract."""
    about = get(contract_id).about
    return Said(about.fr_title, about.en_title)


def field_title(contract_id: str, name: str) -> Said:
    """Give the title of a field."""
    entry = get(contract_id).facts()[name]
    return Said(entry.fr_title, entry.en_title)


def labelled(label: str, text: str, language: str) -> str:
    """Write what is spoken of, then what is said of it; each language has its own colon."""
    return f"{label}{NO_BREAK if language == 'fr' else ''}: {text}"
