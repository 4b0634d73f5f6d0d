"""Pages of records, streams of changes and single records, as a token reads them.

A list and a stream are one walk over the numbers of the shelf. A list leaves out what was removed; when it ends it says
from where the changes are read, which is where it began: what was removed meanwhile is then told.
"""

from __future__ import annotations

import json
import re
from dataclasses import field
from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts.types import URN
from passerelle.engine.api.cursors import ReadingPosition
from passerelle.engine.api.filtering import match_records
from passerelle.engine.api.record_serving import serve_changes
from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.stores.seal import PSEUDONYM_BYTES
from passerelle.vocabulary.errors import FlowError, ParcelError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.shelf import RemovalCause

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from passerelle.engine.api.filtering import GivenFilters
    from passerelle.engine.api.readings import ContractReading, ShelfView
    from passerelle.engine.api.record_serving import ServedRecords
    from passerelle.vocabulary.shelf import ShelfChange, ShelfReader

_URN = re.compile(URN)
LARGEST_PAGE = 500
USUAL_PAGE = 100
_LOOKED = 20_000
"""Changes that one request looks at: a filter that keeps few records ends its page before it is full."""
_FEWEST = 64
"""Changes of one look at the shelf."""
_REFERENCE = re.compile(URN.removesuffix("$"))
_UNTOLD = frozenset({RemovalCause.REFUSED, RemovalCause.ERASED})
"""Removals of persons: whoever asks for one record learns no more than of one that never was."""


