"""To whom records of one person go: by flow, its processing, what is sent and what is not, and what is there by now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts.release import NEVER
from passerelle.engine.workspace.assembly import may_object
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.stores.known import WITHDRAWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime

    from passerelle.contracts.processing import Processing
    from passerelle.engine.persons.person_finding import PersonTraces
    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.engine.workspace.assembly import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTransfer:
    """What of the records of one contract a flow sends on."""

    contract: str
    sent: tuple[str, ...]
    """Fields that the connector reads and the recipient may have, in whatever form."""
    kept: tuple[str, ...]
    """Fields that are read and do not go."""
    there: int = 0
    """Records about the person that the recipient has by now."""
    withdrawn: int = 0
    """Those that were deleted there again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTransfer:
    """What one flow does with the records of a person."""

    flow: str
    supplier: str
    """Title of the software that the records come from."""
    processing: Processing
    consent: str
    is_enabled: bool
    may_object: bool
    """Whether the objection of a professional counts: not where the law or the pay obliges."""
    is_figures: bool
    """Whether it counts: its recipient cannot tell whom a record is about."""
    contracts: tuple[ContractTransfer, ...]
    first_at: datetime | None = None
    last_at: datetime | None = None
    """When the records that the recipient has came, the earliest and the latest; None: it has none."""

    @property
    def there(self) -> int:
        """How many records about the person the recipient has."""
        return sum(entry.there for entry in self.contracts)


def list_transfers(workspace: Workspace, traces: PersonTraces, flows: Iterable[str]) -> list[PersonTransfer]:
    """Return what flows do with the records of a person; those that left the settings are not among them."""
    today = workspace.clock.now().date()
    known = workspace.settings.flows
    return [_describe(workspace, known[name], traces, today) for name in known if name in set(flows)]


def _describe(workspace: Workspace, flow: Flow, traces: PersonTraces, today: date) -> PersonTransfer:
    supplier, _connector, _plugin = workspace.plugins.find_connector(flow.connector)
    policy = flow.make_release(today)
    came = {row.digest: row.received_at for row in workspace.journal.list_parcels(flow.name)}
    holding = _Holding(workspace, flow.name, traces, came)
    entries = tuple(_iter_contracts(workspace, flow, holding, today))
    return PersonTransfer(
        flow=flow.name,
        supplier=supplier.title,
        processing=flow.declare_processing(),
        consent=flow.consent,
        is_enabled=flow.enabled,
        may_object=may_object(flow),
        is_figures=policy.is_figures,
        contracts=entries,
        first_at=min(holding.moments, default=None),
        last_at=max(holding.moments, default=None),
    )


@dataclass(slots=True)
class _Holding:
    """What the journal knows of the records of a person in one flow."""

    workspace: Workspace
    flow: str
    traces: PersonTraces
    came: Mapping[str, datetime]
    """When each parcel of the flow came, by digest."""
    moments: list[datetime] = field(default_factory=list)

    def count(self, contract: str) -> tuple[int, int]:
        """Return how many records the recipient has, and how many were deleted there; note when they came."""
        refs = sorted(self.traces.records.get((self.flow, contract), ()))
        if not refs:
            return 0, 0
        keys = self.workspace.seal.pseudonymise_each("ref", refs)
        known = self.workspace.journal.find_known(self.flow, contract, keys).values()
        there = [entry for entry in known if entry.content != WITHDRAWN]
        self.moments += [self.came[entry.parcel] for entry in there if entry.parcel in self.came]
        return len(there), len(known) - len(there)


def _iter_contracts(workspace: Workspace, flow: Flow, holding: _Holding, today: date) -> Iterator[ContractTransfer]:
    policy = flow.make_release(today)
    _supplier, connector, _plugin = workspace.plugins.find_connector(flow.connector)
    read: dict[str, list[str]] = {}
    for table in connector.tables:
        read.setdefault(table.contract, []).extend(name for name in table.fields if name not in PIPELINE_FIELDS)
    for contract_id, names in read.items():
        releases: Mapping[str, object] = policy.find_releases(contracts.get(contract_id))
        own = [name for name in dict.fromkeys(names) if name != "ref"]
        there, withdrawn = holding.count(contract_id)
        yield ContractTransfer(
            contract=contract_id,
            sent=tuple(name for name in own if releases[name] != NEVER),
            kept=tuple(name for name in own if releases[name] == NEVER),
            there=there,
            withdrawn=withdrawn,
        )
