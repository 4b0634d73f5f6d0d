"""Looks whether somebody works for an organisation whose flows several machines share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.health.findings import HealthFinding, Severity
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.settings.fleet_settings import FleetSettings
    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.stores.fleet_counts import FleetRules, FleetState


def find_lateness(rules: FleetSettings) -> FleetRules:
    """Return after how long a worker is dead, and a flow that is due late."""
    from passerelle.stores.fleet_counts import FleetRules  # noqa: PLC0415  most machines have no fleet

    return FleetRules(3.0 * rules.heartbeat, 2.0 * rules.sweep_every, rules.per_organisation)


def examine_workers(settings: Settings) -> Iterator[HealthFinding]:
    """Yield whether workers serve the organisation; nothing where its flows are run by a timer."""
    if not settings.shared.journal:
        return
    from passerelle.engine.workspace.journal_place import open_journal  # noqa: PLC0415  see above
    from passerelle.stores.fleet_counts import read_fleet_states  # noqa: PLC0415  see above

    engine, own = open_journal(settings), settings.shared.organisation
    # of one organisation of several the installation says when a worker is dead
    rules = settings.installation.fleet if settings.installation else settings.fleet
    try:
        state = read_fleet_states(engine, find_lateness(rules), [own])[own]
    finally:
        engine.dispose()
    if state.flows or state.workers:
        yield _judge(state)


def _judge(state: FleetState) -> HealthFinding:
    if not state.workers:
        says = translate_plural(
            "no worker serves this organisation; {count} flow is due",
            "no worker serves this organisation; {count} flows are due",
            state.due,
        )
        severity = Severity.WRONG if state.due else Severity.DOUBTFUL
        advice = _("Start one («passerelle fleet work»), or see why it ended.")
        return HealthFinding(severity, says.format(count=format_count(state.due)), advice)
    if state.stranded or state.failed_bells:
        says = _("flows nobody rings for: {stranded}; turns that failed: {failed}").format(
            stranded=format_count(state.stranded), failed=format_count(state.failed_bells)
        )
        advice = _("«passerelle fleet sweep» rings at once; «turn_failed» in the log says which turns failed, and why.")
        return HealthFinding(Severity.DOUBTFUL, says, advice)
    words = translate_plural(
        "{count} worker serves this organisation", "{count} workers serve this organisation", state.workers
    )
    return HealthFinding(Severity.GOOD, words.format(count=format_count(state.workers)))
