"""What starts Passerelle by itself, as text: systemd units, a crontab, a task of Windows.

Each knows the exit codes of `run` (`run_state`): 1 is a run that took place, 75 comes again by itself, and 2, 3 and 64
wait for somebody.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from passerelle.engine.health.safety_checks import list_references
from passerelle.engine.runs.run_state import USAGE, RunState
from passerelle.engine.settings.endpoint_settings import DatabaseDestinationSettings
from passerelle.engine.settings.place_settings import FolderDestinationSettings, FolderSourceSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.engine.settings.workspace_settings import Settings

NAME = "passerelle"
CREDENTIALS = f"/run/credentials/{NAME}.service/"
"""Where systemd puts what `LoadCredential` names (systemd 247 and later)."""
_HOMES = (Path("/home"), Path("/root"), Path("/run/user"))
_TASKS = "http://schemas.microsoft.com/windows/2004/02/mit/task"
"""Namespace of the tasks of Windows (MS-TSCH, 2.5)."""
_HARDENING = """\
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome={home}
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
"""


def find_program() -> list[str]:
    """Return the words that start this installation, absolute."""
    beside = Path(sys.executable).with_name("passerelle.exe" if os.name == "nt" else "passerelle")
    if beside.is_file():
        return [str(beside)]
    if found := shutil.which("passerelle"):
        return [str(Path(found).absolute())]
    return [sys.executable, "-m", "passerelle.faces.cli.main"]


@dataclass(frozen=True, slots=True)
class StartPlan:
    """What is started, as whom, where, and when."""

    settings: Settings
    account: str
    language: str
    program: Sequence[str] = field(default_factory=find_program)
    """The words that start the program."""

    @property
    def command(self) -> list[str]:
        """Return the words of the run."""
        return [*self.program, "--settings", str(self.settings.path), "--log-format", "json", "run", "--due"]

    @property
    def is_scheduled(self) -> bool:
        """Whether a flow has a schedule: the program is then started often, and runs what is due."""
        return any(flow.schedule for flow in self.settings.flows.values() if flow.enabled)

    @property
    def notify_command(self) -> list[str]:
        """Return the words that tell people what no run could tell."""
        return [*self.program, "--settings", str(self.settings.path), "--log-format", "json", "notify"]

    @property
    def mail_command(self) -> list[str]:
        """Return the words that mail the state of all flows."""
        return [*self.program, "--settings", str(self.settings.path), "--log-format", "json", "status", "--mail"]

    @property
    def tells(self) -> bool:
        """Whether the settings name somebody to tell."""
        return bool(self.settings.notify.channels)


def list_written_places(settings: Settings) -> list[Path]:
    """Return the folders in which a run writes, none of them below another."""
    places = [settings.path.parent, settings.state, settings.keyring_folder.parent, settings.key_file.parent]
    places += [settings.audit_anchor.parent] if settings.audit_anchor else []
    places += [settings.shared.depot] if settings.shared.depot else []
    for flow in settings.flows.values():
        source, destination = flow.source, flow.destination
        if isinstance(source, FolderSourceSettings):
            places.append(source.path)
        if isinstance(destination, FolderDestinationSettings):
            places.append(destination.path)
        elif isinstance(destination, DatabaseDestinationSettings) and isinstance(destination.url, Path):
            places.append(destination.url.parent)
    ordered = sorted(dict.fromkeys(Path(os.path.normpath(path)) for path in places), key=lambda path: len(path.parts))
    kept: list[Path] = []
    for path in ordered:
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return kept


def make_systemd_units(plan: StartPlan) -> Mapping[str, str]:
    """Return the units by file name: run and its timer; where somebody is told, the look of the morning as well."""
    every, when = ("every quarter of an hour", "*:0/15") if plan.is_scheduled else ("every night", "*-*-* 02:30:00")
    units = {
        f"{NAME}.service": _make_service(plan),
        f"{NAME}.timer": _make_timer(every, when, f"{NAME}.service", delay=not plan.is_scheduled),
    }
    if plan.tells:
        units[f"{NAME}-notify.service"] = _make_look_service(
            plan, "tell what no run could tell", plan.notify_command, burst=30
        )
        # after the night, and its retries: what came to an end by then need not be told
        units[f"{NAME}-notify.timer"] = _make_timer(
            "the look of the morning", "*-*-* 07:30:00", f"{NAME}-notify.service"
        )
    if plan.settings.notify.mail:
        # a reader of several may have taken what another refused: it does not come again all morning
        units[f"{NAME}-state.service"] = _make_look_service(
            plan, "mail the state of all flows", plan.mail_command, burst=3
        )
        units[f"{NAME}-state.timer"] = _make_timer("the mail of the morning", "*-*-* 07:00:00", f"{NAME}-state.service")
    return units


def _make_service(plan: StartPlan) -> str:
    waits = f"{RunState.SUSPENDED:d} {RunState.STOPPED:d} {USAGE:d}"
    on_failure = f"OnFailure={NAME}-notify.service\n" if plan.tells else ""
    return f"""\
