"""The watches over the parcels of a group, each over its own parcel, as if those behind it had not come yet."""

from __future__ import annotations

from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING

from passerelle.engine.watches.invoice_watch import InvoiceWatch
from passerelle.engine.watches.parcel_watch import ParcelWatch
from passerelle.engine.watches.person_watch import PersonWatch
from passerelle.engine.watches.reference_watch import ReferenceWatch
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.engine.path.flow_policy import FlowPolicy
    from passerelle.engine.records.ledger import Ledger
    from passerelle.engine.records.record_comparison import KnownRecords
    from passerelle.engine.watches.parcel_warnings import ParcelWarning
    from passerelle.vocabulary.parcels import Records, TextTable


@dataclass(slots=True)
class GroupWatches:
    """A watch for each parcel of a group, in their order."""

    known_records: KnownRecords
    watches: list[ParcelWatch] = field(default_factory=list)
    _there: dict[str, set[bytes]] = field(default_factory=dict)
    """By contract: the refs that were delivered before the group, of those that are referred to in it."""
    _brought: dict[str, dict[bytes, int]] = field(default_factory=dict)
    """By contract: the refs that the group delivered, and by which parcel first."""

    @classmethod
    def of(cls, size: int, policy: FlowPolicy, known_records: KnownRecords) -> GroupWatches:
        """Return watches over so many parcels. What a connector has to watch is found out once."""
        idle = ParcelWatch.for_flow(policy.selection.restrict_plan(policy.plan), known_records)
        digest, links = idle.references.digest_refs, idle.references.links
        self = cls(known_records)
        self.watches += (
            ParcelWatch(
                ReferenceWatch(links, digest, partial(self._find_delivered, nth)),
                InvoiceWatch(digest, idle.invoices.is_needed),
                PersonWatch(idle.persons.produced),
                silent=policy.doubts.silent,
            )
            for nth in range(size)
        )
        return self

    def observe(self, nth: int, records: Records, table: TextTable) -> None:
        """Add the records of one contract of a parcel: all that it has of it."""
        watch = self.watches[nth]
        watch.references.observe(records, table)
        watch.invoices.observe(records, table)
        if records.frame.height > 1:  # one person contradicts nobody, and most messages tell of one
            watch.persons.observe(records, table)

    def list_warnings(self, ledgers: Sequence[Ledger]) -> list[list[ParcelWarning]]:
        """Return, for each parcel, what only the whole of it shows, by what was delivered up to it."""
        for nth, ledger in enumerate(ledgers):
            for records in ledger.known:
                brought = self._brought.setdefault(records.contract, {})
                for key in records.list_keys():
                    brought.setdefault(key, nth)
        return [watch.list_warnings() for watch in self.watches]

    def _find_delivered(self, nth: int, contract: str, keys: list[bytes]) -> set[bytes]:
        """Return which refs the destination has once the parcel is settled, and those behind it are not."""
        there, brought = self._recall(contract), self._brought.get(contract, {})
        return {key for key in keys if key in there or brought.get(key, nth + 1) <= nth}

    def _recall(self, contract: str) -> set[bytes]:
        """Look up what all parcels refer to, in one go, before anything of the group is settled."""
        if contract not in self._there:
            wanted = {
                key: None
                for watch in self.watches
                for link, places in watch.references.wanted.items()
                if contract in link.targets
                for key in places.lines
            }
            journal, flow = self.known_records.journal, self.known_records.flow
            there = journal.recall(flow, contract, b"".join(wanted)).there.tolist() if wanted else []
            self._there[contract] = {key for key, is_there in zip(wanted, there, strict=True) if is_there}
        return self._there[contract]
