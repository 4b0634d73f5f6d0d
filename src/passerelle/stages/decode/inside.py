"""Lists inside a JSON record whose items become columns, and the names of these columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from passerelle.stages.decode.header import make_free_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.decode.dialects import Json

Aliases = Mapping[str, Mapping[str, str]]
"""Member of an item → a word of it → the declared name."""
_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_NO_ALIASES: Mapping[str, Aliases] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Inside:
    """The lists whose items become columns, by their path from the record."""

    spread: frozenset[str] = frozenset()
    """Items are named by their place."""
    named: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    """Items are named by what one of their members says, as the dialect declares it."""
    aliases: Mapping[str, Aliases] = field(default_factory=lambda: _NO_ALIASES)
    """By the same paths: other words by which an item has one of these names."""

    @classmethod
    def of(cls, dialect: Json) -> Inside:
        """Return the lists of a dialect."""
        return cls(frozenset(dialect.spread), dialect.named, dialect.aliases)

    def to_object(self, path: str, value: Any) -> Any:
        """Return a list as an object with an item a member; anything else as it is."""
        if not isinstance(value, list):
            return value
        if path in self.named:
            member, *declared = self.named[path]
            return _name_items(value, member, declared, self.aliases.get(path, {}))
        return {str(place): item for place, item in enumerate(value)} if path in self.spread else value


def _name_items(items: Sequence[Any], member: str, declared: Sequence[str], aliases: Aliases) -> dict[str, Any]:
    """Return items by the word in a member of theirs; an item without a declared word is named by its place.

    Words that nobody declared never become names of columns: those are shown, and a word may be somebody's.
    """
    named_items: dict[str, Any] = {}
    for place, item in enumerate(items):
        said = ((words, _get_text(item, path.split("."))) for path, words in aliases.items())
        name = next((words[word] for words, word in said if word in words), None) or _get_text(item, member.split("."))
        named_items[make_free_name(name if name in declared else str(place), named_items)] = item
    return named_items


def _get_text(item: Any, path: Sequence[str]) -> Any:
    for step in path:
        if isinstance(item, list):
            item = item[int(step)] if step.isdecimal() and int(step) < len(item) else None
        else:
            item = item.get(step) if isinstance(item, dict) else None
    return item if isinstance(item, str) else None
