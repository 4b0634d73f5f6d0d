"""Drafts the record of processing activities from the settings and the contracts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from passerelle.contracts.access import find_subject
from passerelle.contracts.catalogue import get
from passerelle.contracts.field_meta import DataSubject, Purpose, Sensitivity
from passerelle.contracts.processing import Controller, is_outside_union
from passerelle.contracts.release import NEVER, find_condition
from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.engine.clock import SystemClock
from passerelle.engine.path.plans import get_plan
from passerelle.stages.translate.converters.contacts import Identifier
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.stages.validate.nir_coherence import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from passerelle.contracts.processing import Processing
    from passerelle.engine.settings.workspace_settings import Flow, Settings
    from passerelle.extension.plugins import Plugins
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
    is_nir: bool = False
    """Whether social security numbers are among its values (loi Informatique et Libertés, article 30)."""
    is_awaited: bool = False
    """Whether it stays only until the settings state what it needs: the works council, a ground of article 9."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierMove:
    """A change of supplier, as whoever asks for the record read it from its own settings."""

    name: str
    origin: str
    target: str
    connectors: tuple[str, ...]
    """Connectors that read the software that is left."""
    contracts: tuple[str, ...] = ()
    """Contracts of its files that are in contract form already."""
    destinations: tuple[Any, ...] = ()
    """Settings of where records go, as those of flows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One flow or change of supplier, as an activity of the record."""

    flow: str
    """Its name in the settings."""
    kind: str = "flow"
    """`flow`, or `switch` for a change of supplier."""
    purpose: Purpose
    supplier: str
    connector: str
    source: Endpoint
    destination: Endpoint
    consent: str
    is_enabled: bool
    processing: Mapping[str, str]
    """What the settings declare of the processing, each part as text; what they do not say is absent."""
    sends_outside: bool
    """Whether columns that no contract holds go along."""
    contracts: tuple[str, ...]
    data: tuple[Datum, ...]
    joint_controllers: tuple[str, ...] | None = None
    """None: nobody said."""
    processors: tuple[str, ...] | None = None
    """Each as a text: name, task, country; None: nobody said."""
    category_days: Mapping[str, int] = field(default_factory=dict)
    """Days at the recipient, by sensitivity, where they are other than of the rest."""
    is_transfer: bool = False
    """Whether the recipient is outside the Union and the European Economic Area."""
    shelf_days: int | None = None
    """How long a copy of what is delivered is kept here; None: there is none."""

    @property
    def sent(self) -> tuple[Datum, ...]:
        """Fields that the flow sends on."""
        return tuple(datum for datum in self.data if datum.is_sent)

    @property
    def kept(self) -> tuple[Datum, ...]:
        """Fields that are read and not sent on."""
        return tuple(datum for datum in self.data if not datum.is_sent)

    @property
    def awaited(self) -> tuple[Datum, ...]:
        """Fields that serve the purpose, and stay until the settings state what they need."""
        return tuple(datum for datum in self.data if datum.is_awaited)

    @property
    def unneeded(self) -> tuple[Datum, ...]:
        """Fields that are read and do not serve the purpose."""
        return tuple(datum for datum in self.kept if not datum.is_awaited)

    def list_subjects(self) -> tuple[DataSubject, ...]:
        """Return the kinds of people the data sent on are about."""
        # A payer's name is nobody's: people of organisations stand in the records of organisations alone.
        found = {
            datum.subject
            for datum in self.sent
            if datum.subject is not DataSubject.ORGANISATION or datum.contract.startswith("organisation/")
        }
        return tuple(subject for subject in DataSubject if subject in found and subject is not DataSubject.NONE)

    def list_sensitivities(self) -> tuple[Sensitivity, ...]:
        """Return the sensitivities of the data sent on."""
        found = {datum.sensitivity for datum in self.sent}
        return tuple(level for level in Sensitivity if level in found)

    def list_categories(self, subject: DataSubject) -> tuple[Sensitivity, ...]:
        """Return the sensitivities of the data sent on about one kind of subject."""
        found = {datum.sensitivity for datum in self.sent if datum.subject is subject}
        return tuple(level for level in Sensitivity if level in found)

    @property
    def nir(self) -> tuple[Datum, ...]:
        """Fields that are read and in which social security numbers are."""
        return tuple(datum for datum in self.data if datum.is_nir)

    def of(self, sensitivity: Sensitivity) -> tuple[Datum, ...]:
        """Return the fields sent on that have a sensitivity."""
        return tuple(datum for datum in self.sent if datum.sensitivity is sensitivity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The whole draft of the record."""

    activities: tuple[Activity, ...]
    retention_days: int
    controller: Controller = field(default_factory=Controller)

    def list_purposes(self) -> tuple[Purpose, ...]:
        """Return the purposes that some activity has, in their order."""
        found = {one.purpose for one in self.activities}
        return tuple(purpose for purpose in Purpose if purpose in found)

    def list_activities(self, purpose: Purpose) -> tuple[Activity, ...]:
        """Return the activities of a purpose."""
        return tuple(one for one in self.activities if one.purpose is purpose)

    def list_unneeded(self) -> tuple[Datum, ...]:
        """Return the fields that are read and that serve no flow, each once."""
        served = {(datum.contract, datum.field) for one in self.activities for datum in (*one.sent, *one.awaited)}
        found: dict[tuple[str, str], Datum] = {}
        for one in self.activities:
            for datum in one.unneeded:
                if (datum.contract, datum.field) not in served:
                    found.setdefault((datum.contract, datum.field), datum)
        return tuple(found.values())


def draft_register(settings: Settings, plugins: Plugins, moves: Iterable[SupplierMove] = ()) -> Register:
    """Draft the record. Raises UsageError for a connector that is not installed."""
    today = SystemClock().now().date()
    flows = (_describe_activity(name, flow, plugins, today) for name, flow in settings.flows.items())
    activities = (*flows, *(_describe_move(move, plugins) for move in moves))
    return Register(activities=activities, retention_days=settings.retention_days, controller=settings.controller)


def _describe_activity(name: str, flow: Flow, plugins: Plugins, today: date) -> Activity:
    supplier, connector, _info = plugins.find_connector(flow.connector)
    policy, processing = flow.make_release(today), flow.declare_processing()
    return Activity(
        flow=name,
        purpose=flow.purpose,
        supplier=supplier.title,
        connector=connector.title,
        source=_name_endpoint(flow.source),
        destination=_name_endpoint(flow.destination),
        consent=flow.consent,
        is_enabled=flow.enabled,
        processing=_describe_processing(processing),
        sends_outside=policy.takes_everything or bool(policy.list_columns()),
        contracts=tuple(dict.fromkeys(table.contract for table in connector.tables)),
        data=tuple(_iter_data(supplier, connector, policy)),
        joint_controllers=processing.joint_controllers,
        processors=_describe_processors(processing),
        category_days={level.value: days for level, days in processing.retention.categories.items()},
        is_transfer=is_outside_union(processing.recipient.country),
        shelf_days=flow.shelf_days,
    )


def _describe_processors(processing: Processing) -> tuple[str, ...] | None:
    if processing.processors is None:
        return None
    return tuple(", ".join(filter(None, (one.name, one.task, one.country))) for one in processing.processors)


def _describe_move(move: SupplierMove, plugins: Plugins) -> Activity:
    """Return a change of supplier as an activity: the organisation takes its own data along, with all that it holds."""
    policy = ReleasePolicy.of_purpose(Purpose.PORTABILITY)
    data: dict[tuple[str, str], Datum] = {}
    for name in move.connectors:
        supplier, connector, _info = plugins.find_connector(name)
        for datum in _iter_data(supplier, connector, policy):
            data.setdefault((datum.contract, datum.field), datum)
    for contract_id in move.contracts:
        for datum in _iter_whole(contract_id):
            data.setdefault((datum.contract, datum.field), datum)
    ends = [_name_endpoint(door) for door in move.destinations]
    return Activity(
        flow=move.name,
        kind="switch",
        purpose=Purpose.PORTABILITY,
        supplier=move.origin,
        connector=move.origin,
        source=Endpoint("exports", ""),
        destination=ends[0] if ends else Endpoint("target", move.target),
        consent="portability",
        is_enabled=True,
        processing={"recipient": move.target},
        sends_outside=True,
        contracts=tuple(dict.fromkeys(contract for contract, _field in data)),
        data=tuple(data.values()),
    )


def _iter_whole(contract_id: str) -> Iterator[Datum]:
    """Yield all fields of a contract: of a file in contract form nothing says which are filled."""
    contract = get(contract_id)
    for name, entry in contract.describe_fields().items():
        if name not in PIPELINE_FIELDS:
            subject = find_subject(contract, name)
            is_nir = name == "identifiers" and subject is not DataSubject.ORGANISATION
            yield Datum(contract.about.id, name, subject, entry.sensitivity, is_sent=True, is_nir=is_nir)


def _describe_processing(processing: Processing) -> dict[str, str]:
    told = {
        "recipient": processing.recipient.name,
        "recipient_kind": processing.recipient.kind.value if processing.is_declared else "",
        "country": processing.recipient.country,
        "secrecy": processing.recipient.secrecy,
        "basis": processing.basis or "",
        "basis_text": processing.basis_text,
        "special_ground": processing.special_ground,
        "special_text": processing.special_text,
        "recipient_days": processing.retention.recipient_days,
        "then": processing.retention.then,
        "informed_on": processing.informed_on,
        "professionals_informed_on": processing.professionals_informed_on,
        "council_consulted_on": processing.council_consulted_on,
        "impact_assessment": processing.impact_assessment,
        "reference": processing.reference,
        "in_use_since": processing.in_use_since,
        "safeguards": processing.safeguards,
        "nir_text": processing.nir_text,
    }
    return {name: str(value) for name, value in told.items() if value}


def _name_endpoint(door: Any) -> Endpoint:
    """Return an endpoint named by its host or its last folder: paths and accounts stay out."""
    address = getattr(door, "base_url", "") or ""
    if address:
        return Endpoint(door.kind, urlsplit(address).hostname or "")
    host = getattr(door, "host", "")
    path = getattr(door, "path", None)
    return Endpoint(door.kind, host or getattr(path, "name", ""))


def _iter_data(supplier: Supplier, connector: Connector, policy: ReleasePolicy) -> Iterator[Datum]:
    seen: set[tuple[str, str]] = set()
    for table in get_plan(supplier.id, connector).tables:
        contract = get(table.table.contract)
        releases = policy.find_releases(contract)
        for name in (entry.name for entry in table.fields if entry.name not in PIPELINE_FIELDS):
            entry = contract.describe_fields()[name]
            # Two tables may fill the same field: it is one datum of the record.
            if (contract.about.id, name) not in seen:
                seen.add((contract.about.id, name))
                subject, is_sent = find_subject(contract, name), releases[name] != NEVER
                # an INS is made of the NIR, and a NIA becomes one: the same rules hold for them
                is_nir = any(one.system.lower() in SYSTEMS for one in _iter_identifiers(table.table.fields[name]))
                condition = find_condition(contract, name, policy.purpose, policy.recipient_kind)
                is_awaited = condition is not None and not is_sent
                yield Datum(contract.about.id, name, subject, entry.sensitivity, is_sent, is_nir, is_awaited)


def _iter_identifiers(converter: Any) -> Iterator[Identifier]:
    """Yield the converters of identifiers, those inside others too."""
    if isinstance(converter, Identifier):
        yield converter
    elif isinstance(converter, Sequence) and not isinstance(converter, str):
        for part in converter:
            yield from _iter_identifiers(part)
    elif is_dataclass(converter):
        for entry in fields(converter):
            yield from _iter_identifiers(getattr(converter, entry.name))
