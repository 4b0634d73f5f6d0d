"""A folder as a destination under one file name: what a run delivers is one file of a contract, placed at its end.

Until then the batches lie beside it as hidden pieces. Pieces are joined into a hidden file, then removed, and only then
the file gets its name: one that still has its hidden name was never there under the other, whatever a receiving program
took since. So a run that was killed at any point is finished by the next one, and nothing is placed twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Literal

import polars as pl

from passerelle.edges.destinations.folder import list_parcel_names
from passerelle.edges.destinations.laid_rows import merge_columns
from passerelle.edges.destinations.named_pieces import KNOWN, REF, VERSION, PieceFolder, find_latest
from passerelle.edges.destinations.own_answers import DELIVERED, answer_records
from passerelle.edges.places.file_place import as_place
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.formatting import format_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from passerelle.edges.destinations.folder import FolderDestination
    from passerelle.edges.destinations.laid_rows import Form
    from passerelle.edges.destinations.named_pieces import JoinedFile, Piece
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import Delivery
    from passerelle.vocabulary.withdrawals import Withdrawal

WhenThere = Literal["wait", "number", "replace"]
"""What is done where the file of an earlier run is still there."""
_AT_ONCE = 8_192
"""Rows that are encoded at a time."""


@dataclass(frozen=True, slots=True)
class FileNaming:
    """What the files of a flow are called and hold, and what its journal knows."""

    flow: str
    make_name: Callable[[str], str]
    """Returns the name of the file of a contract, as of now."""
    find_settled: Callable[[Sequence[str]], Mapping[tuple[str, int], int]]
    """Returns, of parcels with these short names, the settled batches, each with the number of its parcel."""
    count_current: Callable[[str, pl.Series, pl.Series], tuple[int, int]]
    """Returns, of records of a contract with their versions, how many are as they were delivered last; and how many
    records were delivered and not deleted since."""
    when_there: WhenThere = "wait"
    holds_all: bool = False
    """Whether a file holds everything that was delivered, and not only what a run did."""


@dataclass(slots=True)
class NamedFileDestination:
    """Writes one file a contract and run, under a name that stays: see the module."""

    folder: FolderDestination
    naming: FileNaming
    _free: set[str] = field(default_factory=set)
    """Contracts whose name was seen to be free in this run."""
    _rows: dict[str, int] = field(default_factory=dict)
    """By contract: rows that wait, where a file holds so many at most."""

    @property
    def pieces(self) -> PieceFolder:
        """Return the hidden files."""
        form = self.folder.format if self.folder.layout is None else "layout"
        return PieceFolder(as_place(self.folder.path), self.naming.flow, form, self.folder.rights)

    def deliver(self, delivery: Delivery) -> list[Answer]:
        """Write the batch as a piece. Raises as a folder, and TransientError while an earlier file is waited for."""
        if not len(delivery):
            return []
        form = self.folder.make_form()
        self._check_free(delivery.contract)
        rows = form.lay_out(delivery)
        known = {REF: delivery.frame.get_column("ref"), VERSION: pl.Series(delivery.versions, dtype=pl.Int64)}
        piece = rows.drop_refused(rows.table.with_columns(**known))
        self._check_room(_shorten(delivery.contract), form, piece.height)
        if piece.height:
            self.pieces.write_piece(delivery, piece)
        return answer_records(len(delivery), rows.refused, rows.unmapped)

    def begin(self) -> None:
        """Finish what an earlier run left: place its joined files, drop the pieces that the journal does not know.

        Raises TransientError where a name is taken, or the place is away.
        """
        found = self.pieces.look()
        joined = {file.contract for file in found.joined}
        for file in found.joined:
            # it holds them all: no piece is written while one is there
            self._clear(file.contract, found.pieces)
            self._place(file)
        self._list_settled([piece for piece in found.pieces if piece.contract not in joined])
        if not self.naming.holds_all:
            # it would be of yesterday when somebody changes the setting back
            self.pieces.forget_states(found)

    def publish(self) -> None:
        """Join the pieces of each contract into its file, and place it.

        Raises as `begin`, and FlowError: as a folder, where pieces are of another form than the settings name by now,
        and where a file that holds everything would not.
        """
        self.begin()
        found = self.pieces.look()
        settled = self._list_settled(found.pieces)
        due = {piece.contract for piece in settled}
        if self.naming.holds_all:
            due.update(found.changed, (each for each in found.states if not self._is_placed(each)))
        for contract in sorted(due):
            own = [piece for piece in settled if piece.contract == contract]
            file = self._join_all(contract, own) if self.naming.holds_all else self._join(contract, own)
            hit_failpoint("file.joined")
            self._clear(contract, own)
            hit_failpoint("file.cleared")
            self._place(file)
            hit_failpoint("file.placed")
        self._free.clear()
        self._rows.clear()

    @property
    def can_withdraw(self) -> bool:
        """Whether deletions can be told: what holds everything tells of them by what it no longer holds."""
        return self.naming.holds_all or self.folder.can_withdraw

    def withdraw(self, withdrawal: Withdrawal) -> list[Answer]:
        """Take records out of what is not placed yet, then tell of them as a folder does, or with the next file.

        Raises TransientError where a joined file waits and its name is still taken: it would come after the deletion.
        """
        if self.pieces.look().joined:
            self.begin()
        self.pieces.take_out(self.pieces.look(), _shorten(withdrawal.contract), withdrawal.refs)
        return [DELIVERED] * len(withdrawal) if self.naming.holds_all else self.folder.withdraw(withdrawal)

    def list_parcel_names(self, flow: str) -> frozenset[str]:
        """Return the short names of parcels of a flow of which something is here. Raises as `deliver`."""
        return list_parcel_names(self.folder.path, flow) | {piece.parcel for piece in self.pieces.look().pieces}

    def close(self) -> None:
        """Release the connection, where there is one."""
        self.folder.close()

    def _list_settled(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Return the pieces whose batch is settled, in the order of parcels and batches; remove the others.

        Nothing is under way when this is asked: what is not settled comes again, or not at all.
        """
        if not pieces:
            return []
        settled = self.naming.find_settled(sorted({piece.parcel for piece in pieces}))
        self.pieces.remove(piece for piece in pieces if (piece.parcel, piece.number) not in settled)
        there = [piece for piece in pieces if (piece.parcel, piece.number) in settled]
        return sorted(there, key=lambda piece: (settled[piece.parcel, piece.number], piece.number))

    def _is_placed(self, contract: str) -> bool:
        """Whether the file of a contract is there, under the name that it has today."""
        name = self.naming.make_name(_restore_contract(contract))
        return as_place(self.folder.path).read_state(name) is not None

    def _check_free(self, contract: str) -> None:
        """Raise TransientError where the file of an earlier run is still there and is waited for."""
        if self.naming.when_there != "wait" or contract in self._free:
            return
        if self._is_placed(_shorten(contract)):
            raise _make_untaken(self.naming.make_name(contract))
        self._free.add(contract)

    def _check_room(self, contract: str, form: Form, count: int) -> None:
        """Raise FlowError where a file of this form could not hold so many rows more."""
        if form.most_rows is None:
            return
        if contract not in self._rows:
            found = self.pieces.look()
            rows = [self.pieces.read(piece.name).height for piece in found.pieces if piece.contract == contract]
            rows += [self.pieces.read_state(contract).height] if contract in found.states else []
            self._rows[contract] = sum(rows)
        self._rows[contract] += count
        if self._rows[contract] > form.most_rows:
            raise FlowError("incident.folder.too_many_rows", limit=format_count(form.most_rows))

    def _join(self, contract: str, pieces: Sequence[Piece]) -> JoinedFile:
        """Write one hidden file of all pieces: of each record its latest state."""
        self._check_form(pieces)
        keys, columns = [], []
        for piece in pieces:
            table = self.pieces.read(piece.name)
            columns.append(table.drop(KNOWN).columns)
            keys.append(table.select(KNOWN))
        latest = find_latest(keys)

        def iter_tables() -> Iterator[pl.DataFrame]:
            # read again: all of them together would be a whole night in memory
            for piece, rows in zip(pieces, latest, strict=True):
                if len(rows):
                    yield self.pieces.read(piece.name)[rows].drop(KNOWN)

        return self._write_joined(contract, iter_tables(), merge_columns(columns))

    def _join_all(self, contract: str, pieces: Sequence[Piece]) -> JoinedFile:
        """Write the state of a contract anew, and one hidden file of it."""
        self._check_form(pieces)
        tables = [self.pieces.read(piece.name) for piece in pieces]
        tables = [table[rows] for table, rows in zip(tables, find_latest(tables), strict=True)]
        found = self.pieces.look()
        if contract in found.states:
            # whatever their versions: a journal that was put back from a copy counts some of them again
            before, fresh = self.pieces.read_state(contract), [table.select(REF) for table in tables]
            tables.insert(0, before.join(pl.concat(fresh), on=REF, how="anti") if fresh else before)
        columns = merge_columns(table.columns for table in tables)
        state = pl.concat(tables, how="diagonal_relaxed").select(columns)
        current, there = self.naming.count_current(_restore_contract(contract), state[REF], state[VERSION])
        if current < there:
            details = {"count": format_count(current), "known": format_count(there)}
            raise FlowError("incident.folder.incomplete", flow=self.naming.flow, **details)  # type: ignore[arg-type]  # details never name a batch
        self.pieces.write_state(contract, state, found)
        hit_failpoint("file.remembered")
        rows = state.drop(KNOWN)
        # in slices: the text of all rows is several times what they are as a table
        return self._write_joined(contract, rows.iter_slices(_AT_ONCE) if len(rows) else iter((rows,)), rows.columns)

    def _write_joined(self, contract: str, tables: Iterator[pl.DataFrame], columns: Sequence[str]) -> JoinedFile:
        full = _restore_contract(contract)
        content = self.folder.make_form().encode(full, tables, columns)
        return self.pieces.write_joined(contract, self.naming.make_name(full), content)

    def _check_form(self, pieces: Sequence[Piece]) -> None:
        """Raise FlowError where pieces were made in another form than the settings name by now."""
        if other := next((piece.form for piece in pieces if piece.form != self.pieces.form), ""):
            raise FlowError("incident.folder.other_form", was=other)

    def _clear(self, contract: str, pieces: Iterable[Piece]) -> None:
        """Remove what a joined file holds."""
        self.pieces.remove(piece for piece in pieces if piece.contract == contract)
        self.pieces.clear_changed(contract)

    def _place(self, file: JoinedFile) -> None:
        """Rename a joined file. Raises TransientError where that is taken."""
        names = _number_names(file.target) if self.naming.when_there == "number" else iter((file.target,))
        replaces = self.naming.when_there == "replace"
        place = as_place(self.folder.path)
        if not any(place.rename(file.name, name, replaces=replaces) for name in names):
            raise _make_untaken(file.target)


def _make_untaken(name: str) -> TransientError:
    # the next run looks again, whenever it is
    return TransientError("incident.folder.untaken", retry_after=0, name=name)


def _shorten(contract: str) -> str:
    """Return a contract as it stands in names of files: `visit-1`."""
    return contract.replace("/", "-")


def _restore_contract(short: str) -> str:
    return "/".join(short.rsplit("-", 1))


def _number_names(name: str) -> Iterator[str]:
    """Yield a name, then the same with numbers: `visites.csv`, `visites-2.csv`."""
    yield name
    stem, dot, suffix = name.rpartition(".")
    for number in count(2):
        yield f"{stem}-{number}{dot}{suffix}" if stem else f"{name}-{number}"
