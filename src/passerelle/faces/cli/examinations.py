"""What the doctor looks at. Each examination yields what it finds; an error of ours that it raises is a finding too."""

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

from passerelle.engine.secrets import resolve
from passerelle.engine.settings import CredentialSettings
from passerelle.extension.loading import installed
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import _, plural
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.faces.cli.invocation import Invocation
    from passerelle.vocabulary.errors import PasserelleError

PARTS = ("passerelle-social", "polars", "pydantic", "sqlalchemy", "httpx", "lxml", "cryptography")
SECONDS = 5.0
"""How long a system may take to answer the door."""
OLDEST = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that shows an earlier day is wrong: this program did not exist."""


class Verdict(StrEnum):
    """How serious a finding is."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to do about it."""

    verdict: Verdict
    says: str
    advice: str = ""


def wrong(error: PasserelleError) -> Finding:
    """Make a finding of an error; of settings, with every problem."""
    says, advice = explain(error.code, error.facts)
    problems = getattr(error, "problems", ())
    told = [format_labelled(problem.facts["line"], str(problem)) for problem in problems]
    return Finding(Verdict.WRONG, "\n    ".join([says, *told]), advice)


def versions(_invocation: Invocation) -> Iterator[Finding]:
    """Name the versions that a report of trouble needs."""
    parts = [f"{name} {version(name)}" for name in PARTS]
    plugins = [f"{info.name} {info.version}" for info in installed()]
    python = f"Python {platform.python_version()}"
    yield Finding(Verdict.GOOD, ", ".join([python, f"SQLite {sqlite3.sqlite_version}", *parts, *plugins]))


def settings(invocation: Invocation) -> Iterator[Finding]:
    """Read the settings, load the plugins, and find the connector of each flow."""
    loaded = invocation.settings()
    plugins = invocation.plugins()
    for flow in loaded.flows.values():
        plugins.connector(flow.connector)
    words = plural(
        "{count} flow, its connector is there", "{count} flows, their connectors are there", len(loaded.flows)
    )
    yield Finding(Verdict.GOOD, words.format(count=len(loaded.flows)))


def secrets(invocation: Invocation) -> Iterator[Finding]:
    """See that there is something behind each reference."""
    found = 0
    for flow in invocation.settings().flows.values():
        for door in (flow.source, flow.destination):
            if isinstance(door, CredentialSettings):
                for name in CredentialSettings.model_fields:
                    if reference := getattr(door, name):
                        resolve(reference)
                        found += 1
    words = plural("{count} reference leads to a secret", "{count} references lead to a secret", found)
    yield Finding(Verdict.GOOD, words.format(count=found))


def rights(invocation: Invocation) -> Iterator[Finding]:
    """See that the folder is ours to write and nobody else's to read, and the folders of flows are there."""
    loaded = invocation.settings()
    yield _private(loaded.state)
    if loaded.key_file.exists():
        yield _private(loaded.key_file)
    for flow in loaded.flows.values():
        for door in (flow.source, flow.destination):
            if door.kind == "folder" and not door.path.is_dir():
                says = _("{flow}: the folder «{folder}» is not there").format(flow=flow.name, folder=door.path.name)
                yield Finding(Verdict.DOUBTFUL, says, _("Create it, or correct the path in the settings."))


def _private(path: Path) -> Finding:
    if not path.exists():
        return Finding(Verdict.GOOD, _("«{name}» will be created by the first run").format(name=path.name))
    if not os.access(path, os.R_OK | os.W_OK):
        return Finding(
            Verdict.WRONG, _("«{name}» cannot be written").format(name=path.name), _("Give it to this account.")
        )
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        says = _("«{name}» can be read by other accounts").format(name=path.name)
        return Finding(Verdict.WRONG, says, _("Take their rights away (chmod go= …)."))
    return Finding(Verdict.GOOD, _("«{name}» belongs to this account alone").format(name=path.name))


def clock(_invocation: Invocation) -> Iterator[Finding]:
    """See that the clock is plausible and that time zones are known: local times are resolved with them."""
    now = datetime.now(UTC)
    try:
        local = now.astimezone(ZoneInfo("Europe/Paris"))
    except ZoneInfoNotFoundError:
        yield Finding(Verdict.WRONG, _("the time zone data are missing"), _("Install the Python package «tzdata»."))
        return
    if now < OLDEST:
        yield Finding(
            Verdict.WRONG, _("the clock shows {day}").format(day=now.date()), _("Set the clock of the machine.")
        )
    else:
        yield Finding(Verdict.GOOD, _("{moment} in Paris").format(moment=f"{local:%Y-%m-%d %H:%M}"))


def database(invocation: Invocation) -> Iterator[Finding]:
    """Open the journal, check its audit trail, and that it is not ahead of the clock."""
    loaded = invocation.settings()
    if not loaded.state.exists():
        yield Finding(Verdict.GOOD, _("it will be created by the first run"))
        return
    with invocation.house() as house:
        length = house.journal.verify_audit()
        words = plural(
            "it opens; audit trail intact, {count} entry", "it opens; audit trail intact, {count} entries", length
        )
        yield Finding(Verdict.GOOD, words.format(count=length))
        for run in house.journal.runs(1):
            if run.started_at > house.clock.now() + timedelta(minutes=5):
                advice = _("Set the clock of the machine.")
                yield Finding(Verdict.WRONG, _("the last run lies in the future of this clock"), advice)


def reachability(invocation: Invocation) -> Iterator[Finding]:
    """Knock at the door of each API: a connection is opened and closed, nothing is sent."""
    for flow in invocation.settings().flows.values():
        for door in (flow.source, flow.destination):
            if door.kind in ("api", "supplier"):
                yield _knock(flow.name, door.base_url)


def _knock(flow: str, address: str) -> Finding:
    parts = urlsplit(address)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((host, port), timeout=SECONDS).close()
    except OSError:
        says = _("{flow}: {host} does not answer").format(flow=flow, host=host)
        return Finding(Verdict.DOUBTFUL, says, _("Check the address, the network and the proxy; runs wait meanwhile."))
    return Finding(Verdict.GOOD, _("{flow}: {host} answers").format(flow=flow, host=host))
