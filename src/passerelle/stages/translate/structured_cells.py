"""Lists and objects of a JSON document where a text is expected: they set the record aside, they are never its text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.translate.converter import Fault
from passerelle.stages.translate.converters.choices import FirstOf
from passerelle.stages.translate.converters.contacts import AddressOf, Identifier
from passerelle.stages.translate.converters.lookups import Code
from passerelle.stages.translate.converters.references import Ref
from passerelle.stages.translate.converters.telecoms import Telecom
from passerelle.stages.translate.converters.texts import Joined, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from passerelle.stages.translate.converter import Converter

STRUCTURED = "translate.text.structured"
_TAKING_ANY_TEXT = (Text, Joined, Code, Identifier, Ref, Telecom, AddressOf)
"""Converters that would take a list for a text. The others refuse it by themselves: it is no day, number or word."""
_LOOKS_STRUCTURED = r"(?s)^(?:\[.*\]|\{.*\})$"


def list_text_columns(converters: Iterable[Converter]) -> tuple[str, ...]:
    """Return the columns that are read as texts, and by no converter that may know what to do with a list."""
    several = list(_iter_leaves(converters))
    others = {column for one in several if not isinstance(one, _TAKING_ANY_TEXT) for column in one.columns}
    texts = (column for one in several if isinstance(one, _TAKING_ANY_TEXT) for column in one.columns)
    return tuple(name for name in dict.fromkeys(texts) if name not in others)


def _iter_leaves(converters: Iterable[Converter]) -> Iterator[Converter]:
    for one in converters:
        if isinstance(one, FirstOf):
            yield from _iter_leaves(one.converters)
        else:
            yield one


def find_structured(cells: pl.DataFrame, columns: Sequence[str]) -> dict[int, Fault]:
    """Return, by row, the first of the columns whose cell is a list or an object, as a fault."""
    faults: dict[int, Fault] = {}
    looks = cells.select(pl.col(name).str.contains(_LOOKS_STRUCTURED).fill_null(False) for name in columns)
    for name in columns:
        # seldom: only what has both brackets is parsed, as «[chez la voisine]» is a text
        for row in looks.get_column(name).arg_true().to_list():
            if _is_structured(cells.get_column(name)[row]):
                faults.setdefault(row, Fault(STRUCTURED, name))
    return faults


def find_objects(
    cells: pl.DataFrame, frame: pl.DataFrame, columns: Sequence[str], strangers: Sequence[str]
) -> dict[int, Fault]:
    """Return the rows in which an object stands in the place of a text, so that only its members have cells.

    `strangers` are the columns of `frame` that nobody knows; `frame` has the rows of `cells`.
    """
    faults: dict[int, Fault] = {}
    for name in columns:
        members = [one for one in strangers if one.startswith(f"{name}.")]
        if members:
            is_object = pl.any_horizontal([(pl.col(one) != "").fill_null(False) for one in members])
            mask = frame.select(is_object.alias("object")).to_series() & cells.get_column(name).is_null()
            for row in mask.arg_true().to_list():
                faults.setdefault(row, Fault(STRUCTURED, name))
    return faults


def _is_structured(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list | dict)
    except (ValueError, RecursionError):
        return False
