"""The texts of a tender, kept as data in both languages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import get
from passerelle.tender.requirement import BilingualText
from passerelle.vocabulary.formatting import typeset

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXTS = files("passerelle.tender") / "texts"


@cache
def load_texts(name: str) -> Mapping[str, Any]:
    """Read a file of texts: `measures`, `trades/saad`."""
    return tomllib.loads((_TEXTS / f"{name}.toml").read_text("utf-8"))


def list_names(folder: str) -> tuple[str, ...]:
    """Return the names of the files of texts of a folder, in alphabetical order."""
    return tuple(
        sorted(one.name.removesuffix(".toml") for one in (_TEXTS / folder).iterdir() if one.name.endswith(".toml"))
    )


def make_text(entry: Mapping[str, Any], **words: BilingualText | str) -> BilingualText:
    """Return the `{fr, en}` entry with words filled in, each in its language, and French punctuation set."""
    sides = []
    for language in ("fr", "en"):
        text = entry[language]
        # Without words the text is no format: a brace in it is a brace.
        if words:
            text = text.format(
                **{
                    name: value.of(language) if isinstance(value, BilingualText) else value
                    for name, value in words.items()
                }
            )
        sides.append(typeset(text))
    return BilingualText(*sides)


def get_word(file: str, table: str, name: str, language: str, /, **facts: str) -> str:
    """Return one `{fr, en}` entry of a file of texts in a language, with its facts filled in."""
    text = make_text(load_texts(file)[table][name]).of(language)
    return text.format(**facts) if facts else text


def format_both(write: Any, *given: Any) -> BilingualText:
    """Return what `write` makes of its arguments in both languages."""
    return BilingualText(write(*given, "fr"), write(*given, "en"))


def get_record_title(contract_id: str) -> BilingualText:
    """Return the title of a contract."""
    about = get(contract_id).about
    return BilingualText(about.fr_title, about.en_title)


def get_field_title(contract_id: str, name: str) -> BilingualText:
    """Return the title of a field."""
    entry = get(contract_id).describe_fields()[name]
    return BilingualText(entry.fr_title, entry.en_title)
