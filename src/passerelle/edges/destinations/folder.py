"""A folder as a destination: one file for each contract and batch, there whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from passerelle.edges.destinations.forms import FORMS, CsvForm, Form, Layout
from passerelle.edges.destinations.own_answers import answer_records
from passerelle.edges.durable import sync_folder, translate_disk_faults, write_through
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.parcels import shorten_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import Delivery


@dataclass(frozen=True, slots=True)
class FolderDestination:
    """Writes `<flow>-<contract>-<parcel>-<batch>.<format>`; the same batch again gives the same file.

    `layout(contract, frame)` turns records into rows of a supplier's own layout, one row a record, in order, and names
    what it has no column for; the file is then a CSV in that supplier's `delimiter`, `quote` and `encoding`.
    """

    path: Path
    format: Literal["ndjson", "parquet", "csv", "xlsx"] = "ndjson"
    layout: Layout | None = field(default=None, kw_only=True)
    delimiter: str = field(default=";", kw_only=True)
    quote: str = field(default='"', kw_only=True)
    encoding: str = field(default="", kw_only=True)

    def deliver(self, delivery: Delivery) -> list[Answer]:
        """Write the batch's file. Raises FlowError for missing rights, TransientError when there is no room."""
        if not len(delivery):
            return []
        form: Form = FORMS[self.format]
        if self.layout is not None:
            form = CsvForm(self.layout, self.delimiter, self.quote, self.encoding)
        written = form.write(delivery)
        write_file(self.path, make_file_name(delivery, form.extension), written.content)
        return answer_records(len(delivery), written.refused, written.unmapped)

    def close(self) -> None:
        """Do nothing: no file stays open."""


def write_file(folder: Path, name: str, content: bytes | Iterable[bytes | memoryview]) -> None:
    """Write a file, there whole or not at all. Raises FlowError for missing rights, TransientError without room."""
    # In the same folder, since a rename is atomic only within one file system; the dot keeps it out of `*`.
    unfinished = folder / f".{name}.part"
    with translate_disk_faults("incident.folder.unwritable"):
        folder.mkdir(parents=True, exist_ok=True)
        write_through(unfinished, content)
        hit_failpoint("folder.written")
        unfinished.replace(folder / name)
        sync_folder(folder)
        hit_failpoint("folder.renamed")


def make_file_name(delivery: Delivery, extension: str, *, part: str = "") -> str:
    """Name a batch's file, from our own words and numbers only: nothing that a supplier wrote becomes a path."""
    contract = delivery.contract.replace("/", "-")
    stem = f"{delivery.flow}-{contract}-{shorten_key(delivery.batch.parcel)}-{delivery.batch.number:05d}"
    return f"{stem}-{part}.{extension}" if part else f"{stem}.{extension}"
