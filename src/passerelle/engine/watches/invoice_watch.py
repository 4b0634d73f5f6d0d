"""Checks over a whole parcel that the lines of an invoice add up to its totals. Amounts are whole cents.

An invoice is judged on an amount only when it states that total and every line of it seen here states that amount.
An invoice without any line here is not judged: its lines may come another way.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

import polars as pl

from passerelle import contracts
from passerelle.engine.watches.parcel_warnings import FirstPlaces, ParcelWarning
from passerelle.engine.watches.reference_watch import DigestRefs, digest_refs
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.vocabulary.parcels import Records, TextTable

DIFFER = "validate.invoice.lines_differ"
AMOUNTS = {
    "total_excl_tax": "amount_excl_tax",
    "total_tax": "amount_tax",
    "total_incl_tax": "amount_incl_tax",
}
"""By total of an invoice: the amount of its lines that adds up to it."""
INVOICE, LINE = "invoice", "invoice_line"


@dataclass(slots=True)
class _Sum:
    """The lines of one invoice so far, for one amount."""

    cents: int = 0
    unstated: int = 0
    """Lines without this amount."""


@dataclass(slots=True)
class InvoiceWatch:
    """Collects invoices and their lines of one parcel: each distinct invoice once, as a digest."""

    digest_refs: DigestRefs = digest_refs
    is_needed: bool = False
    totals: dict[bytes, dict[str, int]] = field(default_factory=dict)
    sums: dict[bytes, dict[str, _Sum]] = field(default_factory=dict)
    lines: set[bytes] = field(default_factory=set)
    """Lines that are counted: one that comes twice counts once."""
    invoices: dict[str, FirstPlaces] = field(default_factory=dict)
    """By contract of invoices."""

    @classmethod
    def of(cls, produced: Iterable[str], *, digest_refs: DigestRefs = digest_refs) -> InvoiceWatch:
        """Return a watch over the contracts that a connector produces; needed only with both invoices and lines."""
        families = {contracts.get(contract_id).about.family for contract_id in produced}
        return cls(digest_refs, families >= {INVOICE, LINE})

    def observe(self, records: Records, table: TextTable) -> None:
        """Add records that may be delivered."""
        family = contracts.get(records.contract).about.family if self.is_needed else ""
        if family == INVOICE:
            self.invoices.setdefault(records.contract, FirstPlaces()).add(records.frame, "ref", table, self.digest_refs)
            stated = [name for name in AMOUNTS if name in records.frame.columns]
            rows = records.frame.select("ref", *(_to_cents(name) for name in stated)).to_dicts()
            for digest, row in zip(self.digest_refs([row["ref"] for row in rows]), rows, strict=True):
                self.totals[digest] = {name: row[name] for name in stated if row[name] is not None}
        elif family == LINE and "invoice_ref" in records.frame.columns:
            self._add_lines(records.frame)

    def _add_lines(self, frame: pl.DataFrame) -> None:
        # A supplier may send a line again in the same parcel: it counts once, as it was sent last within a batch.
        frame = frame.unique("ref", keep="last", maintain_order=True)
        refs = self.digest_refs(frame.get_column("ref").to_list())
        is_new = pl.Series([ref not in self.lines for ref in refs], dtype=pl.Boolean)
        self.lines.update(refs)
        stated = {total: name for total, name in AMOUNTS.items() if name in frame.columns}
        grouped = (
            frame.filter(is_new)
            .group_by("invoice_ref")
            .agg(
                *(_to_cents(name).sum().alias(total) for total, name in stated.items()),
                *(pl.col(name).null_count().alias(f"{total}_unstated") for total, name in stated.items()),
            )
        )
        rows = grouped.to_dicts()
        for digest, row in zip(self.digest_refs([row["invoice_ref"] for row in rows]), rows, strict=True):
            sums = self.sums.setdefault(digest, {total: _Sum() for total in AMOUNTS})
            for total, so_far in sums.items():
                so_far.cents += row.get(total) or 0
                so_far.unstated += row.get(f"{total}_unstated", 1)

    def list_warnings(self) -> list[ParcelWarning]:
        """Return, at the end of the parcel, which invoices do not add up, by the total that is wrong."""
        warnings = []
        for contract, places in self.invoices.items():
            for name in AMOUNTS:
                wrong = {digest for digest in places.lines if self._differs(digest, name)}
                warnings += places.list_warnings(DIFFER, contract, name, wrong)
        return warnings

    def count_judged(self) -> tuple[int, int]:
        """Return how many invoices could be judged on an amount, and how many of these do not add up."""
        digests = {digest for places in self.invoices.values() for digest in places.lines}
        judged = {digest for digest in digests if any(self._is_judged(digest, name) for name in AMOUNTS)}
        return len(judged), sum(any(self._differs(digest, name) for name in AMOUNTS) for digest in judged)

    def _is_judged(self, digest: bytes, name: str) -> bool:
        sums = self.sums.get(digest)
        return name in self.totals.get(digest, {}) and sums is not None and not sums[name].unstated

    def _differs(self, digest: bytes, name: str) -> bool:
        return self._is_judged(digest, name) and self.totals[digest][name] != self.sums[digest][name].cents


def _to_cents(name: str) -> pl.Expr:
    """Read a canonical amount, two decimals as text, as a whole number of cents."""
    return pl.col(name).str.replace(".", "", literal=True).cast(pl.Int64)
