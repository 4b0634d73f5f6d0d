"""Canonical JSON of records: the one text that is compared, delivered and validated, written column by column.

Fields stand in the order of the contract, those of a map in alphabetical order; what is unknown is left out (no null,
no empty object, no empty list, at any depth); no spaces; nothing escaped that JSON does not ask for.
"""

from __future__ import annotations

import json
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts.field_types import get_item_dtype, list_columns, list_part_types, list_shapes
from passerelle.contracts.types import FieldKind
from passerelle.vocabulary.bodies import concatenate_bytes
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from passerelle.contracts.contract import Contract

_CONTROLS = {chr(code): f"\\u{code:04x}" for code in range(0x20)}
_ESCAPES = {**_CONTROLS, "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", '"': '\\"', "\\": "\\\\"}
_UNESCAPED = (
    FieldKind.DAY,
    FieldKind.PARTIAL_DAY,
    FieldKind.INSTANT,
    FieldKind.AMOUNT,
    FieldKind.QUANTITY,
    FieldKind.WORD,
)
_WIDE = 64
"""Members from which an object is looked at as a frame of columns."""
_UNSUPPORTED = "records have no {dtype}"
_NOT_CANONICAL = "not the canonical JSON of a record of this contract"
_SPACE, _QUOTE, _BACKSLASH = b' "\\'

Pieces = tuple[str | pl.Expr, ...]
"""Parts of a text, in order."""
_CLOSE: Pieces = ("}",)


def encode(frame: pl.DataFrame, contract: type[Contract], *, valid: bool = False, close: Pieces = _CLOSE) -> pl.Series:
    """Write every row as canonical JSON. Raises TypeError for a column of a type that records do not have.

    `valid`: every row satisfies the contract, so that days, moments, figures and our own words need no escaping.
    `close`: what ends each text, in place of the last brace.
    """
    if not frame.height:
        return pl.Series("json", [], pl.String)
    # Valid days, moments and figures cannot hold a quote: their texts are not searched for one.
    leaves = _survey(frame, _list_unescaped(contract) if valid else frozenset())
    members = [
        _write_member(name, pl.col(name), dtype, expected, _MemberPath((name,), leaves))
        for name, dtype, expected in _sort_members(frame.schema, list_columns(contract))
        # A column of nulls writes nothing; leaving it out spares polars the work.
        if name != ROW and not leaves[name,].empty
    ]
    return frame.select(_write_object(members, close=close).alias("json")).to_series()


def to_records(frame: pl.DataFrame, contract: type[Contract]) -> list[dict[str, Any]]:
    """Return every row as the object that its canonical JSON describes. Raises TypeError as `encode` does."""
    return _to_objects(frame.drop(ROW, strict=False), list_columns(contract))


def _to_objects(frame: pl.DataFrame, expected: Mapping[str, pl.DataType]) -> list[dict[str, Any]]:
    """Return rows as objects without unknowns, in canonical order. Column by column: cheaper than row by row."""
    members = _sort_members(frame.schema, expected)
    if not members:
        return [{} for _row in range(frame.height)]
    names = [name for name, _dtype, _wanted in members]
    values = [_to_values(frame.get_column(name), wanted) for name, _dtype, wanted in members]
    rows = zip(*values, strict=True)
    return [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows]


def _to_values(column: pl.Series, expected: pl.DataType) -> list[Any]:
    """Return the values of a column; None for what canonical JSON leaves out."""
    dtype = column.dtype
    if isinstance(dtype, pl.Struct):
        known = list_part_types(expected) if isinstance(expected, pl.Struct) else {}
        return [value or None for value in _to_objects(column.struct.unnest(), known)]
    if isinstance(dtype, pl.List):
        within = get_item_dtype(expected) if isinstance(expected, pl.List) else pl.Null()
        items = iter(_to_values(column.explode(empty_as_null=False, keep_nulls=False), within))
        counts = column.list.len().fill_null(0).to_list()
        return [[item for item in islice(items, count) if item is not None] or None for count in counts]
    if isinstance(dtype, pl.String | pl.Boolean | pl.Null) or dtype.is_integer():
        return column.to_list()
    raise TypeError(_UNSUPPORTED.format(dtype=dtype))


