"""Examines what a run needs: versions, settings, secrets, rights, clock, database, reachability."""

from __future__ import annotations

import os
import platform
import socket
import sqlite3
import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from passerelle.engine.assembly import load_workspace_plugins, open_workspace
from passerelle.engine.secrets import resolve
from passerelle.engine.settings import CredentialSettings
from passerelle.extension.loading import list_installed
from passerelle.stores.integrity import FileState
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from passerelle.engine.settings import Settings
    from passerelle.stores.books import RunRow

PACKAGES = ("passerelle-social", "polars", "pydantic", "sqlalchemy", "httpx", "lxml", "cryptography")
SECONDS = 5.0
"""How long a system may take to accept a connection."""
OLDEST = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that shows an earlier day is wrong: this program did not exist."""
CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the last run may lie in the future: clocks of two machines differ a little."""


class Severity(StrEnum):
    """How serious a finding is."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """What an examination found, in the language in use, and what to do about it."""

    severity: Severity
    sentence: str
    advice: str = ""


def examine_workspace(
    read_settings: Callable[[], Settings], *, offline: bool = False
) -> Iterator[tuple[str, HealthFinding]]:
    """Yield each finding with the title of its examination, an English message id. Changes nothing at the other side.

    An error of ours is a finding too. What needs settings is left out when they cannot be read.
    """
    loaded: list[Settings] = []

    def examine_settings() -> Iterator[HealthFinding]:
        """Read the settings, load the plugins, and find the connector of each flow."""
        settings = read_settings()
        loaded.append(settings)
        plugins = load_workspace_plugins(settings)
        for flow in settings.flows.values():
            plugins.find_connector(flow.connector)
        words = translate_plural(
            "{count} flow, its connector is there", "{count} flows, their connectors are there", len(settings.flows)
        )
        yield HealthFinding(Severity.GOOD, words.format(count=len(settings.flows)))

    yield from _collect(N_("versions"), _examine_versions())
    yield from _collect(N_("settings"), examine_settings())
    for settings in loaded:
        yield from _collect(N_("secrets"), _examine_secrets(settings))
        yield from _collect(N_("rights"), _examine_rights(settings))
    yield from _collect(N_("clock"), _examine_clock())
    for settings in loaded:
        yield from _collect(N_("database"), _examine_database(settings))
        if not offline:
            yield from _collect(N_("reachability"), _examine_reachability(settings))


def _collect(title: str, findings: Iterator[HealthFinding]) -> Iterator[tuple[str, HealthFinding]]:
    try:
        for finding in findings:
            yield title, finding
    except PasserelleError as error:
        # an error is a finding like any other; wrong settings have a line for each problem
        says, advice = explain(error.code, error.details)
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


def _examine_secrets(settings: Settings) -> Iterator[HealthFinding]:
    """Resolve each reference to a secret. Raises SettingsError for one that leads nowhere."""
    resolved = 0
    for flow in settings.flows.values():
        for adapter in (flow.source, flow.destination):
            if isinstance(adapter, CredentialSettings):
                for name in CredentialSettings.model_fields:
                    if reference := getattr(adapter, name):
                        resolve(reference)
                        resolved += 1
    words = translate_plural("{count} reference leads to a secret", "{count} references lead to a secret", resolved)
    yield HealthFinding(Severity.GOOD, words.format(count=resolved))


def _examine_rights(settings: Settings) -> Iterator[HealthFinding]:
    """Check that state and key are this account's alone, and that the folders of flows exist."""
    yield _examine_privacy(settings.state)
    if settings.key_file.exists():
        yield _examine_privacy(settings.key_file)
    for flow in settings.flows.values():
        for adapter in (flow.source, flow.destination):
            if adapter.kind == "folder" and not adapter.path.is_dir():
                says = _("{flow}: the folder «{folder}» is not there").format(flow=flow.name, folder=adapter.path.name)
                yield HealthFinding(Severity.DOUBTFUL, says, _("Create it, or correct the path in the settings."))


def _examine_privacy(path: Path) -> HealthFinding:
    if not path.exists():
        return HealthFinding(Severity.GOOD, _("«{name}» will be created by the first run").format(name=path.name))
    if not os.access(path, os.R_OK | os.W_OK):
        return HealthFinding(
            Severity.WRONG, _("«{name}» cannot be written").format(name=path.name), _("Give it to this account.")
        )
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        says = _("«{name}» can be read by other accounts").format(name=path.name)
        return HealthFinding(Severity.WRONG, says, _("Take their rights away (chmod go= …)."))
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
        yield HealthFinding(Severity.GOOD, _("{moment} in Paris").format(moment=f"{local:%Y-%m-%d %H:%M}"))


def _examine_database(settings: Settings) -> Iterator[HealthFinding]:
    """Open the journal, check its audit trail, and that it is not ahead of the clock."""
    if not settings.state.exists():
        yield HealthFinding(Severity.GOOD, _("it will be created by the first run"))
        return
    with open_workspace(settings) as workspace:
        if workspace.journal.check_health(thoroughly=True) is FileState.CHANGED:
            yield HealthFinding(Severity.DOUBTFUL, *explain("incident.journal.changed", {}))
        length = workspace.journal.verify_audit()
        words = translate_plural(
            "it opens; audit trail intact, {count} entry", "it opens; audit trail intact, {count} entries", length
        )
        yield HealthFinding(Severity.GOOD, words.format(count=length))
        for run in workspace.journal.list_runs(1):
            yield from _compare_clock(run, workspace.clock.now(), settings.idle_days)


def _compare_clock(run: RunRow, now: datetime, idle_days: int) -> Iterator[HealthFinding]:
    """Compare the clock with the last run: neither before it nor long after it."""
    last = run.ended_at or run.started_at
    if max(run.started_at, last) > now + CLOCK_TOLERANCE:
        advice = _("Set the clock of the machine.")
        yield HealthFinding(Severity.WRONG, _("the last run lies in the future of this clock"), advice)
    elif now - last > timedelta(days=idle_days):
        says = translate_plural(
            "by this clock there was no run for {count} day",
            "by this clock there was no run for {count} days",
            (now - last).days,
        )
        advice = _("Check the clock of the machine before the next run: what is too old is destroyed by it.")
        yield HealthFinding(Severity.DOUBTFUL, says.format(count=(now - last).days), advice)


def _examine_reachability(settings: Settings) -> Iterator[HealthFinding]:
    """Open a connection to each API and close it; nothing is sent."""
    for flow in settings.flows.values():
        for adapter in (flow.source, flow.destination):
            if adapter.kind in ("api", "supplier"):
                parts = urlsplit(adapter.base_url)
                host = parts.hostname or ""
                port = parts.port or (443 if parts.scheme == "https" else 80)
                try:
                    socket.create_connection((host, port), timeout=SECONDS).close()
                except OSError:
                    says = _("{flow}: {host} does not answer").format(flow=flow.name, host=host)
                    advice = _("Check the address, the network and the proxy; runs wait meanwhile.")
                    yield HealthFinding(Severity.DOUBTFUL, says, advice)
                else:
                    yield HealthFinding(Severity.GOOD, _("{flow}: {host} answers").format(flow=flow.name, host=host))
