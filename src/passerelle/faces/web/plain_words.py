"""Reasons in the words of people who have no terminal: no command, no name of a setting, no raw name of a field."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import catalogue
from passerelle.vocabulary.formatting import NOTHING
from passerelle.vocabulary.language import _, get_current
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.contracts.field_meta import FieldMeta

TERMINAL = re.compile(
    r"\bpasserelle [a-z]|(?<![\w-])--[a-z]|\.toml\b|\[\[?[a-z]|«[a-z]+(?:[_ .][a-z]+)* = |\b[a-z]+_[a-z]+\b"
)
"""What only somebody at a terminal can do something with: commands, options, tables and keys of the settings."""
_OF_FIELDS = frozenset({"field", "fields", "path", "other", "owner"})
"""Details that name fields of contracts."""
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*(?:\.\w+|\[\d+\])*")


def explain_plainly(code: str, details: Mapping[str, str], contract: str = "") -> tuple[str, str]:
    """Return what is wrong and what to do, for a page. What only a terminal can do is somebody else's to do."""
    plain = {name: _write_detail(name, str(text), contract) for name, text in details.items()}
    sentence, advice = explain(code, plain)
    if TERMINAL.search(advice):
        words = _("Tell the person who operates Passerelle: under «{code}» they find what to do.")
        advice = words.format(code=code)
    return sentence, advice


def name_field(contract: str, field: str) -> str:
    """Return the title of a field; the dash for none, and the name in words where no contract has it."""
    if not field:
        return NOTHING
    head = re.split(r"[.\[]", field)[0]
    known = _list_titles(get_current())
    return known.get((contract, head)) or known.get(("", head)) or head.replace("_", " ")


def name_contract(contract: str) -> str:
    """Return the title of a contract, and the id as it is where there is none of that name."""
    model = catalogue().get(contract)
    if model is None:
        return contract
    return model.about.fr_title if get_current() == "fr" else model.about.en_title


def _write_detail(name: str, text: str, contract: str) -> str:
    if name == "contract":
        return name_contract(text)
    if name in _OF_FIELDS:
        return _NAME.sub(lambda found: name_field(contract, found.group()), text)
    return text


@cache
def _list_titles(language: str) -> Mapping[tuple[str, str], str]:
    """Return titles by contract and field, and by field alone: the first contract that has one names it."""

    def choose(meta: FieldMeta) -> str:
        return meta.fr_title if language == "fr" else meta.en_title

    titles: dict[tuple[str, str], str] = {}
    for contract, model in catalogue().items():
        for field, meta in model.describe_fields().items():
            titles[contract, field] = choose(meta)
            titles.setdefault(("", field), choose(meta))
    return titles
