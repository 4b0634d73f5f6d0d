"""Compares records with what the destination has: unchanged and duplicate ones are counted, not sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from functools import cached_property, partial
from hashlib import sha256
from typing import TYPE_CHECKING, overload

import numpy as np
import polars as pl

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.engine.records.change_finding import BatchStates, find_repeated
from passerelle.engine.records.handles import pseudonymise_refs
from passerelle.engine.records.record_origins import RecordOrigins
from passerelle.engine.records.shelving import ShelfPile, choose_kept
from passerelle.engine.stopwatch import time_stage
from passerelle.stores.settlement import DeliveredRecords
from passerelle.stores.subjects import find_subjects
from passerelle.vocabulary.bodies import Bodies
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.parcels import BatchKey, Delivery
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from passerelle.engine.records.change_finding import RecordChanges
    from passerelle.engine.records.handles import Handles
    from passerelle.engine.records.outside_names import OutsideNames
    from passerelle.engine.records.unsaid_fields import UnsaidFields
    from passerelle.engine.records.version_order import VersionOrder
    from passerelle.stores.journal import Journal
    from passerelle.stores.ref_index import RecalledRecords
    from passerelle.stores.seal import Seal
    from passerelle.vocabulary.parcels import Parcel, Records, TextTable
    from passerelle.vocabulary.ports import Destination

    Pseudonyms = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecords:
    """What the destination of one flow has by now, and who signs the records of that flow."""

    flow: str
    journal: Journal
    seal: Seal
    supplier: str
    connector: str
    connector_version: str
    handles: Handles | None = None
    """Makes what stands outside for references; None where records do not leave, or leave with their keys."""
    tells_rows: bool = True
    """Whether provenance names parcel and row: in figures they would link the records of one row or file."""
    order: VersionOrder | None = None
    """What says which of two states of a record is the newer, if anything does."""
    shelf: str = ""
    """The purpose for which the flow keeps on a shelf what it delivers; empty: it keeps nothing."""
    met: set[str] = field(default_factory=set)
    """Persons and professionals that the journal was seen to know since the flow was opened."""
    names: OutsideNames | None = None
    """Names parcels towards the recipient; None where records do not leave: there the digest does."""

    def begin_names(self, destination: Destination) -> None:
        """Begin the delivery of a parcel, or of several together."""
        if self.names is not None:
            self.names.begin(destination)

    def name_parcel(self, parcel: Parcel) -> str:
        """Return what a parcel is called at the destination."""
        return self.names.find(parcel) if self.names is not None else parcel.key

    def tell_origins(self, origins: RecordOrigins) -> RecordOrigins:
        """Return the origins of records as their provenance tells them."""
        if not self.tells_rows:
            return origins.hide()
        # without the number of an occurrence, which earlier names may have: a contract has 64 digits
        return origins.name_parcels([self.name_parcel(parcel).partition("-")[0] for parcel in origins.parcels])

    def keep_names(self, parcels: Iterable[Parcel]) -> None:
        """Write down the names of parcels of which something is about to leave."""
        if self.names is not None:
            self.names.keep(parcels)

    @property
    def supplied_by(self) -> dict[str, str]:
        """What the source of each record says besides its parcel and row."""
        return {"supplier": self.supplier, "connector": self.connector, "connector_version": self.connector_version}

    def read_moments(self, rows: pl.Series, origins: RecordOrigins) -> NDArray[np.int64] | None:
        """Return when the state of each record was made; None when nothing orders states."""
        if self.order is None:
            return None
        if self.order.converter is not None or len(origins.parcels) == 1:
            return self.order.read_moments(rows, origins.table, origins.parcels[0])
        nothing = pl.Series([0])  # the date is in the name: one moment for all rows of a parcel
        moments = [self.order.read_moments(nothing, origins.table, parcel)[0] for parcel in origins.parcels]
        return np.array(moments, dtype=np.int64)[origins.find_parcels(rows)]

    def find_numbers(self, rows: pl.Series, origins: RecordOrigins) -> NDArray[np.int64]:
        """Return the journal's own number of the parcel of each row. Raises FatalError `incident.parcel.*`."""
        keys = [parcel.key for parcel in origins.parcels]
        numbers = self.journal.get_parcel_numbers(self.flow, keys)
        return np.array([numbers[key] for key in keys], dtype=np.int64)[origins.find_parcels(rows)]

    def pseudonymise_refs(self, refs: pl.Series) -> Pseudonyms:
        """Return the keyed pseudonym of each reference: one row of 16 bytes a reference."""
        return pseudonymise_refs(self.seal, refs)

    def to_outside(self, records: Records, ref_keys: Pseudonyms | None = None) -> Records:
        """Return records as they leave: with handles for the references that may not."""
        if self.handles is None:
            return records
        return replace(records, frame=self.handles.replace_in_frame(records.frame, records.contract, ref_keys))

    def to_outside_refs(self, refs: pl.Series) -> pl.Series:
        """Return references as they leave."""
        return refs if self.handles is None else self.handles.replace_refs(refs)

    def pseudonymise_contents(self, texts: Iterable[memoryview]) -> Pseudonyms:
        """Return the keyed pseudonym of the SHA-256 of each content."""
        # a SHA-256 first, which the processor computes fast: AES-CMAC over long texts would be most of a comparison
        digests = [sha256(text).digest() for text in texts]
        return self.seal.pseudonymise_rows("content", b"".join(digests), np.full(len(digests), sha256().digest_size))


