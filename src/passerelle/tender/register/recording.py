"""Drafts the record of processing activities from the settings and the contracts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from passerelle.contracts.catalogue import get
from passerelle.contracts.field_meta import DataSubject, Purpose, Sensitivity
from passerelle.engine.plans import get_plan
from passerelle.stages.translate.plan import PIPELINE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.settings import Flow, Settings
    from passerelle.extension.loading import Plugins
    from passerelle.extension.supplier import Connector, Supplier


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A source or destination: its kind and a name without secrets, paths or accounts."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Datum:
    """A field that a connector reads, and whether the flow sends it on."""

    contract: str
    field: str
    subject: DataSubject
    sensitivity: Sensitivity
    is_sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One flow, as an activity of the record."""

    flow: str
    purpose: Purpose
    supplier: str
    connector: str
    source: Endpoint
    destination: Endpoint
    consent: str
    is_enabled: bool
    sends_outside: bool
    """Whether columns that no contract holds go along."""
    contracts: tuple[str, ...]
    data: tuple[Datum, ...]

    @property
    def sent(self) -> tuple[Datum, ...]:
        """Fields that the flow sends on."""
        return tuple(datum for datum in self.data if datum.is_sent)

    @property
    def unneeded(self) -> tuple[Datum, ...]:
        """Fields that are read and do not serve the purpose."""
        return tuple(datum for datum in self.data if not datum.is_sent)

    def list_subjects(self) -> tuple[DataSubject, ...]:
        """Return the subjects of the data sent on."""
        found = {datum.subject for datum in self.sent}
        return tuple(subject for subject in DataSubject if subject in found and subject is not DataSubject.NONE)

    def list_sensitivities(self) -> tuple[Sensitivity, ...]:
        """Return the sensitivities of the data sent on."""
        found = {datum.sensitivity for datum in self.sent}
        return tuple(level for level in Sensitivity if level in found)

    def of(self, sensitivity: Sensitivity) -> tuple[Datum, ...]:
        """Return the fields sent on that have a sensitivity."""
        return tuple(datum for datum in self.sent if datum.sensitivity is sensitivity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The whole draft of the record."""

    activities: tuple[Activity, ...]
    retention_days: int

    def list_unneeded(self) -> tuple[Datum, ...]:
        """Return the fields that are read and that no flow sends, each once."""
        sent = {(datum.contract, datum.field) for one in self.activities for datum in one.sent}
        found: dict[tuple[str, str], Datum] = {}
        for one in self.activities:
            for datum in one.unneeded:
                if (datum.contract, datum.field) not in sent:
                    found.setdefault((datum.contract, datum.field), datum)
        return tuple(found.values())


def draft_register(settings: Settings, plugins: Plugins) -> Register:
    """Draft the record. Raises UsageError for a connector that is not installed."""
    activities = tuple(_describe_activity(name, flow, plugins) for name, flow in settings.flows.items())
    return Register(activities=activities, retention_days=settings.retention_days)


def _describe_activity(name: str, flow: Flow, plugins: Plugins) -> Activity:
    supplier, connector, _info = plugins.find_connector(flow.connector)
    return Activity(
        flow=name,
        purpose=flow.purpose,
        supplier=supplier.title,
        connector=connector.title,
        source=_name_endpoint(flow.source),
        destination=_name_endpoint(flow.destination),
        consent=flow.consent,
        is_enabled=flow.enabled,
        sends_outside=flow.deliver_extra or flow.purpose is Purpose.PORTABILITY,
        contracts=tuple(dict.fromkeys(table.contract for table in connector.tables)),
        data=tuple(_iter_data(supplier, connector, flow.purpose)),
    )


def _name_endpoint(door: Any) -> Endpoint:
    """Return an endpoint named by its host or its last folder: paths and accounts stay out."""
    address = getattr(door, "base_url", "") or ""
    if address:
        return Endpoint(door.kind, urlsplit(address).hostname or "")
    host = getattr(door, "host", "")
    path = getattr(door, "path", None)
    return Endpoint(door.kind, host or getattr(path, "name", ""))


def _iter_data(supplier: Supplier, connector: Connector, purpose: Purpose) -> Iterator[Datum]:
    seen: set[tuple[str, str]] = set()
    for table in get_plan(supplier.id, connector).tables:
        contract = get(table.table.contract)
        for name in (entry.name for entry in table.fields if entry.name not in PIPELINE_FIELDS):
            entry = contract.describe_fields()[name]
            # Two tables may fill the same field: it is one datum of the record.
            if (contract.about.id, name) not in seen:
                seen.add((contract.about.id, name))
                yield Datum(contract.about.id, name, entry.subject, entry.sensitivity, entry.serves(purpose))
