"""Descriptions of what is expected and what was found, without values: shapes, lengths and kinds only."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from passerelle.contracts.types import TEXT, FieldKind
from passerelle.vocabulary.language import N_, _, get_current, translate_plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.stages.validate.contract_tree import Node

_OTHERS = {
    type(None): N_("nothing"),
    bool: N_("true or false"),
    float: N_("a number with decimals"),
    dict: N_("an object"),
}
_STRANGE = N_("something else")
_MASKED = 20
"""Longest text of which the mask is shown; of a longer one only the length."""
_NAMES = 8
"""Most names by which an object is described."""
_RUN = 4
"""Longest run of one class of characters that is shown in full."""
_MARKS = frozenset(" -/.,:;+'@()_")
_SIMPLE = {
    FieldKind.URN: N_("a reference, «source:entity:local id»"),
    FieldKind.DAY: N_("a day of the calendar, like 2024-12-31"),
    FieldKind.PARTIAL_DAY: N_("a day, a month or a year, like 1947-04-03, 1947-04 or 1947"),
    FieldKind.INSTANT: N_("a date and time with its offset, like 2024-12-31T08:00:00+01:00"),
    FieldKind.AMOUNT: N_("an amount with two decimals, like -12.50"),
    FieldKind.QUANTITY: N_("a quantity with at most three decimals, like 1.75"),
    FieldKind.FLAG: N_("true or false"),
    FieldKind.MAP: N_("texts by name"),
}


def describe_expected(node: Node | None) -> str:
    """Describe what the contract asks for, in the reader's language."""
    if node is None:
        return _(N_("nothing"))
    if node.kind in _SIMPLE:
        return _(_SIMPLE[node.kind])
    return _COMPOSED[node.kind](node)


def _describe_text(node: Node) -> str:
    forms = [pattern for pattern in node.patterns if pattern != TEXT]
    if forms:
        return _(N_("a text of the form {pattern}")).format(pattern=forms[0])
    if node.max_length is None:
        return _(N_("a text"))
    return _(N_("a text of {least} to {most} characters")).format(least=node.min_length, most=node.max_length)


def _describe_integer(node: Node) -> str:
    if node.minimum is None or node.maximum is None:
        return _(N_("a whole number"))
    return _(N_("a whole number from {least} to {most}")).format(least=node.minimum, most=node.maximum)


def _describe_list(node: Node) -> str:
    if node.max_length is None:
        return _(N_("a list"))
    if not node.min_length:
        return _(N_("a list of at most {most} items")).format(most=node.max_length)
    return _(N_("a list of {least} to {most} items")).format(least=node.min_length, most=node.max_length)


def _describe_object(node: Node) -> str:
    if {"code", "original"} <= set(node.fields):
        return _(N_("a word of a code list"))
    if len(node.fields) > _NAMES:
        return _(N_("an object with the fields of the contract"))
    return _(N_("an object with {names}")).format(names=", ".join(node.fields))


_COMPOSED: dict[FieldKind, Callable[[Node], str]] = {
    FieldKind.TEXT: _describe_text,
    FieldKind.INTEGER: _describe_integer,
    FieldKind.LIST: _describe_list,
    FieldKind.WORD: lambda node: _(N_("one of {words}")).format(words=", ".join(node.words)),
    FieldKind.OBJECT: _describe_object,
}


def describe_value(value: Any) -> str:
    """Describe the shape of a value, never the value: «12 digits», «text of 300 characters», a mask (`99/99/9999`)."""
    match value:
        case str():
            return _describe_text_value(value)
        case int() if not isinstance(value, bool):
            if value < 0:
                return _(N_("a negative whole number"))
            # Not str(value): Python refuses to write out integers of more than some thousand digits.
            digits = max(1, int(value.bit_length() * 0.30103) + 1) if value >= 10**300 else len(str(value))
            return translate_plural(
                "a whole number of {count} digit", "a whole number of {count} digits", digits
            ).format(count=digits)
        case list():
            return translate_plural("a list of {count} item", "a list of {count} items", len(value)).format(
                count=len(value)
            )
        case _:
            return _(_OTHERS.get(type(value), _STRANGE))


def _describe_text_value(text: str) -> str:
    if not text:
        return _(N_("an empty text"))
    size = len(text)
    if text.isascii() and text.isdigit():
        return _count_digits(size, get_current())
    if size > _MASKED:
        return translate_plural("text of {count} character", "text of {count} characters", size).format(count=size)
    return f"«{mask(text)}»"


# Cached: numbers with a wrong key are many in a bad file, and of one length.
@lru_cache(maxsize=256)
def _count_digits(size: int, _language: str) -> str:
    return translate_plural("{count} digit", "{count} digits", size).format(count=size)


def mask(text: str) -> str:
    """Blur a text: capitals to A, other letters to a, digits to 9, rare signs to ?; long runs end in «…»."""
    runs = ((sign, len(list(group))) for sign, group in groupby(map(_classify, text)))
    return "".join(sign * length if length <= _RUN else f"{sign}…" for sign, length in runs)[:_MASKED]


def _classify(sign: str) -> str:
    if sign.isalpha():
        return "A" if sign.isupper() else "a"
    if sign.isnumeric():
        return "9"
    return sign if sign in _MARKS else "?"
