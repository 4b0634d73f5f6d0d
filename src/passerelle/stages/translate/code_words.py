"""The supplier's words in the code tables of a connector, by contract and field."""

from __future__ import annotations

from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.stages.translate.converters.choices import Constant, FirstOf
from passerelle.stages.translate.converters.lookups import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.stages.translate.converter import Converter
    from passerelle.stages.translate.slot import ConverterSlot


def list_code_words(slots: Iterable[tuple[str, ConverterSlot]]) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Return the words of every code table, from slots beside their contract.

    A function of the connector's own has no table: none of its words count.
    """
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for contract, slot in slots:
        found[contract][slot.field].update(_iter_words(slot.converter))
    return MappingProxyType(
        {
            contract: MappingProxyType({name: frozenset(words) for name, words in fields.items() if words})
            for contract, fields in found.items()
        }
    )


def _iter_words(converter: Converter) -> Iterator[str]:
    if isinstance(converter, Code):
        yield from converter.words
    elif isinstance(converter, FirstOf):
        for one in converter.converters:
            yield from _iter_words(one)
    elif isinstance(converter, Constant) and isinstance(converter.value, dict):
        # A constant is the connector's own: nothing of a row is in it.
        yield from filter(None, (converter.value.get("original"),))
