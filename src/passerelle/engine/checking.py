"""A dry run over one file: the same path without delivery, and what it would set aside, grouped by cause."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from passerelle.contracts.fact import Purpose
from passerelle.documents.workbook_reader import open_rows
from passerelle.engine.collecting import Blocks
from passerelle.engine.drifting import DriftWatch
from passerelle.engine.ledger import Ledger
from passerelle.engine.pipeline import Route, examine
from passerelle.engine.watching import ParcelWatch
from passerelle.stages.decode.decoding import decode
from passerelle.stages.translate.plan import compile_plan
from passerelle.stores.settlement import WARNING
from passerelle.vocabulary.outcomes import Balance, Fate
from passerelle.vocabulary.parcels import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passerelle.engine.remarks import Remark
    from passerelle.extension.supplier import Connector
    from passerelle.stages.translate.drift import Drift
    from passerelle.stages.translate.plan import Plan
    from passerelle.stores.settlement import ReasonKey
    from passerelle.vocabulary.outcomes import SetAside, Warned
    from passerelle.vocabulary.parcels import Records, TextTable

PLACES = 20
"""How many places a cause shows."""


@dataclass(slots=True)
class Cause:
    """Records that share fate, reason, column and field."""

    key: ReasonKey
    count: int = 0
    places: list[Place] = field(default_factory=list)
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class CheckReport:
    """What a file is worth to a connector. No value of the file is in it."""

    connector: str
    balance: Balance = Balance()
    rows: int = 0
    """Rows of the file, readable or not; one row may give records of several contracts."""
    accepted: dict[str, int] = field(default_factory=dict)
    """Records that would be delivered, by contract."""
    causes: dict[ReasonKey, Cause] = field(default_factory=dict)
    drift: dict[str, Drift] = field(default_factory=dict)
    """By member."""


def plan_of(supplier: str, connector: Connector) -> Plan:
    """Compile a connector's tables."""
    return compile_plan(
        connector.tables,
        supplier=supplier,
        out_of_scope=connector.out_of_scope,
        nulls=connector.nulls,
        nothing=connector.nothing,
    )


def check(  # noqa: PLR0913  three things, and options that nobody need give
    stream: IO[bytes],
    supplier: str,
    connector: Connector,
    *,
    purpose: Purpose = Purpose.PORTABILITY,
    strict_identifiers: bool = False,
    explain_lanes: bool = False,
    progress: Callable[[int, int], None] = lambda _rows, _consumed: None,
    see: Callable[[Records, TextTable], None] = lambda _records, _table: None,
    hear: Callable[[Ledger, TextTable], None] = lambda _ledger, _table: None,
) -> CheckReport:
    """Take a file down the path and back. Raises ParcelError when it cannot be read as the connector declares.

    `see` is shown what would be delivered, batch after batch, with the rows it was read from; after that, `hear` is
    told all that was set aside and warned about in the batch.
    """
    route = Route(
        plan=plan_of(supplier, connector),
        purpose=purpose,
        deliver_extra=True,
        strict_identifiers=strict_identifiers,
        explain_lanes=explain_lanes,
    )
    report = CheckReport(connector.id)
    drift, whole = DriftWatch(route.plan), ParcelWatch.of(route.plan)
    blocks = Blocks()
    batches = decode(
        stream, connector.dialect, block_bytes=blocks.bytes, block_rows=blocks.rows, open_workbook=open_rows
    )
    for decoded in drift.watch(batches):
        ledger = Ledger(decoded.table.member)
        for records in examine(decoded, route, ledger):
            whole.see(records, decoded.table)
            see(records, decoded.table)
            height = records.frame.height
            ledger.count(Fate.DELIVERED, height)
            report.accepted[records.contract] = report.accepted.get(records.contract, 0) + height
        hear(ledger, decoded.table)
        report.rows += decoded.received
        report.balance += ledger.balance()
        _enter(report, ledger)
        progress(report.rows, decoded.consumed)
    report.drift = drift.found
    for remark in whole.remarks():
        _remark(report, remark)
    return report


def _remark(report: CheckReport, remark: Remark) -> None:
    report.balance += Balance(warnings=remark.count)
    places = [Place(line, member=remark.key.member, field=remark.key.field) for line in remark.lines[:PLACES]]
    report.causes[remark.key] = Cause(remark.key, remark.count, places)


def _enter(report: CheckReport, ledger: Ledger) -> None:
    for key, count in ledger.causes.items():
        report.causes.setdefault(key, Cause(key)).count += count
    for item in ledger.aside:
        _place(report, ledger.key(item.fate, item.reason, item, item.contract), item)
    for warned in ledger.warned:
        _place(report, ledger.key(WARNING, warned.reason, warned, ""), warned)


def _place(report: CheckReport, key: ReasonKey, item: SetAside | Warned) -> None:
    cause = report.causes[key]
    if len(cause.places) < PLACES:
        cause.places.append(item.place)
        cause.facts = cause.facts or item.facts
