"""The lists of records that a dialect names, looked for in a JSON document before any of it is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from passerelle.stages.decode.flattening import flatten
from passerelle.stages.decode.inside import Inside
from passerelle.stages.decode.kinds import AnswerDocument, check_answer
from passerelle.stages.decode.strict import to_cell
from passerelle.stages.decode.unread import UnreadTally
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from passerelle.stages.decode.dialects import Json
    from passerelle.stages.decode.linking import Linking
    from passerelle.stages.decode.unread import Way

_ITSELF: Mapping[str, str] = MappingProxyType({"": ""})


class Present(Protocol):
    """What stands at one path. `present` is known once the records were read."""

    @property
    def present(self) -> bool:
        """Whether there is such a path."""
        ...


W = TypeVar("W", bound=Present)
W_co = TypeVar("W_co", bound=Present, covariant=True)


class WalkedDocument(AnswerDocument, Protocol[W_co]):
    """A document that can be walked through, to what stands at a path."""

    def walk(self, path: list[str], *, tally: UnreadTally | None = None, read: Sequence[Way] = ()) -> W_co:
        """Return what stands at a path; with `tally`, count what stands at none of the paths in `read`."""
        ...


@dataclass(slots=True)
class RecordListing(Generic[W]):
    """The records of one member: where they stand, how many there are, and every column that any of them has."""

    member: str
    walks: list[Callable[[], W]] = field(default_factory=list)
    count: int = 0
    columns: dict[str, bool] = field(default_factory=dict)


def split_path(path: str) -> list[str]:
    """Return the steps of a dotted path; none for the document itself."""
    return path.split(".") if path else []


def list_paths(dialect: Json) -> Mapping[str, str]:
    """Return the path of each list and its member."""
    return dialect.lists or _ITSELF


def list_ways(dialect: Json) -> list[Way]:
    """Return the steps to all that is read."""
    return [tuple(split_path(path)) for path in (*list_paths(dialect), *dialect.above, *dialect.kind)]


def find_listings(
    document: WalkedDocument[W], dialect: Json, linking: Linking, note: Callable[[RecordListing[W], W], None]
) -> tuple[list[RecordListing[W]], tuple[RowWarning, ...]]:
    """Find the lists that are named; `note` goes through their records. Raises ParcelError when none is there."""
    paths, read = list_paths(dialect), list_ways(dialect)
    tally: UnreadTally | None = UnreadTally()
    unread = tally
    listings: dict[str, RecordListing[W]] = {}
    absent: dict[str, list[str]] = {}
    empty: list[str] = []
    for path, member in paths.items():
        way = partial(document.walk, split_path(path))
        listing = listings.get(member) or RecordListing[W](member)
        walk = way(tally=tally, read=read)
        tally = None  # one walk passes by everything
        # Every record is read here once and again for its batch: all batches need the same columns, and references
        # may point forward.
        before = listing.count
        note(listing, walk)
        if walk.present:
            listing.walks.append(way)
            listings[member] = listing
            empty += [path] * (listing.count == before)
        else:
            absent.setdefault(member, []).append(path)
    nulls = check_answer(document, paths, empty, sum(listing.count for listing in listings.values()))
    if not listings:
        raise ParcelError("decode.member.none")
    missing = {member: " / ".join(sought) for member, sought in absent.items() if member not in listings}
    warned = [
        RowWarning("decode.member.missing", Place(1, member=member), {"expected": sought})
        for member, sought in missing.items()
    ]
    warned += nulls
    if unread:
        warned += unread.drain()
    return list(listings.values()), (*warned, *linking.iter_dangling(next(iter(listings))))


def flatten_above(document: AnswerDocument, paths: tuple[str, ...]) -> dict[str, str | None]:
    """Flatten what every record also takes. What is not there gives no cell."""
    cells: dict[str, str | None] = {}
    for path in paths:
        value: Any = document.get_value(path.split("."))
        if isinstance(value, dict):
            flatten(value, f"../{path}.", cells, Inside())
        elif value is not None:
            cells[f"../{path}"] = to_cell(value)
    return cells