[Unit]
Description=Passerelle: run what is due
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=12h
StartLimitBurst=30
{on_failure}
[Service]
Type=oneshot
{_make_common(plan)}ExecStart={_quote_command(plan.command)}
# {RunState.ASIDE:d}: something is set aside, and the run took place
SuccessExitStatus={RunState.ASIDE:d}
# {RunState.WAITING:d}: the other side does not answer, come again in a quarter of an hour; {waits} wait for somebody
Restart=on-failure
RestartPreventExitStatus={waits}
RestartSec=15min
# a run that hangs is ended: killed at any moment, the next one goes on where it was
TimeoutStartSec=6h
{_HARDENING.format(home=_choose_home(plan))}{_list_writable(plan.settings)}"""


def _make_look_service(plan: StartPlan, what: str, command: Sequence[str], *, burst: int) -> str:
    return f"""\
[Unit]
Description=Passerelle: {what}
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=12h
StartLimitBurst={burst}

[Service]
Type=oneshot
{_make_common(plan)}ExecStart={_quote_command(command)}
Restart=on-failure
RestartPreventExitStatus={RunState.SUSPENDED:d} {RunState.STOPPED:d} {USAGE:d}
RestartSec=15min
TimeoutStartSec=15min
{_HARDENING.format(home=_choose_home(plan))}{_list_writable(plan.settings)}"""


def _make_timer(what: str, when: str, unit: str, *, delay: bool = True) -> str:
    # not everybody at the same second; but a time that people wrote is kept
    spread = "RandomizedDelaySec=5min\n" if delay else ""
    return f"""\
[Unit]
Description=Passerelle: {what}

[Timer]
OnCalendar={when}
{spread}# a machine that was off runs when it is on again
Persistent=true
Unit={unit}

