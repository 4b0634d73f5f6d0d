"""The texts of a tender, kept as data in both languages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import get
from passerelle.tender.requirement import Said
from passerelle.vocabulary.formatting import typeset

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXTS = files("passerelle.tender") / "texts"


@cache
def texts(name: str) -> Mapping[str, Any]:
    """Read a file of texts: `measures`, `trades/saad`."""
    return tomllib.loads((_TEXTS / f"{name}.toml").read_text("utf-8"))


def names(folder: str) -> tuple[str, ...]:
    """Name the files of texts of a folder, in alphabetical order."""
    return tuple(
        sorted(one.name.removesuffix(".toml") for one in (_TEXTS / folder).iterdir() if one.name.endswith(".toml"))
    )


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


def both(write: Any, *given: Any) -> Said:
    """Write something in both languages."""
    return Said(write(*given, "fr"), write(*given, "en"))


def record_title(contract_id: str) -> Said:
    """Give the title of a contract."""
    about = get(contract_id).about
    return Said(about.fr_title, about.en_title)


def field_title(contract_id: str, name: str) -> Said:
    """Give the title of a field."""
    entry = get(contract_id).describe_fields()[name]
    return Said(entry.fr_title, entry.en_title)
