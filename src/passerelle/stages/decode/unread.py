"""What a parcel holds beside what its dialect declares: counted by name, and reported as warnings.

Nothing is decided here: everything that no record takes is counted. Whoever knows the connector separates what it
declares unread, with a reason, from what nobody has looked at (`engine/watches/unread_watch.py`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING, Any

from passerelle.stages.decode.strict import RepeatedKeyObject, is_keyed
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LIST = "decode.unread.list"
ELEMENT = "decode.unread.element"
MEMBER = "decode.unread.member"
RESOURCE = "decode.unread.resource"
MAX_NAMES = 200
"""Names that are reported apart; what else there is comes under one name, `…`: keys may be data, without end."""

Way = tuple[str, ...]
"""Steps from where one stands to something that is read; empty: it stands here."""


@dataclass(slots=True)
class UnreadTally:
    """Values that no record takes, by code and name."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, code: str, name: str, values: int) -> None:
        """Add values found under one name; none is not worth a word."""
        if values:
            is_known = (code, name) in self.counts or len(self.counts) < MAX_NAMES
            self.counts[code, name if is_known else "…"] += values

    def drain(self) -> tuple[RowWarning, ...]:
        """Return a warning for each name, with its values in the detail `count`, and forget them."""
        warned = tuple(
            RowWarning(
                code,
                Place(1, member=name) if code == MEMBER else Place(1, column=name),
                {"count": str(values)},
            )
            for (code, name), values in self.counts.items()
        )
        self.counts.clear()
        return warned


def count_values(value: Any) -> int:
    """Count the texts, numbers and booleans in a value, empty texts aside. Not recursive: nesting may be deep."""
    waiting, count = [value], 0
    while waiting:
        value = waiting.pop()
        match value:
            case RepeatedKeyObject():
                waiting += [item for _key, item in value.pairs]
            case dict():
                waiting += value.values()
            case list():
                waiting += value
            case None | "":
                pass
            case _:
                count += 1
    return count


def count_beside(value: Any, ways: Iterable[Way], at: Sequence[str], tally: UnreadTally) -> None:
    """Count what a value holds beside the `ways` into it that are read. `at` is where it stands, for the names."""
    ways = tuple(ways)
    if () in ways:
        return
    if not ways:
        tally.add(LIST if isinstance(value, list) else ELEMENT, ".".join(at), count_values(value))
    elif isinstance(value, list) or (value and is_keyed(value)):
        # as in `strict.find_records`: a list on the way is gone through, and adds no step to the path
        for item in value if isinstance(value, list) else value.values():
            count_beside(item, ways, at, tally)
    elif isinstance(value, dict):
        for key, item in value.items():
            count_beside(item, follow(ways, key), (*at, key), tally)
    else:
        tally.add(ELEMENT, ".".join(at), count_values(value))


def follow(ways: Iterable[Way], key: str) -> tuple[Way, ...]:
    """Return the ways that lead through a member, from there on."""
    return tuple(way[1:] for way in ways if way and way[0] == key)