@dataclass(frozen=True, slots=True)
class BatchComparison:
    """The records to deliver, and which need not be. The pseudonyms run parallel to `delivery`."""

    delivery: Delivery
    ref_keys: Pseudonyms
    contents: Pseudonyms
    changes: RecordChanges
    """Of all records that were compared, those that need not be delivered too."""
    confirm: Callable[[NDArray[np.int64]], DeliveredRecords | None]
    """Returns, of the records at these places, those of which only a later moment is new: it has to be remembered."""
    moments: NDArray[np.int64] | None = None
    """When each state to deliver was made; None when nothing orders them."""
    unsaid: UnsaidFields | None = None
    """Fields of the records to deliver that the destination keeps as they are."""
    everything: pl.DataFrame | None = None
    """All records that were compared, unchanged ones too, as they leave; shares its columns with `delivery`."""
    subjects: pl.DataFrame | None = None
    """Whom the records to deliver are about, as `stores.subjects.SCHEMA`: by the keys that stay inside."""
    shelf: ShelfPile | None = None
    """The records to deliver as the flow's shelf keeps them; None where it has none."""

    @property
    def unchanged(self) -> int:
        """Count the records that the destination has from other parcels."""
        return int(self.changes.same.sum()) - self.duplicate

    @property
    def duplicate(self) -> int:
        """Count those that it has from their own parcel."""
        return int(self.changes.duplicate.sum())

    def count_changed(self) -> int:
        """Count the records that take the place of another state."""
        return sum(version > 1 for version in self.delivery.versions)


def compare_records(  # noqa: PLR0913  what is compared, with what, and two things that few parcels have
    records: Records,
    table: TextTable,
    batch: BatchKey,
    parcel: Parcel,
    known_records: KnownRecords,
    *,
    unsaid: UnsaidFields | None = None,
    is_replay: bool = False,
) -> BatchComparison:
    """Find what is new or changed. The version of a record grows by one with each content delivered.

    Provenance is no part of a content: the same from another file is unchanged. What a parcel says nothing of is:
    saying that a field is empty and not saying it are two contents.
    """
    origins = RecordOrigins.of(table, parcel)
    return compare_joined(records, origins, known_records, batch=batch, unsaid=unsaid, is_replay=is_replay)


