"""A folder as a destination: one file for each contract and batch, there whole or not at all."""

from __future__ import annotations

import json
import re
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from passerelle.edges.destinations.forms import CsvForm, Layout, Ndjson, Parquet
from passerelle.edges.destinations.own_answers import DELIVERED, answer_records
from passerelle.edges.places.file_place import as_place
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.parcels import shorten_key
from passerelle.vocabulary.safe_files import OWNER

_PARCEL_NAME = re.compile(r"-([0-9a-f]{12})(?=-)")

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.edges.destinations.laid_rows import Form
    from passerelle.edges.places.file_place import FilePlace
    from passerelle.vocabulary.outcomes import Answer
    from passerelle.vocabulary.parcels import Delivery
    from passerelle.vocabulary.withdrawals import Withdrawal


@dataclass(frozen=True, slots=True)
class FolderDestination:
    """Writes `<flow>-<contract>-<parcel>-<batch>.<format>`; the same batch again gives the same file.

    `layout(contract, frame)` turns records into rows of a supplier's own layout, one row a record, in order, and names
    what it has no column for; the file is then a CSV in that supplier's `delimiter`, `quote` and `encoding`.
    """

    path: Path | FilePlace
    """A folder of this machine, or of another one."""
    format: Literal["ndjson", "parquet", "csv", "xlsx"] = "ndjson"
    layout: Layout | None = field(default=None, kw_only=True)
    delimiter: str = field(default=";", kw_only=True)
    quote: str = field(default='"', kw_only=True)
    encoding: str = field(default="", kw_only=True)
    header_rows: int = field(default=1, kw_only=True)
    rights: int = field(default=OWNER, kw_only=True)
    formulas: Literal["quote", "keep"] | None = field(default=None, kw_only=True)
    """What becomes of texts that a spreadsheet would run; None: quoted, but kept in a supplier's own layout."""

    def deliver(self, delivery: Delivery) -> list[Answer]:
        """Write the batch's file. Raises FlowError for missing rights, TransientError when there is no room."""
        if not len(delivery):
            return []
        form = self.make_form()
        written = form.write(delivery)
        as_place(self.path).write(make_file_name(delivery, form.extension), written.content, self.rights)
        return answer_records(len(delivery), written.refused, written.unmapped)

    def make_form(self) -> Form:
        """Return the form of its files."""
        if self.layout is not None or self.format == "csv":
            # a supplier's program reads its own layout: an apostrophe would be part of the value there
            keeps = self.formulas == "keep" or (self.formulas is None and self.layout is not None)
            delimiter, quote, encoding = self.delimiter, self.quote, self.encoding
            return CsvForm(self.layout, delimiter, quote, encoding, keeps_formulas=keeps, header_rows=self.header_rows)
        if self.format == "xlsx":
            from passerelle.edges.destinations.workbook_form import XlsxForm  # noqa: PLC0415  needs the contracts

            return XlsxForm()
        return Parquet() if self.format == "parquet" else Ndjson()

    def list_parcel_names(self, flow: str) -> frozenset[str]:
        """Return the short names of parcels of a flow that have a file here. Raises as `deliver`."""
        return list_parcel_names(self.path, flow)

    @property
    def can_withdraw(self) -> bool:
        """Whether deletions can be told: a supplier's own layout has no word for them."""
        return self.layout is None

    def withdraw(self, withdrawal: Withdrawal) -> list[Answer]:
        """Write `<flow>-<contract>-<parcel>-<batch>-withdrawn.ndjson`: a line a record, with its version, no value."""
        lines = [
            json.dumps({"ref": ref, "version": version, "deleted": True, "source": dict(withdrawal.source)}) + "\n"
            for ref, version in zip(withdrawal.refs, withdrawal.versions, strict=True)
        ]
        # named by its batch as well: each batch of a parcel may announce deletions
        name = make_file_name(withdrawal, "ndjson", part="withdrawn")
        as_place(self.path).write(name, "".join(lines).encode(), self.rights)
        return [DELIVERED] * len(withdrawal)

    def close(self) -> None:
        """Release the connection, where there is one: no file stays open."""
        as_place(self.path).close()


def list_parcel_names(folder: Path | FilePlace, flow: str) -> frozenset[str]:
    """Return the short names of parcels of a flow that have a file in a folder, as `make_file_name` writes them.

    Raises FlowError for missing rights.
    """
    # names of a flow whose own name begins alike come along: that costs one more draw
    there = (name for name in as_place(folder).list_names() if name.startswith(f"{flow}-"))
    return frozenset(short for text in there for short in _PARCEL_NAME.findall(text))


def make_file_name(delivery: Delivery | Withdrawal, extension: str, *, part: str = "") -> str:
    """Name a batch's file, from our own words and numbers only: nothing that a supplier wrote becomes a path."""
    contract = delivery.contract.replace("/", "-")
    stem = f"{delivery.flow}-{contract}-{shorten_key(delivery.batch.parcel)}-{delivery.batch.number:05d}"
    return f"{stem}-{part}.{extension}" if part else f"{stem}.{extension}"
