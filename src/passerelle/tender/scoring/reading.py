"""Chooses how a sample is read: by a named connector, by a description in TOML, or in contract form."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, BinaryIO

from passerelle.engine.batch_stream import decode_batches
from passerelle.engine.collecting import Blocks
from passerelle.engine.drift_watch import DriftWatch
from passerelle.engine.plans import get_plan
from passerelle.extension.toml_files import compute_version, read_local
from passerelle.tender.scoring import contract_form
from passerelle.vocabulary.errors import ParcelError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from passerelle.extension.supplier import Connector

_PROBE = 1 << 16


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
    path: Path, offered: Sequence[SampleReader], wanted: Sequence[str], *, is_alone: bool
) -> SampleReader:
    """Return the first reader offered that finds its columns in a sample, else one for contract form.

    The only one that is offered for the only sample (`is_alone`) is taken as it is, and says itself what is wrong.
    Raises UsageError when nothing fits.
    """
    # Its own error says more than «no reader fits».
    if is_alone and len(offered) == 1:
        return offered[0]
    with open_sample(path) as stream:
        for reader in offered:
            if _can_read(stream, reader.connector):
                return reader
        own = contract_form.recognise_form(stream, wanted)
    if own is None:
        raise UsageError("usage.sample.unrecognised", file=path.name)
    return SampleReader(contract_form.SUPPLIER, own, "")


def _can_read(stream: IO[bytes], connector: Connector) -> bool:
    # A hundred rows show the columns; the whole file is read once, by the check.
    batches = decode_batches(stream, connector.dialect, blocks=Blocks(_PROBE, 100))
    watch = DriftWatch(get_plan(connector.id, connector))
    try:
        for decoded in islice(batches, 1):
            watch.observe(decoded)
    except ParcelError:
        return False
    return bool(watch.columns)


def open_sample(path: Path) -> BinaryIO:
    """Open a sample. Raises UsageError."""
    try:
        return path.open("rb")
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name) from None


def compute_digest(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of a file and its size in bytes."""
    digest, size = hashlib.sha256(), 0
    with open_sample(path) as stream:
        while block := stream.read(_PROBE):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size