def compare_joined(
    records: Records,
    origins: RecordOrigins,
    known_records: KnownRecords,
    *,
    batch: BatchKey | None = None,
    unsaid: UnsaidFields | None = None,
    is_replay: bool = False,
) -> BatchComparison:
    """Find what is new or changed in the records of one parcel, or of several: the earlier parcels first."""
    ref_keys = known_records.pseudonymise_refs(records.frame.get_column("ref"))
    before = known_records.journal.recall(known_records.flow, records.contract, ref_keys.tobytes())
    if unsaid is not None:
        # what was deleted there has no fields that could stay as they are
        unsaid = unsaid.restrict(before.there)
        records = replace(records, frame=unsaid.drop_unsaid(records.frame))
    names = unsaid.list_names(records.frame.height) if unsaid is not None else ()
    # Where the gate took the person out, in figures, nothing says whom a record is about, neither outside nor here.
    subjects = find_subjects(records.frame, contracts.get(records.contract).about.person)
    # From here on everything is as it leaves, contents too: another recipient or purpose makes all records new states,
    # so that no destination keeps some under their keys and some under handles without being told.
    inside, records = records, known_records.to_outside(records, ref_keys)
    rows = records.frame.get_column(ROW)
    told = known_records.tell_origins(origins)
    frame = records.frame.with_columns(told.describe_sources(rows, known_records.supplied_by, names))
    tails = told.encode_tails(rows, known_records.supplied_by, names)
    bodies, tail_sizes = encode_bodies(records, tails)
    shelf = make_shelf_pile(known_records, (inside, records), ref_keys, bodies, tails) if known_records.shelf else None
    contents = known_records.pseudonymise_contents(bodies.iter_without_tails(tail_sizes))
    if any(names):
        contents = _mark_contents(ref_keys, contents, names, before, known_records)
    states = BatchStates(
        ref_keys=ref_keys,
        contents=contents,
        moments=known_records.read_moments(rows, origins),
        before=before,
        parcels=known_records.find_numbers(rows, origins),
        redelivers=origins.parcels[0].redelivers,
        is_replay=is_replay,
        needs_moments=known_records.order is not None and known_records.order.is_asked,
    )
    changes, everything = states.find_changes(), frame
    moments, wanted = changes.moments, np.flatnonzero(changes.versions)
    if len(wanted) < frame.height:  # most first runs deliver everything: then nothing is copied
        frame, bodies, ref_keys, contents = frame[wanted], bodies.select(wanted), ref_keys[wanted], contents[wanted]
        moments = None if moments is None else moments[wanted]
        subjects = None if subjects is None else subjects[wanted]
        names = [names[place] for place in wanted.tolist()] if names else ()
        unsaid = unsaid.select(wanted) if unsaid is not None else None
    versions = changes.versions[wanted].tolist()
    identity = _DeliveryIdentity(known_records, records.contract, ref_keys, contents, versions)
    delivery = Delivery(
        flow=known_records.flow,
        contract=records.contract,
        batch=batch or _name_batch(origins, frame, known_records),
        frame=frame,
        bodies=bodies,
        keys=_LazyTexts(len(versions), identity.make_keys),
        versions=versions,
        remote_ids=_LazyTexts(len(versions), identity.find_remote_ids),
        unsaid=names if any(names) else (),
        ref_keys=ref_keys,
    )
    return BatchComparison(
        delivery,
        ref_keys,
        contents,
        changes,
        partial(_find_confirmed, changes, records.contract, states),
        moments,
        unsaid,
        everything,
        subjects,
        None if shelf is None else shelf.select(wanted),
    )


def _name_batch(origins: RecordOrigins, frame: pl.DataFrame, known_records: KnownRecords) -> BatchKey:
    """Return the key of the batch that the first record comes from: each of these parcels has one batch."""
    # The first *delivered* record's: should the parcels be delivered one by one after all, this parcel writes a file
    # of the same name, over the one that held the records of all.
    first = int(origins.find_parcels(frame.get_column(ROW)[:1])[0]) if frame.height else 0
    return BatchKey(known_records.name_parcel(origins.parcels[first]), 0)


def encode_bodies(records: Records, tail: canonical.Pieces) -> tuple[Bodies, NDArray[np.int64]]:
    """Return the bodies of records, and how many bytes of each are its provenance."""
    with time_stage("encode"):
        bodies = Bodies.from_lines(
            canonical.encode(records.frame, contracts.get(records.contract), valid=True, close=tail)
        )
    sized = [pl.lit(len(piece.encode())) if isinstance(piece, str) else piece.str.len_bytes() for piece in tail]
    # -1: a body is kept without its line feed, which is the last byte of the tail
    total = pl.sum_horizontal(
        pl.repeat(-1, records.frame.height, dtype=pl.Int64), *(one.cast(pl.Int64) for one in sized)
    )
    return bodies, pl.select(total).to_series().to_numpy()