def parse(lines: Iterable[str | bytes], contract: type[Contract], *, is_own: bool = False) -> pl.DataFrame:
    """Read canonical JSON back into a frame with one column per contract field, in canonical order.

    Raises ValueError when a line is not the canonical JSON of a record of this contract. `is_own`: the house wrote it,
    and it was sealed since: that it is JSON of such a record is all that is looked at.
    """
    texts = [_decode_line(line) for line in lines]
    schema = {name: _complete_map_type(name, dtype, texts) for name, dtype in list_columns(contract).items()}
    try:
        frame = pl.Series(texts, dtype=pl.String).str.json_decode(pl.Struct(schema)).struct.unnest()
    except pl.exceptions.PolarsError:
        raise ValueError(_NOT_CANONICAL) from None
    # Only what is written back to the same text is canonical: order, spaces and escapes are checked at once.
    if not is_own and encode(frame, contract).to_list() != texts:
        raise ValueError(_NOT_CANONICAL)
    return frame


def is_absent(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return an expression that is true where canonical JSON leaves a value out: null, or made only of nulls."""
    if isinstance(dtype, pl.Struct) and len(dtype.fields) > _WIDE:
        return value.map_batches(_find_absent, return_dtype=pl.Boolean)
    if isinstance(dtype, pl.Struct):
        inside = [is_absent(value.struct.field(name), part) for name, part in list_part_types(dtype).items()]
        return pl.all_horizontal(pl.lit(True), *inside)
    if isinstance(dtype, pl.List):
        return value.is_null() | value.list.eval(is_absent(pl.element(), get_item_dtype(dtype))).list.all()
    return value.is_null()


def _find_absent(values: pl.Series) -> pl.Series:
    """Return `is_absent` of values that are there.

    For objects of many members: an expression that takes a member out builds the whole object, each time anew.
    """
    if not isinstance(values.dtype, pl.Struct):
        return values.to_frame().select(is_absent(pl.col(values.name), values.dtype)).to_series()
    parts = values.struct.unnest()
    flat = [name for name, dtype in parts.schema.items() if not dtype.is_nested()]
    # Thousands of them: one look at all costs what a look at each would cost for ten.
    absent = pl.repeat(True, len(values), eager=True)
    if flat:
        absent = parts.select(pl.all_horizontal(pl.col(flat).is_null())).to_series()
    for part in parts.drop(flat):
        absent = absent & _find_absent(part)
    return absent


def _decode_line(line: str | bytes) -> str:
    try:
        return line.decode() if isinstance(line, bytes) else line
    except UnicodeDecodeError:
        raise ValueError(_NOT_CANONICAL) from None


def _complete_map_type(name: str, dtype: pl.DataType, texts: Sequence[str]) -> pl.DataType:
    """Complete the type of a map with the names that these lines use."""
    if not isinstance(dtype, pl.Null):
        return dtype
    # Searched as text first: most lines have no map, and parsing each of them twice would cost more than the frame.
    mark = f'"{name}":{{'
    groups: dict[str, dict[str, None]] = {}
    for text in texts:
        if mark in text:
            for group, cells in _read_map(text, name).items():
                groups.setdefault(group, {}).update(dict.fromkeys(cells))
    if not groups:
        return dtype
    return pl.Struct({group: pl.Struct(dict.fromkeys(sorted(groups[group]), pl.String())) for group in sorted(groups)})


def _read_map(text: str, name: str) -> dict[str, dict[str, str]]:
    try:
        existing = json.loads(text).get(name, {})
        return {group: cells for group, cells in existing.items() if isinstance(cells, dict)}
    except (ValueError, AttributeError):
        raise ValueError(_NOT_CANONICAL) from None


def _sort_members(
    existing: Mapping[str, pl.DataType], expected: Mapping[str, pl.DataType]
) -> list[tuple[str, pl.DataType, pl.DataType]]:
    """Return members in the contract's order; names unknown to it come last, in alphabetical order."""
    unknown = sorted(name for name in existing if name not in expected)
    names = [*(name for name in expected if name in existing), *unknown]
    return [(name, existing[name], expected.get(name, pl.Null())) for name in names]


@dataclass(frozen=True, slots=True)
class _Leaf:
    """Properties shared by all values at one path, computed once per frame so that most columns skip escaping."""

    unescaped: bool = False
    """None of them needs escaping."""
    full: bool = False
    """None of them is unknown."""
    empty: bool = False
    """All of them are."""


@dataclass(frozen=True, slots=True)
class _MemberPath:
    """Path of a member in a record, with what is known of the values there."""

    path: tuple[str, ...]
    leaves: Mapping[tuple[str, ...], _Leaf]

    @property
    def leaf(self) -> _Leaf:
        """Return what is known of the values at this path."""
        return self.leaves.get(self.path, _Leaf())

    def descend(self, name: str) -> _MemberPath:
        """Go one name deeper; items of a list are not named."""
        return _MemberPath((*self.path, name), self.leaves)


@cache
def _list_unescaped(contract: type[Contract]) -> frozenset[str]:
    """Return the fields whose pattern excludes every character that JSON must escape."""
    return frozenset(name for name, shape in list_shapes(contract).items() if shape.kind in _UNESCAPED)


def _survey(frame: pl.DataFrame, harmless: frozenset[str]) -> Mapping[tuple[str, ...], _Leaf]:
    places = [place for column in frame for place in _iter_places((column.name,), column)]
    texts = {path: values for path, values in places if values.dtype == pl.String and path[0] not in harmless}
    # Thousands of members: one look at all of them costs what a look at each would cost for ten.
    are_plain = len(texts) > _WIDE and not _needs_escaping(pl.concat(texts.values()))
    return {
        path: _Leaf(
            unescaped=are_plain or not (path in texts and _needs_escaping(values)),
            full=not values.null_count(),
            empty=values.null_count() == len(values),
        )
        for path, values in places
    }


def _iter_places(path: tuple[str, ...], values: pl.Series) -> Iterator[tuple[tuple[str, ...], pl.Series]]:
    """Yield each path with its values, nested ones included; lists inside lists are not entered."""
    yield path, values
    dtype = values.dtype
    if isinstance(dtype, pl.List) and isinstance(items := get_item_dtype(dtype), pl.Struct):
        if any(isinstance(part, pl.List) for part in list_part_types(items).values()):
            return
        values, dtype = values.explode(empty_as_null=False, keep_nulls=False), items
    if isinstance(dtype, pl.Struct):
        for part in values.struct.unnest():
            yield from _iter_places((*path, part.name), part)


def _needs_escaping(texts: pl.Series) -> bool:
    """Whether any text holds a character that JSON must escape. Compares bytes: several times faster than a regex."""
    octets = concatenate_bytes(texts)
    return bool((octets < _SPACE).any() or (octets == _QUOTE).any() or (octets == _BACKSLASH).any())


@dataclass(frozen=True, slots=True)
class _Member:
    """`"name":value` in pieces of text and expressions; null where an expression is, unless it is `full`."""

    pieces: Pieces
    full: bool


def _write_member(name: str, value: pl.Expr, dtype: pl.DataType, expected: pl.DataType, part: _MemberPath) -> _Member:
    """Return one member; null when the value is unknown."""
    key = json.dumps(name, ensure_ascii=False)
    if isinstance(dtype, pl.String):
        return _Member((f'{key}:"', value if part.leaf.unescaped else _escape(value), '"'), part.leaf.full)
    full = part.leaf.full and not dtype.is_nested()
    return _Member((f"{key}:", _write_value(value, dtype, expected, part)), full)


def _write_value(value: pl.Expr, dtype: pl.DataType, expected: pl.DataType, part: _MemberPath) -> pl.Expr:
    """Return the expression of one value of any type that records have; null when it is unknown or empty."""
    if isinstance(dtype, pl.String):
        return pl.concat_str(pl.lit('"'), _escape(value), pl.lit('"'))
    if isinstance(dtype, pl.Boolean | pl.Null) or dtype.is_integer():
        return value.cast(pl.String)
    if isinstance(dtype, pl.Struct):
        if len(dtype.fields) > _WIDE:
            return value.map_batches(partial(_write_wide, expected=expected, part=part), return_dtype=pl.String)
        return _write_members(value.struct.field, dtype, expected, part)
    if isinstance(dtype, pl.List):
        wanted = get_item_dtype(expected) if isinstance(expected, pl.List) else pl.Null()
        items = value.list.eval(_write_value(pl.element(), get_item_dtype(dtype), wanted, part))
        return _drop_text(pl.concat_str(pl.lit("["), items.list.join(",", ignore_nulls=True), pl.lit("]")), "[]")
    raise TypeError(_UNSUPPORTED.format(dtype=dtype))


def _write_wide(values: pl.Series, *, expected: pl.DataType, part: _MemberPath) -> pl.Series:
    """Return the texts of objects, as `_find_absent` looks at them: as columns of a frame."""
    if not isinstance(values.dtype, pl.Struct):
        raise TypeError(_UNSUPPORTED.format(dtype=values.dtype))
    written = _write_members(pl.col, values.dtype, expected, part)
    return values.struct.unnest().select(written.alias(values.name)).to_series()


def _write_members(
    pick: Callable[[str], pl.Expr], dtype: pl.Struct, expected: pl.DataType, part: _MemberPath
) -> pl.Expr:
    """Return the expression of an object, null where it is empty; `pick` returns that of a member by name."""
    known = list_part_types(expected) if isinstance(expected, pl.Struct) else {}
    members = [
        _write_member(name, pick(name), inside, wanted, part.descend(name))
        for name, inside, wanted in _sort_members(list_part_types(dtype), known)
        if not part.descend(name).leaf.empty
    ]
    written = _write_object(members)
    return written if members and members[0].full else _drop_text(written, "{}")


def _write_object(members: Sequence[_Member], *, close: Pieces = _CLOSE) -> pl.Expr:
    """Return the expression of an object. When the first member is never null, one concatenation writes all of it."""
    if not members:
        return _join_pieces((pl.repeat("{", pl.len()), *close))
    if not members[0].full:
        inside = pl.concat_str([_join_pieces(member.pieces) for member in members], separator=",", ignore_nulls=True)
        return _join_pieces(("{", inside, *close))
    pieces: list[str | pl.Expr] = ["{", *members[0].pieces]
    for member in members[1:]:
        after = (",", *member.pieces)
        pieces += after if member.full else (_join_pieces(after).fill_null(""),)
    return _join_pieces((*pieces, *close))


def _join_pieces(pieces: Sequence[str | pl.Expr]) -> pl.Expr:
    """Concatenate pieces, adjacent literals merged; null where a piece is null."""
    whole: list[str | pl.Expr] = []
    for piece in pieces:
        before = whole[-1] if whole else None
        if isinstance(piece, str) and isinstance(before, str):
            whole[-1] = before + piece
        else:
            whole.append(piece)
    return pl.concat_str(pl.lit(piece) if isinstance(piece, str) else piece for piece in whole)


def _drop_text(text: pl.Expr, empty: str) -> pl.Expr:
    return text.replace(empty, None)  # `when(text != …).then(text)` would compute nested texts twice at every depth


def _escape(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
