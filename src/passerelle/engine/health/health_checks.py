"""Examines what a run needs: versions, settings, secrets, rights, clock, database, reachability."""

from __future__ import annotations

import os
import platform
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from passerelle.engine.adapters.flow_adapters import refuse_away
from passerelle.engine.audit.audit_trail import verify_trail
from passerelle.engine.health import safety_checks
from passerelle.engine.health.certificate_checks import examine_certificates
from passerelle.engine.health.depot_trials import examine_depot
from passerelle.engine.health.findings import HealthFinding, Severity
from passerelle.engine.health.flow_trials import try_flows
from passerelle.engine.health.place_trials import examine_own_places, examine_room
from passerelle.engine.health.sign_in_checks import examine_sign_in
from passerelle.engine.health.worker_checks import examine_workers
from passerelle.engine.runs.away_watch import can_end_by_itself
from passerelle.engine.runs.handle_notice import HANDLES
from passerelle.engine.schedule.due_flows import find_unclear
from passerelle.engine.settings.flow_sides import name_side
from passerelle.engine.settings.processing_check import find_gaps
from passerelle.engine.workspace.assembly import is_journal_lost, load_workspace_plugins, open_workspace
from passerelle.engine.workspace.journal_place import JOURNAL
from passerelle.engine.workspace.key_places import check_keys
from passerelle.extension.loading import list_installed
from passerelle.stores.integrity import DatabaseFileState
from passerelle.vocabulary.errors import PasserelleError, TransientError, UsageError
from passerelle.vocabulary.formatting import format_count, format_labelled, format_moment, format_number
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from passerelle.engine.settings.workspace_settings import Flow, Settings
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.extension.plugins import Plugins
    from passerelle.stores.books import RunRow
    from passerelle.stores.suspensions import Suspension

PACKAGES = ("passerelle-social", "polars", "pydantic", "sqlalchemy", "httpx", "lxml", "cryptography")
_LATEST = 500
"""Parcels whose size says how much room the next run needs."""
OLDEST = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that shows an earlier day is wrong: this program did not exist."""
CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the last run may lie in the future: clocks of two machines differ a little."""


def examine_workspace(
    read_settings: Callable[[], Settings], *, offline: bool = False
) -> Iterator[tuple[str, HealthFinding]]:
    """Yield each finding with the title of its examination, an English message id. Changes nothing at the other side.

    An error of ours is a finding too, and ends its own examination alone: everything that is wrong is told at once.
    What needs settings or plugins is left out when they cannot be read.
    """
    loaded: list[tuple[Settings, Plugins | None]] = []

    def examine_settings() -> Iterator[HealthFinding]:
        """Read the settings, and load the plugins that they allow."""
        settings = read_settings()
        loaded.append((settings, None))
        loaded[0] = settings, load_workspace_plugins(settings)
        words = translate_plural("{count} flow is described", "{count} flows are described", len(settings.flows))
        yield HealthFinding(Severity.GOOD, words.format(count=len(settings.flows)))

    yield from _collect(N_("versions"), _examine_versions())
    yield from _collect(N_("settings"), examine_settings())
    yield from _collect(N_("clock"), _examine_clock())
    for settings, plugins in loaded:
        yield from _collect(N_("secrets"), safety_checks.examine_secrets(settings))
        yield from _collect(N_("secrets"), safety_checks.examine_message_secrets(settings))
        yield from _collect(N_("secrets"), safety_checks.examine_database_addresses(settings))
        yield from _collect(N_("rights"), _examine_rights(settings))
        if plugins is not None:
            yield from _collect(N_("processings"), _examine_processings(settings, plugins))
        yield from _collect(N_("database"), _examine_database(settings, plugins))
        yield from _collect(N_("depot"), examine_depot(settings, offline=offline))
        if plugins is not None:
            yield from _collect(N_("flows"), try_flows(settings, plugins, offline=offline))
        yield from _collect(N_("certificates"), examine_certificates(settings, datetime.now(UTC), offline=offline))
        yield from _collect(N_("signing in"), examine_sign_in(settings, offline=offline))
        yield from _collect(N_("flows"), safety_checks.examine_sharing(settings))
        yield from _collect(N_("flows"), _examine_schedules(settings))
        yield from _collect(N_("workers"), examine_workers(settings))


def _collect(title: str, findings: Iterator[HealthFinding]) -> Iterator[tuple[str, HealthFinding]]:
    try:
        for finding in findings:
            yield title, finding
    except PasserelleError as error:
        # an error is a finding like any other; wrong settings have a line for each problem
        says, advice = explain(error.code, error.words)
        problems = [
            format_labelled(problem.details["line"], str(problem)) for problem in getattr(error, "problems", ())
        ]
        yield title, HealthFinding(Severity.WRONG, "\n    ".join([says, *problems]), advice)


