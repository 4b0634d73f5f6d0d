"""Which converter of a field writes which item of a list: the one that would read it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from passerelle.stages.translate.converter import settled
from passerelle.stages.translate.converters.choices import PerRecord

if TYPE_CHECKING:
    from passerelle.stages.translate.converter import Converter

_Alike = Callable[[Any, Any], bool]
_SECONDARY = frozenset({"use", "label", "original"})
"""What two systems may say differently of the same item."""


def several(converters: Converter | Sequence[Converter]) -> tuple[Converter, ...]:
    """Give the converters of a field as a tuple."""
    if isinstance(converters, Sequence):
        return tuple(converters)
    return (converters,)


def share(converters: tuple[Converter, ...], value: Any) -> tuple[list[tuple[Converter, Any]], list[Any]]:
    """Give each converter what it writes, and the items that none of them can.

    Anything but a list goes whole to the only converter of its field, and so does a list to a `PerRecord` alone.
    """
    if not isinstance(value, list) or (len(converters) == 1 and isinstance(converters[0], PerRecord)):
        return [(converter, value) for converter in converters], []
    taken: list[list[Any]] = [[] for _converter in converters]
    left = list(value)
    for alike in (_equal, _similar):
        left = [item for item in left if not _taken(item, converters, taken, alike)]
    return list(zip(converters, (_given(items) for items in taken), strict=True)), left


def fits_back(converter: Converter, value: Any) -> bool:
    """Say whether what a converter writes of a value still says the same."""
    if isinstance(converter, PerRecord):
        return True
    read = settled(converter.parse(converter.render(value)))
    return _equal(read, value) or _similar(read, value)


def _taken(item: Any, converters: tuple[Converter, ...], taken: list[list[Any]], alike: _Alike) -> bool:
    for converter, items in zip(converters, taken, strict=True):
        read = settled(converter.parse(converter.render(item)))
        if isinstance(read, list):
            read = read[0] if len(read) == 1 else None
        elif items:
            continue
        if read is not None and alike(read, item):
            items.append(item)
            return True
    return False


def _given(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else items or None


def _equal(read: Any, item: Any) -> bool:
    return bool(read == item)


def _similar(read: Any, item: Any) -> bool:
    if not isinstance(read, dict) or not isinstance(item, dict):
        return _equal(read, item)
    primary = {key: value for key, value in item.items() if key not in _SECONDARY and value is not None}
    return bool(primary) and all(read.get(key) == value for key, value in primary.items())
