"""Chooses how a sample is read: by a named connector, by a description in TOML, or in contract form."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import IO, TYPE_CHECKING, BinaryIO, Literal, Protocol

from passerelle.engine.path.batch_stream import decode_batches
from passerelle.engine.path.collecting import Blocks
from passerelle.engine.path.plans import get_plan
from passerelle.engine.watches.drift_watch import DriftWatch
from passerelle.extension.toml_files import compute_version, read_local
from passerelle.tender.scoring import contract_form
from passerelle.vocabulary.errors import ParcelError, UsageError
from passerelle.vocabulary.suggestions import join_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from passerelle.extension.supplier import Connector

_PROBE = 1 << 16
_PROBED = 20
"""Batches that are looked at: those of the first members of a workbook or an archive."""
_NO_FIT = (0.0, 0.0)


class SampleFile(Protocol):
    """A sample: a file of a folder, or one that somebody handed in and that lies in memory alone."""

    @property
    def name(self) -> str:
        """Name the file, without its folder."""
        ...

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Open it, at its beginning. Raises OSError."""
        ...


@dataclass(frozen=True, slots=True)
class HeldSample:
    """A sample in memory."""

    name: str
    content: bytes = field(repr=False)

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """Open it, at its beginning."""
        del mode
        return BytesIO(self.content)


@dataclass(frozen=True, slots=True)
class SampleReader:
    """A connector that can read a sample, with its supplier and version."""

    supplier: str
    connector: Connector
    version: str
    """Of the plugin; of a description beside it, digits that change with it."""

    @property
    def is_contract_form(self) -> bool:
        """Whether the sample is in contract form, so that nothing had to be described."""
        return self.connector.id == contract_form.ID


def read_descriptions(path: Path) -> tuple[SampleReader, ...]:
    """Read the description of a bidder's layouts. Raises SettingsError with all that is wrong with it."""
    supplier = read_local(path)
    return tuple(SampleReader(supplier.id, connector, compute_version(path)) for connector in supplier.connectors)


def choose_reader(
    path: SampleFile, offered: Sequence[SampleReader], wanted: Sequence[str], *, is_alone: bool
) -> SampleReader:
    """Return the reader that knows the largest share of a sample's columns; one for contract form where that is more.

    The only one that is offered for the only sample (`is_alone`) is taken as it is, and says itself what is wrong.
    Raises UsageError when nothing fits, or two fit equally well: a file that is read as something else accuses a
    company of faults that are none.
    """
    # Its own error says more than «no reader fits».
    if is_alone and len(offered) == 1:
        return offered[0]
    with open_sample(path) as stream:
        fits = [(fit, reader) for reader in offered if (fit := _measure_fit(stream, reader.connector)) is not None]
        best = max((fit for fit, _reader in fits), default=_NO_FIT)
        own = contract_form.recognise_form(stream, wanted) if best[0] < 1 else None
        own_fit = own and _measure_fit(stream, own)
    if own and own_fit and own_fit > best:
        return SampleReader(contract_form.SUPPLIER, own, "")
    closest = [reader for fit, reader in fits if fit == best]
    if not closest:
        raise UsageError("usage.sample.unrecognised", file=path.name)
    if len(closest) > 1:
        names = join_names(reader.connector.id for reader in closest)
        raise UsageError("usage.sample.tied", file=path.name, connectors=names)
    return closest[0]


def _measure_fit(stream: IO[bytes], connector: Connector) -> tuple[float, float] | None:
    """Return which share of a sample's columns a connector knows, then which share of its own columns is there.

    None when it finds none of its columns, or lacks one that it needs.
    """
    plan = get_plan(connector.id, connector)
    # A hundred rows of each member show the columns; the whole file is read once, by the check.
    batches = decode_batches(stream, connector.dialect, blocks=Blocks(_PROBE, 100))
    watch = DriftWatch(plan)
    try:
        for decoded in islice(batches, _PROBED):
            watch.observe(decoded)
    except ParcelError:
        return None
    described = {member: columns for member, columns in watch.columns.items() if plan.list_tables(member)}
    there = sum(len(columns) for columns in watch.columns.values())
    unknown = sum(len(watch.drifts[member].unknown) for member in described)
    missing = sum(len(watch.drifts[member].missing) for member in described)
    known = sum(map(len, described.values())) - unknown
    return (known / there, known / (known + missing)) if known else None


def open_sample(path: SampleFile) -> BinaryIO:
    """Open a sample. Raises UsageError."""
    try:
        return path.open("rb")
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name) from None


def compute_digest(path: SampleFile) -> tuple[str, int]:
    """Return the SHA-256 of a file and its size in bytes."""
    digest, size = hashlib.sha256(), 0
    with open_sample(path) as stream:
        while block := stream.read(_PROBE):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size
