"""Records of a JSON document become columns of text, a member of all records at a time: what plain records surely give.

The same as `flattening`, which says what is right. Anything unusual raises OddRecordsError, and is left to that.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import chain, compress
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from jiter import LosslessFloat

from passerelle.stages.decode.strict import JsonNumber, dumps
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from passerelle.stages.decode.inside import Inside

_SPARSE = 16
"""How many cells are looked at for one that is there, before records are read one by one: 1,000 records, each with 100
members that no other has, would be 100 million cells."""
_LITTLE = 100_000
"""Cells that may be looked at in any case."""

_LARGE = 1 << 63
"""From here on, polars' integers end: it would raise an error that holds the number."""


class OddRecordsError(Exception):
    """Not a plain set of records: they are read one by one."""


class _Absent:
    """Stands where a record has no such member."""


_ABSENT: Final = _Absent()
_PLACES = tuple(map(str, range(100)))
"""Names of the items of most lists."""
_NOTHING: Final = type(None)
_WORDS: Mapping[Any, str] = {True: "true", False: "false", None: ""}
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def restore(value: Any) -> Any:
    """Return a value as the exact reader holds it: numbers as they were written."""
    match value:
        case bool():
            return value
        case int() | LosslessFloat():
            return JsonNumber(str(value))
        case list():
            return [restore(item) for item in value]
        case dict():
            return {key: restore(item) for key, item in value.items()}
        case _:
            return value


def _write_list(value: list[Any]) -> str:
    """Return a list as it stands in a cell."""
    if not value:
        return "[]"
    try:
        return _encode(value)
    except TypeError:  # it holds a number that is not whole
        return dumps(restore(value))


_WRITERS: Mapping[type, Callable[[Any], str | None]] = {
    str: lambda text: text,
    int: str,
    bool: _WORDS.__getitem__,
    type(None): lambda _nothing: "",
    LosslessFloat: str,
    list: _write_list,
    _Absent: lambda _nothing: None,
}


class Columns:
    """The columns of some records. One use: `flatten` once, then take `series`."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._looked_at = self._there = 0
        self._paths: set[str] = set()
        self._scattered: list[_Rows] = []
        self.series: dict[str, pl.Series] = {}

    def flatten(self, records: Sequence[dict[str, Any]]) -> None:
        """Fill `series`: by name a column of text as long as `records`, null where a record has no such cell.

        Raises OddRecordsError.
        """
        self._add_members(records, "", None)
        for rows in self._scattered:
            if rows.columns:
                frame = pl.DataFrame(rows.columns).select(pl.all().gather(rows.places))
                self.series.update(frame.to_dict(as_series=True))

    def _add_members(self, holders: Sequence[dict[str, Any]], prefix: str, rows: _Rows | None) -> None:
        """Add the members of objects that stand at one path, in these rows; None: in all."""
        keys, cells = self._list_cells(holders)
        for nth, key in enumerate(keys):
            self._add_values(prefix + key, cells[nth :: len(keys)], rows)

    def _list_cells(self, holders: Sequence[dict[str, Any]]) -> tuple[Sequence[str], list[Any]]:
        """Return the names of all members, and what each object has under them, object by object."""
        # Object by object, not member by member: going through all objects for each would miss the processor's cache.
        size, there = len(holders), sum(map(len, holders))
        empty: dict[str, Any] = dict.fromkeys(set[str]().union(*holders), _ABSENT)
        self._looked_at += size * len(empty)
        self._there += there
        if self._looked_at > _LITTLE + _SPARSE * self._there:
            raise OddRecordsError
        if len(empty) > 1 and there == size * len(empty):  # all have all of them
            return list(empty), list(chain.from_iterable(map(itemgetter(*empty), holders)))
        return list(empty), list(chain.from_iterable([(empty | one).values() for one in holders]))

    def _add_values(self, path: str, values: list[Any], rows: _Rows | None) -> None:
        """Add the values at one path."""
        kinds = set(map(type, values))
        if list in kinds and (path in self._inside.spread or path in self._inside.named):
            values = self._name_items(path, values)
            kinds = set(map(type, values))
        if kinds == {dict}:
            self._add_members(values, f"{path}.", rows)
            return
        if dict in kinds:
            here = [type(one) is dict for one in values]
            self._scattered.append(chosen := _Rows.choose(here, rows))
            self._add_members(list(compress(values, here)), f"{path}.", chosen)
            kinds = (kinds - {dict}) | {_Absent}
            if kinds == {_Absent}:
                return
            values = [_ABSENT if is_object else one for one, is_object in zip(values, here, strict=True)]
        if path in self._paths or path == ROW:
            raise OddRecordsError  # two members of that name in one record would have to be told apart
        self._paths.add(path)
        (self.series if rows is None else rows.columns)[path] = _make_series(path, values, kinds)

    def _name_items(self, path: str, values: list[Any]) -> list[Any]:
        """Return lists as objects of their items. An empty one says that it is there, as null does."""
        if path in self._inside.named or max(len(one) for one in values if type(one) is list) > len(_PLACES):
            return [(self._inside.to_object(path, one) or None) if type(one) is list else one for one in values]
        return [(dict(zip(_PLACES, one)) or None) if type(one) is list else one for one in values]  # noqa: B905  shorter


@dataclass(frozen=True, slots=True)
class _Rows:
    """In which rows some objects stand."""

    at: NDArray[np.int64]
    """By row: which of the objects; -1 for none."""
    places: pl.Series
    """The same for polars: null for none."""
    columns: dict[str, pl.Series] = field(default_factory=dict)
    """Members of these objects, one value an object. Put into their rows together, at the end: once costs 0.1 ms."""

    @classmethod
    def choose(cls, here: list[bool], rows: _Rows | None) -> _Rows:
        """Return the rows of those objects, out of `rows`, of which `here` says True."""
        chosen = np.array(here, dtype=np.bool_)
        at = np.where(chosen, np.cumsum(chosen) - 1, -1)
        if rows is not None:
            at = np.where(rows.at >= 0, at[rows.at], -1)
        places = pl.Series(at).cast(pl.UInt32(), strict=False)  # what is below 0 becomes null
        return cls(at, places)


def _make_series(name: str, values: list[Any], kinds: set[type]) -> pl.Series:
    """Return a column of text. All `kinds` are those of `_WRITERS`."""
    if kinds == {str}:
        return pl.Series(name, values, dtype=pl.String())
    if kinds == {int} and min(values) > -_LARGE and max(values) < _LARGE:
        return pl.Series(name, values, dtype=pl.Int64()).cast(pl.String())
    if kinds <= {str, _NOTHING, _Absent}:
        # not filled in by polars: a plan for each column takes longer than all its values
        if _NOTHING in kinds:
            values = ["" if one is None else one for one in values]
        if _Absent in kinds:
            values = [None if one is _ABSENT else one for one in values]
        return pl.Series(name, values, dtype=pl.String())
    if len(kinds) == 1:
        return pl.Series(name, list(map(_WRITERS[next(iter(kinds))], values)), dtype=pl.String())
    return pl.Series(name, [_WRITERS[type(one)](one) for one in values], dtype=pl.String())
