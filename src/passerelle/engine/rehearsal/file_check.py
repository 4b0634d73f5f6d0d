"""Checks one file: the path of a run without delivery, and what it would set aside, grouped by cause."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.path.batch_stream import prepare_batches
from passerelle.engine.path.flow_policy import FlowPolicy
from passerelle.engine.path.plans import get_plan
from passerelle.engine.watches.drift_watch import DriftWatch
from passerelle.engine.watches.parcel_watch import ParcelWatch
from passerelle.engine.watches.unread_watch import is_about_parcel
from passerelle.stages.validate.doubts import DoubtSetting
from passerelle.stores.settlement import WARNING
from passerelle.vocabulary.doubts import WARN_ONLY, DoubtRules
from passerelle.vocabulary.locality import NOWHERE, Locality
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from passerelle.engine.records.ledger import Ledger
    from passerelle.engine.watches.parcel_warnings import ParcelWarning
    from passerelle.extension.supplier import Connector
    from passerelle.stages.translate.drift import Drift
    from passerelle.stores.settlement import ReasonKey
    from passerelle.vocabulary.outcomes import RowWarning, SetAside
    from passerelle.vocabulary.parcels import Records, TextTable

PLACES = 20
"""Places that a cause shows at most."""


@dataclass(slots=True)
class CheckCause:
    """Records that share fate, reason, column and field."""

    key: ReasonKey
    count: int = 0
    places: list[Place] = field(default_factory=list)
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeclaredUnread:
    """Something that a connector leaves unread on purpose."""

    reason: str
    values: int


@dataclass(slots=True)
class CheckReport:
    """What a connector makes of a file. No value of the file is in it."""

    connector: str
    balance: Balance = Balance()
    rows: int = 0
    """Rows of the file, readable or not; one row may give records of several contracts."""
    accepted: dict[str, int] = field(default_factory=dict)
    """Records that would be delivered, by contract."""
    causes: dict[ReasonKey, CheckCause] = field(default_factory=dict)
    drift: dict[str, Drift] = field(default_factory=dict)
    """By member."""
    unread: dict[str, DeclaredUnread] = field(default_factory=dict)
    """What the connector leaves unread on purpose and the file holds, by name."""

    def add_ledger(self, ledger: Ledger) -> None:
        """Add the causes of a batch."""
        for key, count in ledger.causes.items():
            self.causes.setdefault(key, CheckCause(key)).count += count
        for item in ledger.aside:
            self._add_place(ledger.make_key(item.fate, item.reason, item, item.contract), item)
        for warning in ledger.warned:
            self._add_place(ledger.make_key(WARNING, warning.reason, warning, ""), warning)

    def _add_place(self, key: ReasonKey, item: SetAside | RowWarning) -> None:
        cause = self.causes[key]
        # one cause for the whole file: its batches add to its count, and it has no place but its name
        is_known = is_about_parcel(item.reason) and item.place in cause.places
        if len(cause.places) < PLACES and not is_known:
            cause.places.append(item.place)
            cause.details = cause.details or item.details

    def add_warning(self, warning: ParcelWarning) -> None:
        """Add a warning about the whole file."""
        self.balance += Balance(warnings=warning.count)
        key = warning.key
        places = [Place(line, member=key.member, column=key.column, field=key.field) for line in warning.lines[:PLACES]]
        self.causes[key] = CheckCause(key, warning.count, places)


def check(  # noqa: PLR0913  three arguments, and options with defaults
    stream: IO[bytes],
    supplier: str,
    connector: Connector,
    *,
    purpose: Purpose = Purpose.PORTABILITY,
    locality: Locality = NOWHERE,
    received_on: date | None = None,
    doubts: DoubtRules = WARN_ONLY,
    explain_paths: bool = False,
    name: str = "",
    progress: Callable[[int, int], None] = lambda _rows, _consumed: None,
    on_records: Callable[[Records, TextTable], None] = lambda _records, _table: None,
    on_ledger: Callable[[Ledger, TextTable], None] = lambda _ledger, _table: None,
) -> CheckReport:
    """Check a file against a connector. Raises ParcelError when it cannot be read as the connector declares.

    For each batch, `on_records` is called with what would be delivered of each contract and the rows it was read from,
    then `on_ledger` with the ledger of what was set aside and warned about.
    """
    policy = FlowPolicy(
        plan=get_plan(supplier, connector, locality),
        purpose=purpose,
        doubts=doubts,
        setting=DoubtSetting(received_on, locality.country or "FR"),
        explain_paths=explain_paths,
        name=name,
    )
    report = CheckReport(connector.id)
    drift, watch = DriftWatch(policy.plan), ParcelWatch.of(policy.plan, silent=doubts.silent)
    for batch in prepare_batches(stream, connector.dialect, policy, drift=drift):
        decoded, ledger = batch.decoded, batch.ledger
        watch.observe_faults(ledger)
        for records in batch.records:
            watch.observe(records, decoded.table)
            on_records(records, decoded.table)
            height = records.frame.height
            ledger.count(Fate.DELIVERED, height)
            report.accepted[records.contract] = report.accepted.get(records.contract, 0) + height
        on_ledger(ledger, decoded.table)
        report.rows += decoded.received
        report.balance += ledger.make_balance()
        report.add_ledger(ledger)
        progress(report.rows, decoded.consumed)
    report.drift = drift.drifts
    report.unread = {
        name: DeclaredUnread(policy.plan.find_why_unread(name), values)
        for name, values in drift.unread.declared.items()
    }
    for warning in watch.list_warnings():
        report.add_warning(warning)
    return report
