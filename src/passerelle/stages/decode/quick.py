"""The quick reader of JSON documents: read once, cut before parsing, flattened by column.

It gives what the exact reader gives (`documents`), or nothing: whatever is unusual in a document as a whole, and every
fault, is left to that one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from io import SEEK_END
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

from passerelle.stages.decode.damage import find_damage
from passerelle.stages.decode.flattening import RecordReader
from passerelle.stages.decode.header import MAX_COLUMNS
from passerelle.stages.decode.inside import Inside
from passerelle.stages.decode.kinds import check_kind
from passerelle.stages.decode.linking import Linking
from passerelle.stages.decode.listings import (
    RecordListing,
    find_listings,
    flatten_above,
    list_paths,
    list_ways,
    split_path,
)
from passerelle.stages.decode.loaded import LoadedDocument
from passerelle.stages.decode.outline import OddDocumentError, Outline
from passerelle.stages.decode.packed import PackedTables
from passerelle.stages.decode.part_tables import Items, PartTable, Tabulator, parse_part
from passerelle.stages.decode.strict import MalformedError, find_records, is_keyed, is_marked, loads
from passerelle.stages.decode.table_batches import iter_table_batches
from passerelle.stages.decode.tables import add_warnings, set_progress
from passerelle.stages.decode.unread import ELEMENT, MAX_NAMES, UnreadTally, count_beside, follow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from passerelle.stages.decode.dialects import Json
    from passerelle.stages.decode.numbering import Numbering
    from passerelle.stages.decode.outline import ListPart
    from passerelle.stages.decode.unread import Way
    from passerelle.vocabulary.outcomes import RowWarning
    from passerelle.vocabulary.parcels import DecodedBatch

_WITHOUT_ABOVE = frozenset(("decode.record.flawed", "decode.record.too_deep"))
"""Faults of records that the exact reader does not flatten, with nothing from above either."""


def read(
    stream: IO[bytes], dialect: Json, block_rows: int, numbering: Numbering, *, is_long: bool
) -> Iterator[DecodedBatch] | None:
    """Read a document; None when the exact reader has to. `is_long`: that one would not hold it in memory.

    Raises ParcelError as the exact reader does, for a document without a fault that is not what was declared.
    """
    stream.seek(0)
    if dialect.addresses or is_marked(stream.read(4)):
        return None
    try:
        document = _read_parts(stream, dialect, is_long=is_long)
        listings, warned, above = _survey(document, dialect)
    except (MalformedError, OddDocumentError):
        return None
    batches = chain.from_iterable(_read_listing(listing, above, block_rows, numbering) for listing in listings)
    size = stream.seek(0, SEEK_END)
    return set_progress(add_warnings(batches, warned), size, sum(listing.count for listing in listings))


def _read_listing(
    listing: RecordListing[_Source], above: Mapping[str, str | None], block_rows: int, numbering: Numbering
) -> Iterator[DecodedBatch]:
    sources = [walk() for walk in listing.walks]
    return iter_table_batches(
        listing.member, [source.tables for source in sources], listing.columns, above, block_rows, numbering
    )


def _survey(
    document: _QuickDocument, dialect: Json
) -> tuple[list[RecordListing[_Source]], tuple[RowWarning, ...], dict[str, str | None]]:
    """Find the lists that are named, and what their records take from above."""
    check_kind(document.get_value, dialect.kind)
    above = flatten_above(document, dialect.above)
    if find_damage("\n".join(filter(None, above.values()))):  # no record is good
        raise OddDocumentError

    def note(listing: RecordListing[_Source], source: _Source) -> None:
        columns = source.tabulator.columns
        if above and (source.tabulator.faults & _WITHOUT_ABOVE or any(name.startswith("../") for name in columns)):
            raise OddDocumentError
        if source.count:
            columns = {**{name: bool(text) for name, text in above.items()}, **columns}
        listing.count += source.count
        for name, filled in columns.items():
            listing.columns[name] = listing.columns.get(name, False) or filled
        if len(listing.columns) > MAX_COLUMNS or find_damage("\n".join(listing.columns)):
            raise OddDocumentError

    listings, warned = find_listings(document, dialect, Linking(dialect), note)
    return listings, warned, above


@dataclass(slots=True)
class _Source:
    """The records at one path, as tables."""

    tabulator: Tabulator
    present: bool = True
    count: int = 0
    tables: list[Callable[[], PartTable]] = field(default_factory=list)

    def add(self, items: Items) -> PartTable:
        """Make a table of the records that follow."""
        table = self.tabulator.tabulate(items, self.count + 1)
        self.count += table.count
        return table


@dataclass(slots=True)
class _CutList:
    """One list that was cut: what is read in its items, and what stands beside."""

    way: Way
    inner: tuple[Way, ...]
    """Steps from an item to what is read there; empty steps: the item."""
    sources: dict[Way, _Source] = field(default_factory=dict)
    tally: UnreadTally = field(default_factory=UnreadTally)


def _read_parts(stream: IO[bytes], dialect: Json, *, is_long: bool) -> _QuickDocument:
    """Cut a document and make tables of its parts. Raises OddDocumentError, MalformedError."""
    ways = [tuple(split_path(path)) for path in list_paths(dialect)]
    outline = Outline(stream, ways)
    reader = RecordReader(Inside.of(dialect), {}, Linking(dialect))
    packed = PackedTables()
    lists: dict[Way, _CutList] = {}
    for part, body in outline.iter_parts():
        if part.way not in lists:
            lists[part.way] = _open_list(part.way, ways, dialect, reader)
        cut = lists[part.way]
        for nth, items in enumerate(parse_part(part, body)):
            _tabulate(cut, items, packed, partial(_parse_again, stream, part, nth))
    try:
        held = loads(bytes(outline.around))
    except RecursionError:
        raise OddDocumentError from None
    document = LoadedDocument(held)
    _check_around(document, lists, dialect)
    return _QuickDocument(document, lists, reader, is_long=is_long)


def _open_list(way: Way, ways: Sequence[Way], dialect: Json, reader: RecordReader) -> _CutList:
    inner: tuple[Way, ...] = tuple(list_ways(dialect))
    for step in way:
        inner = follow(inner, step)
    cut = _CutList(way, inner)
    for wanted in ways:
        if wanted[: len(way)] == way:
            cut.sources[wanted[len(way) :]] = _Source(Tabulator(reader), present=False)
    return cut


def _tabulate(cut: _CutList, items: Items, packed: PackedTables, parse_again: Callable[[], Items]) -> None:
    """Make a table of some items for each of the sources of a list, and put it aside."""
    if () not in cut.inner:
        for item in items.values:
            count_beside(item, cut.inner, cut.way, cut.tally)
    for rest, source in cut.sources.items():
        first = source.count + 1
        table = source.add(_find_items(items, rest, source))
        tabulate = source.tabulator.tabulate

        def make_again(
            rest: Way = rest, first: int = first, tabulate: Callable[[Items, int], PartTable] = tabulate
        ) -> PartTable:
            return tabulate(_find_items(parse_again(), rest, None), first)

        source.tables.append(packed.put(table) or make_again)


def _find_items(items: Items, rest: Way, source: _Source | None) -> Items:
    """Return the records that stand behind further steps in each of some items."""
    if not rest:
        return items
    if not items.plain:  # which record of an item is flawed is not known
        raise OddDocumentError
    found = [find_records(item, list(rest)) for item in items.values]
    there = [records for records in found if records is not None]
    if source is not None:
        source.present = source.present or bool(there)
    return Items(list(chain.from_iterable(there)), plain=True, suspect=items.suspect)


def _parse_again(stream: IO[bytes], part: ListPart, nth: int) -> Items:
    stream.seek(part.start)
    return parse_part(part, stream.read(part.size))[nth]


def _check_around(document: LoadedDocument, lists: Mapping[Way, _CutList], dialect: Json) -> None:
    """Raise OddDocumentError where a list that was cut is part of something else that is read, or gone through."""
    for way, cut in lists.items():
        whole = [tuple(split_path(path)) for path in (*dialect.above, *dialect.kind)]
        whole += [steps for steps in map(tuple, map(split_path, list_paths(dialect))) if steps != way]
        holders = [document.get_value(list(way[:size])) for size in range(len(way))]
        if any(steps == way[: len(steps)] for steps in whole) or any(map(is_keyed, holders)):
            raise OddDocumentError
        for rest, source in cut.sources.items():
            source.present = source.present or not rest or document.get_value(list(way)) == []


class _QuickDocument:
    """A document whose lists are tables; what stands around them is in memory."""

    def __init__(
        self, around: LoadedDocument, lists: Mapping[Way, _CutList], reader: RecordReader, *, is_long: bool
    ) -> None:
        self._around = around
        self._lists = lists
        self._reader = reader
        self._is_long = is_long
        self._small: dict[Way, _Source] = {}

    def walk(self, path: list[str], *, tally: UnreadTally | None = None, read: Sequence[Way] = ()) -> _Source:
        """Return what stands at a path; with `tally`, count what stands at none of the paths in `read`."""
        if tally is not None:
            self._count(tally, read)
        steps = tuple(path)
        for way, cut in self._lists.items():
            if steps[: len(way)] == way:
                return cut.sources[steps[len(way) :]]
        if steps not in self._small:
            self._small[steps] = self._tabulate_around(path)
        return self._small[steps]

    def _tabulate_around(self, path: list[str]) -> _Source:
        """Return the records that stand around the lists that were cut."""
        walk = self._around.walk(path)
        source = _Source(Tabulator(self._reader), present=walk.present)
        table = source.add(Items(list(walk.iter_records()), plain=False, suspect=True))
        source.tables.append(lambda: table)
        return source

    def _count(self, tally: UnreadTally, read: Sequence[Way]) -> None:
        """Count what nothing reads, around the lists that were cut and in them, in the order of the document."""
        around = UnreadTally()
        self._around.walk([], tally=around, read=read)
        inside = {(ELEMENT, ".".join(way)): cut.tally for way, cut in self._lists.items() if () not in cut.inner}
        names = len(around.counts) + sum(len(one.counts) for one in inside.values())
        if inside and names > MAX_NAMES:
            raise OddDocumentError
        for key, values in around.counts.items():
            if key not in inside:
                tally.add(*key, values)
                continue
            if values > 1:  # the number that stands for the items is not alone under this name
                raise OddDocumentError
            for inner, counted in inside[key].counts.items():
                tally.add(*inner, counted)

    def get_value(self, path: list[str]) -> Any:
        """Return the value at a path, unchanged; None when there is none."""
        return self._around.get_value(path)

    def is_null(self, path: list[str]) -> bool:
        """Whether null stands at a path."""
        return self._around.is_null(path)

    def list_keys(self) -> frozenset[str] | None:
        """Return the members of the document; None when it is no object, or too long to be an error."""
        return None if self._is_long else self._around.list_keys()
