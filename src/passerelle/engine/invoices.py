"""Do the lines of an invoice add up to its totals? Watched over a whole parcel. Amounts are counted in cents.

An invoice is judged on an amount only when it states that total and every line of it seen here states that amount.
An invoice without any line here is not judged: its lines may come another way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.engine.parcel_warnings import ParcelWarning, Spots
from passerelle.engine.references import Naming, digests

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.vocabulary.parcels import Records, TextTable

DIFFER = "validate.invoice.lines_differ"
AMOUNTS = {
    "total_excl_tax": "amount_excl_tax",
    "total_tax": "amount_tax",
    "total_incl_tax": "amount_incl_tax",
}
"""Total of an invoice, and what of its lines adds up to it."""
INVOICE, LINE = "invoice", "invoice_line"


@dataclass(slots=True)
class _Sum:
    """The lines of one invoice so far, for one amount."""

    cents: int = 0
    unstated: int = 0
    """Lines that do not state it."""


@dataclass(slots=True)
class InvoiceWatch:
    """Collects invoices and their lines of one parcel: each distinct invoice once, as a digest."""

    naming: Naming = digests
    is_needed: bool = False
    totals: dict[bytes, dict[str, int]] = field(default_factory=dict)
    sums: dict[bytes, dict[str, _Sum]] = field(default_factory=dict)
    lines: set[bytes] = field(default_factory=set)
    """Lines that are counted: one that comes twice counts once."""
    spots: dict[str, Spots] = field(default_factory=dict)
    """By contract of invoices."""

    @classmethod
    def of(cls, produced: Iterable[str], *, naming: Naming = digests) -> InvoiceWatch:
        """Watch what a connector produces; needed only where it gives invoices and lines."""
        families = {contracts.get(contract_id).about.family for contract_id in produced}
        return cls(naming, families >= {INVOICE, LINE})

    def observe(self, records: Records, table: TextTable) -> None:
        """Take in records that pass."""
        family = contracts.get(records.contract).about.family if self.is_needed else ""
        if family == INVOICE:
            self.spots.setdefault(records.contract, Spots()).see(records.frame, "ref", table, self.naming)
            self._invoices(records.frame)
        elif family == LINE and "invoice_ref" in records.frame.columns:
            self._lines(records.frame)

    def _invoices(self, frame: pl.DataFrame) -> None:
        told = [name for name in AMOUNTS if name in frame.columns]
        rows = frame.select("ref", *(_cents(name) for name in told)).to_dicts()
        for digest, row in zip(self.naming([row["ref"] for row in rows]), rows, strict=True):
            self.totals[digest] = {name: row[name] for name in told if row[name] is not None}

    def _lines(self, frame: pl.DataFrame) -> None:
        told = {total: name for total, name in AMOUNTS.items() if name in frame.columns}
        grouped = (
            self._new(frame)
            .group_by("invoice_ref")
            .agg(
                *(_cents(name).sum().alias(total) for total, name in told.items()),
                *(pl.col(name).null_count().alias(f"{total}_unstated") for total, name in told.items()),
            )
        )
        rows = grouped.to_dicts()
        for digest, row in zip(self.naming([row["invoice_ref"] for row in rows]), rows, strict=True):
            sums = self.sums.setdefault(digest, {total: _Sum() for total in AMOUNTS})
            for total, so_far in sums.items():
                so_far.cents += row.get(total) or 0
                so_far.unstated += row.get(f"{total}_unstated", 1)

    def _new(self, frame: pl.DataFrame) -> pl.DataFrame:
        frame = frame.unique("ref", keep="last", maintain_order=True)
        refs = self.naming(frame.get_column("ref").to_list())
        fresh = pl.Series([ref not in self.lines for ref in refs], dtype=pl.Boolean)
        self.lines.update(refs)
        return frame.filter(fresh)

    def list_warnings(self) -> list[ParcelWarning]:
        """Say, once the parcel is through, which invoices do not add up, by the total that is wrong."""
        found = []
        for contract, spots in self.spots.items():
            for name in AMOUNTS:
                wrong = {digest for digest in spots.lines if self._differs(digest, name)}
                found += spots.list_warnings(DIFFER, contract, name, wrong)
        return found

    def _differs(self, digest: bytes, name: str) -> bool:
        total, sums = self.totals.get(digest, {}).get(name), self.sums.get(digest)
        if total is None or sums is None or sums[name].unstated:
            return False
        return total != sums[name].cents


def _cents(name: str) -> pl.Expr:
    """Read a canonical amount, two decimals as text, as a whole number of cents."""
    return pl.col(name).str.replace(".", "", literal=True).cast(pl.Int64)
