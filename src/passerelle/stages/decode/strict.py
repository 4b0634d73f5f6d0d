"""JSON as it was written: numbers digit for digit, nothing that JSON does not know, and what stands at a path."""

from __future__ import annotations

import json
from dataclasses import field
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


class JsonNumber(str):
    """A number, digit for digit."""

    __slots__ = ()


class RepeatedKeyObject(dict[str, Any]):
    """An object in which a key stood twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


MOST_NESTED = 250
"""Lists and objects within one another in one cell; what is deeper is set aside."""


class MalformedError(Exception):
    """Not JSON. Carries no text.

    `flaw` names what a lenient reader would take, and JSON does not know: a constant such as `NaN`, `control` (a
    control character that is not escaped), `bytes` (no UTF-8); empty when the syntax itself is broken.
    """

    def __init__(self, line: int, *, deep: bool = False, flaw: str = "") -> None:
        super().__init__()
        self.line = line
        self.deep = deep
        self.flaw = flaw


class ConstantError(ValueError):
    """A constant that JSON does not know. `name` is the decoder's own word for it, never text of the document."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


@dataclass(frozen=True, slots=True)
class FlawedValue:
    """A value that only a lenient reader takes: its record is set aside, the others go on."""

    value: Any = field(repr=False)
    flaw: str


def _refuse_constant(constant: str) -> Any:
    raise ConstantError(constant)


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else RepeatedKeyObject(pairs)


HOOKS: Mapping[str, Any] = MappingProxyType(
    {
        "parse_float": JsonNumber,
        "parse_int": JsonNumber,
        "parse_constant": _refuse_constant,  # NaN and Infinity, which Python would read
        "object_pairs_hook": _make_object,
    }
)
"""How the standard library's decoder is made to read that way."""


def loads(content: bytes) -> Any:
    """Read strict JSON: UTF-8 unless a mark says otherwise, no NaN. Foreign errors hold the document: none gets out."""
    line, deep, flaw = 1, False, ""
    try:
        codec = next((codec for mark, codec in _MARKS if content.startswith(mark)), "utf-8-sig")
        return json.loads(content.decode(codec), **HOOKS)
    except RecursionError:
        deep = True
    except ValueError as error:
        line, flaw = getattr(error, "lineno", 1), name_flaw(error)
    raise MalformedError(line, deep=deep, flaw=flaw)


def name_flaw(error: ValueError) -> str:
    """Return what a lenient reader would take all the same, in one of our words; empty for broken syntax."""
    match error:
        case ConstantError():
            return error.name
        case json.JSONDecodeError():
            # the decoder has no other sign of it: codes were never part of its errors
            return "control" if error.msg.startswith("Invalid control character") else ""
        case UnicodeDecodeError():
            return "bytes"
        case _:
            return ""


LENIENT: Mapping[str, Any] = MappingProxyType({**HOOKS, "parse_constant": str, "strict": False})
"""How it is made to read what JSON does not know, so that one record does not cost the others."""


def is_marked(content: bytes) -> bool:
    """Whether a mark says that this is not UTF-8."""
    return any(content.startswith(mark) for mark, _codec in _MARKS)


def find_records(value: Any, path: list[str]) -> list[Any] | None:
    """Return the records at a path; a list on the way is gone through. None when there is no such path."""
    if not path:
        return list_items(value)
    if isinstance(value, list) or (value and is_keyed(value)):
        below = [find_records(item, path) for item in list_items(value)]
        there = [items for items in below if items is not None]
        return list(chain.from_iterable(there)) if there or not below else None
    if isinstance(value, dict) and path[0] in value:
        return find_records(get_member(value, path[0]), path[1:])
    return None


def get_member(value: Any, key: str) -> Any:
    """Return a member of an object; None when it is not there. Raises MalformedError when it is there twice."""
    if isinstance(value, RepeatedKeyObject) and sum(name == key for name, _value in value.pairs) > 1:
        raise MalformedError(1)
    return value.get(key) if isinstance(value, dict) else None


def list_items(value: Any) -> list[Any]:
    """Return the records of a list, of an object keyed `"0"`, `"1"` …, or the one record that there is."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    return list(value.values()) if is_keyed(value) else [value]


def is_keyed(value: Any) -> bool:
    """Whether a value is an object keyed `"0"`, `"1"` …: a list, as some servers write it."""
    return (
        isinstance(value, dict)
        and all(key.isdecimal() for key in value)
        and all(isinstance(item, dict) for item in value.values())
    )


def to_cell(value: Any) -> str:
    """Return the text of a value. Null says that there is nothing: an empty text, where a member left out is none."""
    if value is None:
        return ""
    if type(value) is str:
        return value
    if isinstance(value, JsonNumber):
        return str(value)
    return dumps(value)


def dumps(value: Any, depth: int = 0) -> str:
    """Write a value back as JSON, numbers digit for digit. Raises RecursionError for lists in lists without end."""
    # by a rule of ours: where Python itself stops differs between its versions
    if depth > MOST_NESTED:
        raise RecursionError
    match value:
        case JsonNumber():
            return str(value)
        case list():
            return "[" + ",".join(dumps(item, depth + 1) for item in value) + "]"
        case dict():
            pairs = value.pairs if isinstance(value, RepeatedKeyObject) else value.items()
            return "{" + ",".join(f"{dumps(key)}:{dumps(item, depth + 1)}" for key, item in pairs) + "}"
        case _:
            return json.dumps(value, ensure_ascii=False)