def _examine_versions() -> Iterator[HealthFinding]:
    """Yield the versions that a report of trouble needs."""
    parts = [f"{name} {version(name)}" for name in PACKAGES]
    plugins = [f"{info.name} {info.version}" for info in list_installed()]
    python = f"Python {platform.python_version()}"
    yield HealthFinding(Severity.GOOD, ", ".join([python, f"SQLite {sqlite3.sqlite_version}", *parts, *plugins]))


def _examine_rights(settings: Settings) -> Iterator[HealthFinding]:
    """Check that state and key are this account's alone, and that the folders of flows exist."""
    yield _examine_privacy(settings.state)
    if settings.key_file.exists():
        yield _examine_privacy(settings.key_file)
    if settings.keyring_folder.exists():
        yield _examine_privacy(settings.keyring_folder)
    elif settings.state.exists() and settings.key_file.exists() and not settings.shared.keyring:
        yield HealthFinding(Severity.GOOD, _("the keyring will be created by the first run"))
    yield from safety_checks.examine_key_place(settings)
    yield from safety_checks.examine_folder_rights(settings)
    yield from examine_own_places(settings)


def _examine_processings(settings: Settings, plugins: Plugins) -> Iterator[HealthFinding]:
    """Yield what the settings do not state of the processing of each flow, with the lines to add."""
    today = datetime.now(UTC).date()
    for flow in settings.flows.values():
        try:
            plugins.find_connector(flow.connector)
        except UsageError:
            continue  # told where the flow is tried
        gaps = find_gaps(flow, plugins, today)
        for gap in gaps:
            says, advice = explain(gap.code, gap.details)
            where = "" if gap.code == "processing.extra.unnamed" else ".processing"
            # A comment: the head of a table, pasted twice or beside the table itself, would make the settings invalid.
            place = _("# in [{table}]:").format(table=f"flow.{flow.name}{where}")
            lines = "".join(f"\n    {line}" for line in (place, *gap.lines))
            yield HealthFinding(Severity.DOUBTFUL, says, f"{advice}{lines}")
        if not gaps:
            yield HealthFinding(Severity.GOOD, _("{flow}: everything is stated").format(flow=flow.name))


def _examine_privacy(path: Path) -> HealthFinding:
    if not path.exists():
        return HealthFinding(Severity.GOOD, _("«{name}» will be created by the first run").format(name=path.name))
    if not os.access(path, os.R_OK | os.W_OK):
        return HealthFinding(
            Severity.WRONG, _("«{name}» cannot be written").format(name=path.name), _("Give it to this account.")
        )
    # a run refuses a key that others may read, and nothing else of this
    severity = Severity.WRONG if path.is_file() else Severity.DOUBTFUL
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        says = _("«{name}» can be read by other accounts").format(name=path.name)
        return HealthFinding(severity, says, _("Take their rights away (chmod go= …)."))
    return HealthFinding(Severity.GOOD, _("«{name}» belongs to this account alone").format(name=path.name))


def _examine_clock() -> Iterator[HealthFinding]:
    """Check that the clock is plausible and that time zones are known: local times are resolved with them."""
    now = datetime.now(UTC)
    try:
        local = now.astimezone(ZoneInfo("Europe/Paris"))
    except ZoneInfoNotFoundError:
        yield HealthFinding(
            Severity.WRONG, _("the time zone data are missing"), _("Install the Python package «tzdata».")
        )
        return
    if now < OLDEST:
        yield HealthFinding(
            Severity.WRONG, _("the clock shows {day}").format(day=now.date()), _("Set the clock of the machine.")
        )
    else:
        words = _("{moment} on this machine, {paris} in Paris")
        yield HealthFinding(Severity.GOOD, words.format(moment=format_moment(now), paris=f"{local:%H:%M}"))