@dataclass(frozen=True, slots=True)
class ChangeMark:
    """What tells one change from all others."""

    shelf: str
    """The name of its shelf."""
    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ServedItem:
    """One record of a page, or that it is there no more."""

    ref: str = field(repr=False)
    body: str | None = field(repr=False)
    """Canonical JSON; None: removed."""
    subjects: tuple[str, ...] = field(default=(), repr=False)
    change: ChangeMark | None = None
    """Where it stands on its shelf; None for a record that was looked up by itself."""

    def write(self) -> str:
        """Return it as a member of a list."""
        if self.body is not None:
            return self.body
        return json.dumps({"ref": self.ref, "deleted": True}, ensure_ascii=False, separators=(",", ":"))

    def write_member(self) -> str:
        """Return it as a member of a line, named after what it is."""
        return f'"{"removed" if self.body is None else "record"}":{self.write()}'


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some records, and where to go on."""

    items: tuple[ServedItem, ...]
    position: ReadingPosition
    is_last: bool


@dataclass(frozen=True, slots=True)
class RecordPiece:
    """Some records of a stream, as lines of JSON, and where to go on."""

    text: str = field(repr=False)
    records: int
    named: Mapping[str, int] = field(repr=False)
    """How many of the records name each person, by inner reference."""
    position: ReadingPosition


@dataclass(frozen=True, slots=True)
class RecordPages:
    """Reads pages and records from the shelf."""

    shelf: ShelfReader

    def read_list(
        self,
        reading: ContractReading,
        position: ReadingPosition,
        limit: int,
        filters: GivenFilters = (),
    ) -> RecordPage:
        """Return the next page of the records that are there. Raises RequestRefusedError."""
        return self._walk(reading, position, limit, filters, tells_removals=False)

    def read_changes(self, reading: ContractReading, position: ReadingPosition, limit: int) -> RecordPage:
        """Return the next changes: each record once, as it is now, and those that were removed."""
        return self._walk(reading, position, limit, (), tells_removals=True)

    def read_piece(
        self, reading: ContractReading, position: ReadingPosition, limit: int, opening: str
    ) -> RecordPiece | None:
        """Return the next of many records that are there, for a stream; None at its end.

        `opening`: how a line begins; see `ServedRecords.write_lines`. `limit`: changes that are looked at.
        """
        for view in reading.views:
            begun = position.begun.get(view.name, 0)
            if changes := self._read_some(view, position.reached[view.name], limit, begun):
                served = serve_changes(reading, view, changes)
                reached = {**position.reached, view.name: changes[-1].number}
                after = ReadingPosition(reached, position.begun, position.filters)
                text = served.write_lines(reading.contract, opening)
                return RecordPiece(text, served.frame.height, served.count_subjects(), after)
        return None

    def check_position(self, reading: ContractReading, position: ReadingPosition) -> None:
        """Raise RequestRefusedError `api.cursor.expired` for one behind which removals were forgotten."""
        for view in reading.views:
            self._read_some(view, position.reached[view.name], 1, position.begun.get(view.name, 0))

    def read_record(self, reading: ContractReading, ref: str) -> ServedItem:
        """Return one record by what it is called outside.

        Raises RequestRefusedError: `api.record.unknown`, in the same words for one that is withheld, or
        `api.record.gone` with the day of its removal.
        """
        if not self.can_be_called(ref):
            # no record is called so: nothing that computes with references has to expect it
            raise RequestRefusedError("api.record.unknown")
        gone: datetime | None = None
        for view in reading.views:
            change = self._find_change(view, ref)
            if change is None or change.record is None:
                self._take_as_long(reading, view)
                if change is not None and change.cause not in _UNTOLD:
                    gone = gone or change.at
                continue
            if (served := _serve_one(reading, view, change)) is not None:
                return served
        if gone is not None:
            raise RequestRefusedError("api.record.gone", day=gone.date().isoformat())
        raise RequestRefusedError("api.record.unknown")

    @staticmethod
    def can_be_called(outside: str) -> bool:
        """Whether a record can be called so at all."""
        return _URN.fullmatch(outside) is not None

    def find_served(
        self, reading: ContractReading, view: ShelfView, name: str, *, is_inner: bool = False
    ) -> tuple[ShelfChange, str] | None:
        """Return the change that is called so on one shelf, and the record as its client reads it; None: no such one.

        `is_inner`: by its inner reference, for whoever gave it that.
        """
        change = self._find_inner(view, name) if is_inner else self._find_change(view, name)
        if change is None or change.record is None:
            return None
        served = _serve_one(reading, view, change)
        return None if served is None or served.body is None else (change, served.body)

    def _walk(
        self,
        reading: ContractReading,
        position: ReadingPosition,
        limit: int,
        filters: GivenFilters,
        *,
        tells_removals: bool,
    ) -> RecordPage:
        items: list[ServedItem] = []
        reached, looked, is_last = dict(position.reached), 0, True
        for view in reading.views:
            while True:
                if len(items) >= limit or looked >= _LOOKED:
                    is_last = False
                    break
                begun = position.begun.get(view.name, 0)
                changes = self._read_some(view, reached[view.name], max(limit - len(items), _FEWEST), begun)
                if not changes:
                    break
                looked += len(changes)
                came = position.reached[view.name] if tells_removals else 0
                found = self._serve(reading, view, changes, filters, came)
                room = limit - len(items)
                items += [item for _place, item in found[:room]]
                last = changes[-1] if len(found) <= room else changes[found[room - 1][0]]
                reached[view.name] = last.number
        return RecordPage(tuple(items), ReadingPosition(reached, position.begun, position.filters), is_last)

    def _serve(
        self,
        reading: ContractReading,
        view: ShelfView,
        changes: Sequence[ShelfChange],
        filters: GivenFilters,
        came: int,
    ) -> list[tuple[int, ServedItem]]:
        """Return what of some changes goes into a page, with their places.

        `came`: the number that a follower comes from, who learns of removals; 0: it has nothing yet to remove.
        """
        served = _apply(serve_changes(reading, view, changes), filters)
        outside = view.handles.replace_refs(pl.Series([change.ref for change in changes], dtype=pl.String())).to_list()
        shelf = view.name
        marks = [ChangeMark(shelf, change.number, change.at) for change in changes]
        found = {
            place: ServedItem(outside[place], body, own, marks[place])
            for place, body, own in zip(
                served.places, served.encode(reading.contract), served.list_subjects(), strict=True
            )
        }
        if came:
            # what is withheld by now may have been read before: to whoever follows, it is removed, once
            withheld = {
                change.ref: change.number for place, change in enumerate(changes) if _is_held(place, change, found)
            }
            others = [change.ref for change in changes if change.ref not in withheld]
            untold = view.find_untold(withheld, others, came)
            gone = [place for place, change in enumerate(changes) if change.record is None or change.ref in untold]
            found |= {place: ServedItem(outside[place], None, (), marks[place]) for place in gone}
        return sorted(found.items())

    def _read_some(self, view: ShelfView, after: int, limit: int, begun: int) -> Sequence[ShelfChange]:
        try:
            return self.shelf.read_changes(view.scope, after, limit, begun=begun)
        except FlowError:
            raise RequestRefusedError("api.cursor.expired") from None
        except ParcelError:
            # never a half: a page that lacks something is refused as a whole
            raise RequestRefusedError("api.service.away", retry_after=60) from None

    def _find_change(self, view: ShelfView, outside: str) -> ShelfChange | None:
        """Return the latest change of what is called so outside; None also for whoever knows the inner reference."""
        ref_key = view.handles.find_ref_key(outside) if _REFERENCE.fullmatch(outside) else None
        try:
            # what nothing can be called is looked up all the same: how long it takes tells nothing
            change = self.shelf.find_keyed(view.scope, ref_key or bytes(PSEUDONYM_BYTES))
        except ParcelError:
            raise RequestRefusedError("api.service.away", retry_after=60) from None
        if change is None or view.handles.replace_refs(pl.Series([change.ref], dtype=pl.String()))[0] != outside:
            return None
        return change

    def _find_inner(self, view: ShelfView, ref: str) -> ShelfChange | None:
        try:
            return self.shelf.find_change(view.scope, ref)
        except ParcelError:
            raise RequestRefusedError("api.service.away", retry_after=60) from None

    def _take_as_long(self, reading: ContractReading, view: ShelfView) -> None:
        """Do for what is not there what is done for what is: whoever is withheld takes as long as nobody."""
        some = self._read_some(view, 0, _FEWEST, view.scope.last)
        serve_changes(reading, view, [change for change in some if change.record is not None][:1])


def _is_held(place: int, change: ShelfChange, found: Mapping[int, ServedItem]) -> bool:
    """Whether a record that is there does not go to whoever reads."""
    return change.record is not None and place not in found


def _serve_one(reading: ContractReading, view: ShelfView, change: ShelfChange) -> ServedItem | None:
    """Return a record that is there as its client reads it; None when it is withheld."""
    served = serve_changes(reading, view, [change])
    if not served.places:
        return None
    outside = view.handles.replace_refs(pl.Series([change.ref], dtype=pl.String()))[0]
    return ServedItem(outside, served.encode(reading.contract)[0], served.list_subjects()[0])


def _apply(served: ServedRecords, filters: GivenFilters) -> ServedRecords:
    for one, value in filters:
        served = served.filter(match_records(one, served.frame, value))
    return served
