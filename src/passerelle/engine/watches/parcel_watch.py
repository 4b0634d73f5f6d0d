"""Watches a whole parcel for what no record and no batch can show by itself."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from passerelle.engine.watches.fault_watch import FaultWatch
from passerelle.engine.watches.invoice_watch import InvoiceWatch
from passerelle.engine.watches.person_watch import PersonWatch
from passerelle.engine.watches.reference_watch import DigestRefs, FindDelivered, ReferenceWatch, digest_refs
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Container

    from passerelle.engine.records.ledger import Ledger
    from passerelle.engine.records.record_comparison import KnownRecords
    from passerelle.engine.watches.parcel_warnings import ParcelWarning
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.vocabulary.parcels import Records, TextTable


@dataclass(frozen=True, slots=True)
class ParcelWatch:
    """Observes every record of one parcel that may be delivered, and lists warnings about the whole."""

    references: ReferenceWatch
    invoices: InvoiceWatch
    persons: PersonWatch = field(default_factory=PersonWatch)
    faults: FaultWatch = field(default_factory=FaultWatch)
    silent: Container[str] = ()
    """Codes of warnings that the flow does not want."""

    @classmethod
    def of(
        cls,
        plan: TranslationPlan,
        *,
        digest_refs: DigestRefs = digest_refs,
        find_delivered: FindDelivered | None = None,
        silent: Container[str] = (),
    ) -> ParcelWatch:
        """Return a watch over the contracts of a plan."""
        produced = tuple(table.table.contract for table in plan.tables)
        return cls(
            ReferenceWatch.of(produced, digest_refs=digest_refs, find_delivered=find_delivered),
            InvoiceWatch.of(produced, digest_refs=digest_refs),
            PersonWatch.of(produced),
            silent=silent,
        )

    @classmethod
    def for_flow(
        cls, plan: TranslationPlan, known_records: KnownRecords, *, silent: Container[str] = ()
    ) -> ParcelWatch:
        """Return a watch over a parcel of a flow; what the destination has is looked up in the journal."""

        def find_delivered(contract: str, keys: list[bytes]) -> set[bytes]:
            there = known_records.journal.recall(known_records.flow, contract, b"".join(keys)).there
            return {key for key, is_there in zip(keys, there.tolist(), strict=True) if is_there}

        def digest_refs(refs: list[str]) -> list[bytes]:
            return known_records.seal.pseudonymise_each("ref", refs)

        return cls.of(plan, digest_refs=digest_refs, find_delivered=find_delivered, silent=silent)

    @property
    def is_needed(self) -> bool:
        """Whether this connector produces anything to watch."""
        return self.references.is_needed or self.invoices.is_needed or self.persons.is_needed

    def observe(self, records: Records, table: TextTable) -> None:
        """Add records of one contract that may be delivered."""
        self.references.observe(records, table)
        self.invoices.observe(records, table)
        self.persons.observe(records, table)

    def observe_faults(self, ledger: Ledger) -> None:
        """Add what validation and what comes before it set aside of one batch."""
        self.faults.observe(ledger)

    def list_warnings(self) -> list[ParcelWarning]:
        """Return what is wrong, at the end of the parcel."""
        watches = (self.references, self.invoices, self.persons, self.faults)
        warnings = (warning for watch in watches for warning in watch.list_warnings())
        return [warning for warning in warnings if warning.key.code not in self.silent]


@dataclass(frozen=True, slots=True)
class AllNumbersExcept:
    """Every batch number but some: what is skipped when only the settled batches are read again."""

    numbers: Container[int]

    def __contains__(self, number: object) -> bool:
        """Whether a batch is skipped."""
        return number not in self.numbers
