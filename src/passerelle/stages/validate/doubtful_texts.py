"""Names, towns and streets that are none: «NULL», «néant», «?», and lists or objects that were written as text."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts.types import Address, FieldKind
from passerelle.stages.validate.contract_tree import read_tree
from passerelle.stages.validate.findings import ValidationFinding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.contracts.contract import Contract

_WORDS = (
    # Machines: nothing, in the words of programs and of formulas that failed.
    r"null", r"\(null\)", r"<null>", r"none", r"undefined", r"unknown", r"#n/?(?:a|d)!?", r"#ref!", r"#div/0!",
    r"#(?:valeur|value)!", r"#(?:nom|name) ?\?", r"#(?:nombre|num)!", r"#nul+!", r"#{2,}", r"0+", r"true", r"false",
    # People: nothing, not known, not said.
    r"n ?[/.] ?(?:a|c|r|d)\.?", r"nc", r"nr", r"nsp", r"néant", r"inconnue?s?", r"aucune?",
    r"sans objet", r"vide", r"idem", r"non (?:renseign|communiqu|précis)ée?", r"non (?:connue?|définie?)",
    r"à (?:compléter|renseigner|définir|préciser|vérifier)",
    # Fillings: typed to get past a mandatory field.
    r"x{3,}", r"tests?", r"essai", r"toto", r"azerty", r"qwerty", r"asdf",
)  # fmt: skip
_NO_LETTER = r"[!-/:-@\[-`{-~\x{a0}\x{ab}\x{bb}\x{2013}\x{2014}\x{2026} \t\n]+"
"""Nothing but signs."""


def _make_caseless(pattern: str) -> str:
    """Spell out both cases of each letter, and accents that may be missing."""
    # Python and polars do not fold the same letters: none is left to them.
    plain = {"é": "eE", "à": "aA"}
    return "".join(f"[{sign}{sign.upper()}{plain.get(sign, '')}]" if sign.isalpha() else sign for sign in pattern)


# `nan` is how programs write «no number»; Nan is a name.
PLACEHOLDER = f"^(?:{'|'.join(map(_make_caseless, _WORDS))}|nan|NaN|{_NO_LETTER})$"
"""As polars reads it."""
_STRUCTURES = ("[", "{")
_NAMES = frozenset({"birth_place", "name", "place"})
_PARTS = ("lines", "city")
"""Texts of an address."""


@cache
def _compile_placeholder() -> re.Pattern[str]:
    # when it is first asked for: most runs doubt no text, and so many words take milliseconds to compile
    return re.compile(re.sub(r"\\x\{([0-9a-f]+)\}", lambda code: rf"\u{int(code[1], 16):04x}", PLACEHOLDER))


def judge_text(text: str) -> str:
    """Return the code of the doubt about a name, a town or a street; empty: none."""
    # A list or an object keeps its mark in front; alone, the mark is only a sign that was typed.
    if text.startswith(_STRUCTURES) and len(text) > 1:
        return "validate.text.structured"
    # `fullmatch`: in Python, `$` also matches before a last line break.
    return "validate.text.placeholder" if _compile_placeholder().fullmatch(text) else ""


@cache
def list_names(contract: type[Contract]) -> tuple[str, ...]:
    """Return the fields of a contract that hold a name or a place."""
    return tuple(
        name
        for name, node in read_tree(contract).fields.items()
        if node.kind is FieldKind.TEXT
        and (name in _NAMES or name.endswith(("_name", "_names")))
        and name != "file_name"
    )


@cache
def has_addresses(contract: type[Contract]) -> bool:
    """Whether a contract has postal addresses, which then stand in the list `addresses`."""
    node = read_tree(contract).fields.get("addresses")
    return node is not None and node.item is not None and node.item.model is Address


def iter_text_doubts(record: Mapping[str, Any], contract: type[Contract]) -> Iterator[ValidationFinding]:
    """Yield the names, towns and streets of a record that are doubtful."""
    for name in list_names(contract):
        # a record in JSON may say `null`: nothing, which is no doubtful text
        if (text := record.get(name)) and (reason := judge_text(text)):
            yield ValidationFinding(reason, name, {"path": name}, warns=True)
    for nth, address in enumerate((record.get("addresses") or ()) if has_addresses(contract) else ()):
        texts = [("city", address.get("city", "")), *(("lines", line) for line in address.get("lines") or ())]
        for part, text in texts:
            if text and (reason := judge_text(text)):
                path = f"addresses[{nth}].{part}"
                yield ValidationFinding(reason, f"addresses.{part}", {"path": path}, warns=True)


def check_texts(frame: pl.DataFrame, contract: type[Contract]) -> list[pl.Expr]:
    """Return, for each name of a contract, the expression of the rows in which it surely is not doubtful."""
    schema = frame.schema  # made anew at each look
    return [
        pl.col(name).is_null() | is_plain_text(pl.col(name))
        for name in list_names(contract)
        if schema.get(name) == pl.String
    ]


def is_plain_text(text: pl.Expr) -> pl.Expr:
    """Mark the texts that surely are no stand-in: most names are told by their first letter already."""
    return ~text.str.contains(PLACEHOLDER) & ~text.str.contains(r"^[\[{]")
