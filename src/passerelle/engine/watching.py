"""Watching a whole parcel: what no record and no batch can show by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.engine.invoices import InvoiceWatch
from passerelle.engine.references import Known, Naming, ReferenceWatch, digests

if TYPE_CHECKING:
    from collections.abc import Container

    from passerelle.engine.comparing import KnownRecords
    from passerelle.engine.parcel_warnings import ParcelWarning
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.vocabulary.parcels import Records, TextTable


@dataclass(frozen=True, slots=True)
class ParcelWatch:
    """Sees every record of one parcel that passes, and says in the end what is wrong with the whole."""

    references: ReferenceWatch
    invoices: InvoiceWatch

    @classmethod
    def of(cls, plan: TranslationPlan, *, naming: Naming = digests, known: Known | None = None) -> ParcelWatch:
        """Watch the contracts of a plan."""
        produced = tuple(table.table.contract for table in plan.tables)
        return cls(
            ReferenceWatch.of(produced, naming=naming, known=known),
            InvoiceWatch.of(produced, naming=naming),
        )

    @classmethod
    def for_flow(cls, plan: TranslationPlan, memory: KnownRecords) -> ParcelWatch:
        """Watch a parcel of a flow, of which the journal knows what the destination has."""

        def known(contract: str, keys: list[bytes]) -> set[bytes]:
            versions = memory.journal.recall(memory.flow, contract, b"".join(keys)).versions
            return {key for key, version in zip(keys, versions.tolist(), strict=True) if version}

        return cls.of(plan, naming=lambda refs: memory.seal.pseudonymise_each("ref", refs), known=known)

    @property
    def is_needed(self) -> bool:
        """Say whether anything can be wrong with the whole."""
        return self.references.is_needed or self.invoices.is_needed

    def observe(self, records: Records, table: TextTable) -> None:
        """Take in records of one contract that pass."""
        self.references.observe(records, table)
        self.invoices.observe(records, table)

    def list_warnings(self) -> list[ParcelWarning]:
        """Say what is wrong, once the parcel is through."""
        return [*self.references.list_warnings(), *self.invoices.list_warnings()]


@dataclass(frozen=True, slots=True)
class AllBut:
    """Every batch number but some: what is left out of a second look at what an earlier run settled."""

    numbers: Container[int]

    def __contains__(self, number: object) -> bool:
        """Say whether a batch is left out."""
        return number not in self.numbers