def _examine_database(settings: Settings, plugins: Plugins | None) -> Iterator[HealthFinding]:
    """Open the journal, check its audit trail, and that it is not ahead of the clock; tell suspended flows."""
    is_here = settings.shared.journal or (settings.state / JOURNAL).exists()
    if not is_here and not is_journal_lost(settings):
        check_keys(settings)
        yield HealthFinding(Severity.GOOD, _("it will be created by the first run"))
        yield from examine_room(settings, ())
        return
    with open_workspace(settings, plugins=plugins) as workspace:
        if workspace.journal.check_health(thoroughly=True) is DatabaseFileState.CHANGED:
            yield HealthFinding(Severity.DOUBTFUL, *explain("incident.journal.changed", {}))
        length = verify_trail(workspace)
        words = translate_plural(
            "it opens; audit trail intact, {count} entry", "it opens; audit trail intact, {count} entries", length
        )
        yield HealthFinding(Severity.GOOD, words.format(count=length))
        for notice in workspace.journal.list_notices():
            if notice.code == HANDLES:
                sentence, advice = explain(HANDLES, {})
                yield HealthFinding(Severity.DOUBTFUL, format_labelled(notice.flow, sentence), advice)
        if settings.audit_anchor and not settings.audit_anchor.exists() and workspace.journal.list_runs(1):
            says = _("the file «{name}», which keeps the heads of the audit trail, is not there")
            advice = _("Put it back; the next run begins a new one, which does not know what came before.")
            yield HealthFinding(Severity.DOUBTFUL, says.format(name=settings.audit_anchor.name), advice)
        for name, flow in settings.flows.items():
            if flow.enabled and (suspension := workspace.journal.find_suspension(name)):
                yield _tell_suspension(suspension)
            elif flow.enabled:
                yield from _find_away(workspace, flow)
        yield from _tell_shelves(workspace)
        sizes = [row.size for row in workspace.journal.list_parcels()[-_LATEST:]]
        yield from examine_room(settings, sizes)
        for run in workspace.journal.list_runs(1):
            yield from compare_clock(run, workspace.clock.now(), settings.idle_days)


def _tell_shelves(workspace: Workspace) -> Iterator[HealthFinding]:
    """Report what is kept of what was delivered: it is personal data that stays on this machine."""
    for one in workspace.shelf.list_states():
        flow = workspace.settings.flows.get(one.flow)
        if flow is None or flow.shelf_days is None:
            continue  # the next run empties it
        words = _("shelf: {count} records of {contract}, kept for {days} days, {size} MB")
        count, size = format_count(one.records), format_number(one.size / 1_000_000, 1)
        says = words.format(count=count, contract=one.contract, days=format_count(flow.shelf_days), size=size)
        yield HealthFinding(Severity.GOOD, format_labelled(one.flow, says))


def _find_away(workspace: Workspace, flow: Flow) -> Iterator[HealthFinding]:
    """Report that records went to a folder which is not there: the journal knows it, and what is tried does not."""
    try:
        with name_side(flow, "destination"):
            refuse_away(flow.destination, was_here=workspace.journal.find_last_delivered(flow.name) is not None)
    except TransientError as error:
        says, advice = explain(error.code, error.words)
        yield HealthFinding(Severity.WRONG, format_labelled(flow.name, says), advice)


def _examine_schedules(settings: Settings) -> Iterator[HealthFinding]:
    """Look whether it is understood when flows are due; who runs them by hand may write what they like."""
    if unclear := find_unclear(settings):
        says, advice = explain("settings.schedule.unclear", {"flows": ", ".join(unclear)})
        yield HealthFinding(Severity.DOUBTFUL, says, advice)


def _tell_suspension(suspension: Suspension) -> HealthFinding:
    """Report that a flow will not run before somebody resumes it."""
    says, advice = explain(suspension.code, suspension.details)
    words = _("{flow}: suspended since {since}: {reason}").format(
        flow=suspension.flow, since=format_moment(suspension.since), reason=says
    )
    then = _("Then: {command}").format(command=f"passerelle flow resume {suspension.flow}")
    return HealthFinding(Severity.WRONG, words, advice if can_end_by_itself(suspension.code) else f"{advice} {then}")


def compare_clock(run: RunRow, now: datetime, idle_days: int) -> Iterator[HealthFinding]:
    """Compare the clock with the last run: neither before it nor long after it."""
    last = run.ended_at or run.started_at
    if max(run.started_at, last) > now + CLOCK_TOLERANCE:
        advice = _("Set the clock of the machine.")
        # a run would do its work, and destroy nothing
        yield HealthFinding(Severity.DOUBTFUL, _("the last run lies in the future of this clock"), advice)
    elif now - last > timedelta(days=idle_days):
        says = translate_plural(
            "by this clock there was no run for {count} day",
            "by this clock there was no run for {count} days",
            (now - last).days,
        )
        advice = _("Check the clock of the machine before the next run: what is too old is destroyed by it.")
        yield HealthFinding(Severity.DOUBTFUL, says.format(count=(now - last).days), advice)
