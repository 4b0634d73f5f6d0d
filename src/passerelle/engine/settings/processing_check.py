"""What the settings of a flow do not say of its processing, with the lines that would say it."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts.field_meta import FIGURES, Purpose
from passerelle.contracts.release import Condition
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import quote_names
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.suggestions import join_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.extension.plugins import Plugins
    from passerelle.extension.supplier import Connector

FEW = 8
"""Fields that are named before the rest is counted."""


@dataclass(frozen=True, slots=True)
class ProcessingGap:
    """One thing that is not stated: a reason code, its details, and the lines of TOML that would state it.

    The first line sets what decides, those after it what goes with it.
    """

    code: str
    details: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


def find_gaps(flow: Flow, plugins: Plugins, today: date) -> tuple[ProcessingGap, ...]:
    """Return what the settings do not state of a flow. Portability needs nothing: the data stay at home."""
    if flow.purpose is Purpose.PORTABILITY:
        return ()
    try:
        _supplier, connector, _plugin = plugins.find_connector(flow.connector)
    except UsageError:
        return ()  # that the connector is absent is told where it is looked for
    return tuple(_iter_gaps(flow, connector, today))


def _iter_gaps(flow: Flow, connector: Connector, today: date) -> Iterator[ProcessingGap]:
    declared, about = flow.declare_processing(), {"flow": flow.name}
    recipient = flow.processing.recipient
    if not (recipient.kind and declared.recipient.name):
        kind = str(declared.recipient.kind)
        line = f'recipient = {{ kind = "{kind}", name = "…", country = "FR", secrecy = "…" }}'
        yield ProcessingGap("processing.recipient.missing", {**about, "kind": kind}, (line,))
    if declared.basis is None:
        yield ProcessingGap("processing.basis.missing", about, ('basis = "public_task"', 'basis_text = "…"'))
    if not declared.special_ground and (special := _list_fields(flow, connector, today, Condition.GROUND)):
        details = {**about, "fields": join_names(special, most=FEW)}
        yield ProcessingGap("processing.ground.missing", details, ('special_ground = "h"', 'special_text = "…"'))
    if not declared.has_consulted(today) and (traces := _list_fields(flow, connector, today, Condition.CONSULTATION)):
        details = {**about, "fields": join_names(traces, most=FEW)}
        lines = (f"council_consulted_on = {today}", f"professionals_informed_on = {today}")
        yield ProcessingGap("processing.consultation.missing", details, lines)
    if declared.retention.recipient_days is None or not declared.retention.then:
        line = 'retention = { recipient_days = 1825, then = "erase" }'
        yield ProcessingGap("processing.retention.missing", about, (line,))
    if declared.informed_on is None and flow.purpose not in FIGURES:
        yield ProcessingGap("processing.information.missing", about, (f"informed_on = {today}",))
    if flow.deliver_extra is True:
        line = (
            'deliver_extra = { "…" = { title = "…", subject = "person", sensitivity = "ordinary", '
            f'purposes = ["{flow.purpose}"] }} }}'
        )
        yield ProcessingGap("processing.extra.unnamed", {**about, "purpose": str(flow.purpose)}, (line,))


def _list_fields(flow: Flow, connector: Connector, today: date, condition: Condition) -> list[str]:
    """List the fields that the connector fills and that a missing statement is about."""
    policy = flow.make_release(today).forget_statements()
    found = (
        name
        for table in connector.tables
        for name in policy.list_held_back(contracts.get(table.contract), condition)
        if name in table.fields and name not in PIPELINE_FIELDS
    )
    return list(dict.fromkeys(found))


def name_gaps(gaps: Iterable[ProcessingGap]) -> str:
    """Return the settings that people have to write, one for each gap, in quotes: `recipient`, `special_ground`."""
    return quote_names(line.partition(" = ")[0] for gap in gaps for line in gap.lines[:1])
