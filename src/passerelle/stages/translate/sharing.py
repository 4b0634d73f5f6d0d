"""Assignment of list items to the converters of a field: each to the one that would read it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from passerelle.stages.translate.converter import unwrap_doubtful
from passerelle.stages.translate.converters.choices import PerRecord

if TYPE_CHECKING:
    from passerelle.stages.translate.converter import Converter

_IsSame = Callable[[Any, Any], bool]
_SECONDARY = frozenset({"use", "label", "original"})
"""Parts of an item that two systems may write differently although the item is the same."""


def list_converters(converters: Converter | Sequence[Converter]) -> tuple[Converter, ...]:
    """Return the converters of a field as a tuple."""
    if isinstance(converters, Sequence):
        return tuple(converters)
    return (converters,)


def share(converters: tuple[Converter, ...], value: Any) -> tuple[list[tuple[Converter, Any]], list[Any]]:
    """Return what each converter renders, and the items that none of them can.

    Anything but a list goes whole to the only converter of its field, and so does a list to a `PerRecord` alone.
    """
    if not isinstance(value, list) or (len(converters) == 1 and isinstance(converters[0], PerRecord)):
        return [(converter, value) for converter in converters], []
    items_of: list[list[Any]] = [[] for _converter in converters]
    remaining = list(value)
    # Equal items first: a similar one must not take the place of the one that fits.
    for is_same in (_is_equal, _is_similar):
        remaining = [item for item in remaining if not _take_item(item, converters, items_of, is_same)]
    # One item is rendered as such: only a converter that reads several from its cell gets a list.
    shares = [items[0] if len(items) == 1 else items or None for items in items_of]
    return list(zip(converters, shares, strict=True)), remaining


def survives_round_trip(converter: Converter, value: Any) -> bool:
    """Whether a value still says the same after a converter has rendered and parsed it."""
    if isinstance(converter, PerRecord):
        return True
    read = unwrap_doubtful(converter.parse(converter.render(value)))
    return _is_equal(read, value) or _is_similar(read, value)


def is_read_back(converter: Converter, value: Any, row: Mapping[str, str]) -> bool:
    """Whether a value still says the same after a converter has parsed the whole row that was written."""
    read = unwrap_doubtful(converter.parse({name: row.get(name) or None for name in converter.columns}))
    return _is_equal(read, value) or _is_similar(read, value)


def _take_item(item: Any, converters: tuple[Converter, ...], items_of: list[list[Any]], is_same: _IsSame) -> bool:
    # A place of its own first: two numbers go into two columns, and into one cell only where there is no other.
    places = sorted(zip(converters, items_of, strict=True), key=lambda place: bool(place[1]))
    for converter, items in places:
        read = unwrap_doubtful(converter.parse(converter.render(item)))
        if isinstance(read, list):
            read = read[0] if len(read) == 1 else None
        elif items:
            continue  # it reads one item from its cell, and has it
        if read is not None and is_same(read, item):
            items.append(item)
            return True
    return False


def _is_equal(read: Any, item: Any) -> bool:
    return bool(read == item)


def _is_similar(read: Any, item: Any) -> bool:
    if not isinstance(read, dict) or not isinstance(item, dict):
        return _is_equal(read, item)
    primary = {key: value for key, value in item.items() if key not in _SECONDARY and value is not None}
    return bool(primary) and all(read.get(key) == value for key, value in primary.items())