[Install]
WantedBy=timers.target
"""


def _make_common(plan: StartPlan) -> str:
    credentials = "".join(
        f"LoadCredential={_escape(name)}:/etc/{NAME}/{_escape(name)}\n" for name in list_credentials(plan.settings)
    )
    folder = _escape(str(plan.settings.path.parent))
    return (
        f"User={plan.account}\nWorkingDirectory={folder}\n"
        f"Environment=PASSERELLE_LANG={plan.language} PYTHONDONTWRITEBYTECODE=1\n{credentials}"
    )


def list_credentials(settings: Settings) -> list[str]:
    """Return the names of the secrets that the settings expect from `LoadCredential` of the service."""
    paths = [rest for reference in list_references(settings) for scheme, _colon, rest in [reference.partition(":")]]
    names = [path.removeprefix(CREDENTIALS) for path in paths if path.startswith(CREDENTIALS)]
    return list(dict.fromkeys(name for name in names if name and "/" not in name))


def _choose_home(plan: StartPlan) -> str:
    """Return how homes are hidden: not at all where the program or what it writes is in one."""
    needed = [Path(plan.program[0]), *list_written_places(plan.settings)]
    return "read-only" if any(path.is_relative_to(home) for path in needed for home in _HOMES) else "yes"


def _list_writable(settings: Settings) -> str:
    # «-»: a folder that is not there (yet, or any more) is the run's to tell, not systemd's
    return "".join(f"ReadWritePaths={_quote(f'-{path}')}\n" for path in list_written_places(settings))


def _escape(text: str) -> str:
    """Escape the specifiers of systemd."""
    return text.replace("%", "%%")


def _quote(word: str) -> str:
    """Quote a word as systemd.syntax(7) reads it, its specifiers escaped."""
    text = _escape(word).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"' if text != word or set(text) & set(" \t';#") else text


def _quote_command(words: Sequence[str]) -> str:
    """Quote the words of a command: systemd puts variables in all but the first."""
    program, *others = words
    return " ".join([_quote(program), *(_quote(word.replace("$", "$$")) for word in others)])


def make_crontab(plan: StartPlan) -> str:
    """Return lines for `crontab -e` of the account: the run, and where somebody is told the look of the morning.

    cron knows no exit codes: what waits comes again by the next line.
    """
    log = "passages.log"
    start = f"umask 077; cd {shlex.quote(str(plan.settings.path.parent))} && PASSERELLE_LANG={plan.language}"
    lines = [f"# Passerelle, account {plan.account}; the times are those of the machine"]
    run = _escape_cron(f"{start} {shlex.join(plan.command)} >> {log} 2>&1")
    lines += [f"{when} {run}" for when in (("*/15 * * * *",) if plan.is_scheduled else ("30 2 * * *", "30 4 * * *"))]
    if plan.tells:
        lines.append(f"30 7 * * * {_escape_cron(f'{start} {shlex.join(plan.notify_command)} >> {log} 2>&1')}")
    if plan.settings.notify.mail:
        lines.append("# take «#» away, to have the state of all flows mailed every morning")
        lines.append(f"# 0 7 * * * {_escape_cron(f'{start} {shlex.join(plan.mail_command)} >> {log} 2>&1')}")
    return "\n".join(lines) + "\n"


def _escape_cron(text: str) -> str:
    """Escape what cron would read as the end of the command."""
    return text.replace("%", "\\%")


def make_windows_start(plan: StartPlan) -> bytes:
    """Return a task for `schtasks /Create /XML`, in UTF-16 as it is read there: at night, or often."""
    task = etree.Element(f"{{{_TASKS}}}Task", {"version": "1.2"}, nsmap={None: _TASKS})
    _add(_add(task, "RegistrationInfo"), "Description", "Passerelle: run what is due")
    triggers = _add(task, "Triggers")
    night = ("2026-01-01T02:30:00", "2026-01-01T04:30:00")
    for start in ("2026-01-01T00:00:00",) if plan.is_scheduled else night:
        trigger = _add(triggers, "CalendarTrigger")
        if plan.is_scheduled:
            repetition = _add(trigger, "Repetition")
            _add(repetition, "Interval", "PT15M")
            _add(repetition, "Duration", "P1D")
        _add(trigger, "StartBoundary", start)
        _add(trigger, "Enabled", "true")
        _add(_add(trigger, "ScheduleByDay"), "DaysInterval", "1")
    principal = _add(_add(task, "Principals"), "Principal", id="Author")
    _add(principal, "UserId", plan.account)
    _add(principal, "LogonType", "Password")
    _add(principal, "RunLevel", "LeastPrivilege")
    _fill_windows_settings(_add(task, "Settings"))
    action = _add(_add(task, "Actions", Context="Author"), "Exec")
    line = " ".join(f'"{word}"' for word in plan.command)
    _add(action, "Command", "cmd.exe")
    _add(action, "Arguments", f'/d /s /c "set "PASSERELLE_LANG={plan.language}" & {line} >> passages.log 2>&1"')
    _add(action, "WorkingDirectory", str(plan.settings.path.parent))
    return bytes(etree.tostring(task, encoding="UTF-16", xml_declaration=True, pretty_print=True))


def _fill_windows_settings(settings: etree._Element) -> None:
    # in the order of the schema, which is a sequence for most readers
    _add(settings, "MultipleInstancesPolicy", "IgnoreNew")
    _add(settings, "DisallowStartIfOnBatteries", "false")
    _add(settings, "StopIfGoingOnBatteries", "false")
    _add(settings, "StartWhenAvailable", "true")
    _add(settings, "RunOnlyIfNetworkAvailable", "false")
    _add(settings, "Enabled", "true")
    _add(settings, "ExecutionTimeLimit", "PT6H")


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{_TASKS}}}{name}", attributes)
    child.text = text
    return child