def make_shelf_pile(
    known_records: KnownRecords,
    forms: tuple[Records, Records],
    ref_keys: Pseudonyms,
    bodies: Bodies,
    tails: canonical.Pieces,
) -> ShelfPile:
    """Return records, given as they are inside and outside, as a shelf keeps them.

    `ref_keys` are the pseudonyms of the references inside, `bodies` what leaves.
    """
    kept = choose_kept(*forms, known_records.shelf)
    if kept.frame is not forms[1].frame:
        bodies, _sizes = encode_bodies(kept, tails)  # the others hold handles
    refs = kept.frame.get_column("ref")
    if kept is not forms[0]:
        ref_keys = known_records.pseudonymise_refs(refs)
    return ShelfPile(known_records.shelf, refs, ref_keys, bodies)


def _find_confirmed(
    changes: RecordChanges, contract: str, states: BatchStates, places: NDArray[np.int64]
) -> DeliveredRecords | None:
    """Return, of the records at these places, those of which only a later moment is new; None when there are none."""
    at = places[changes.confirmed[places]]
    if changes.moments is None or not len(at):
        return None
    keys, contents = states.ref_keys[at].tobytes(), states.contents[at].tobytes()
    made, versions = encode_moments(changes.moments[at]), changes.current[at].tolist()
    return DeliveredRecords(contract, keys, contents, versions, moments=made)


def _mark_contents(
    ref_keys: Pseudonyms,
    contents: Pseudonyms,
    names: Sequence[tuple[str, ...]],
    before: RecalledRecords,
    known_records: KnownRecords,
) -> Pseudonyms:
    """Return contents in which what is unsaid counts, but for records whose said content the destination has.

    The destination then has nothing in the unsaid fields, or what was delivered of them before: either stays.
    """
    places = np.flatnonzero([bool(some) for some in names])
    texts = (contents[place].tobytes() + b"\0" + "\0".join(names[place]).encode() for place in places.tolist())
    marked = contents.copy()
    marked[places] = known_records.pseudonymise_contents(memoryview(text) for text in texts)
    is_there = before.there & (before.contents == contents).all(axis=1)
    for group in find_repeated(ref_keys):
        is_there[group] = False  # what came in between in this very batch decides, not what was there before it
    marked[is_there] = contents[is_there]
    return marked


def encode_moments(moments: NDArray[np.int64] | None) -> bytes:
    """Return moments as the journal keeps them; nothing when nothing orders states."""
    return b"" if moments is None else moments.astype("<i8").tobytes()


def add_provenance(frame: pl.DataFrame, table: TextTable, parcel: Parcel, known_records: KnownRecords) -> pl.DataFrame:
    """Return the records with a column `source`: supplier, connector, parcel and row they come from."""
    origins = RecordOrigins.of(table, parcel)
    return frame.with_columns(origins.describe_sources(frame.get_column(ROW), known_records.supplied_by))


class _LazyTexts(Sequence[str]):
    """Texts of a batch, made when a destination asks for them: files need none."""

    def __init__(self, size: int, make: Callable[[], tuple[str, ...]]) -> None:
        self._size = size
        self._make = make

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self.texts[index]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return self._make()


@dataclass(frozen=True, slots=True)
class _DeliveryIdentity:
    """What makes the idempotency keys and the ids of the records of one delivery."""

    known_records: KnownRecords
    contract: str
    ref_keys: Pseudonyms
    contents: Pseudonyms
    versions: Sequence[int]

    def make_keys(self) -> tuple[str, ...]:
        """Return the idempotency keys. With the version in it: a record that changes and changes back is sent again."""
        opening = f"{self.known_records.flow}|{self.contract}"
        texts = [
            f"{opening}|{ref.tobytes().hex()}|{version}|{content.tobytes().hex()}"
            for ref, content, version in zip(self.ref_keys, self.contents, self.versions, strict=True)
        ]
        return tuple(key.hex() for key in self.known_records.seal.pseudonymise_each("key", texts))

    def find_remote_ids(self) -> tuple[str, ...]:
        """Return the ids that the destination assigned to the records before; empty where there is none."""
        refs = [ref.tobytes() for ref in self.ref_keys]
        flow, journal = self.known_records.flow, self.known_records.journal
        earlier = journal.find_known(flow, self.contract, list(dict.fromkeys(refs)))
        return tuple(earlier[ref].remote_id if ref in earlier else "" for ref in refs)
