"""Writes what starts the program by itself, beside the settings, or shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.engine.starting.unit_files import StartPlan, make_crontab, make_systemd_units, make_windows_start
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import name_operator
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _, get_current
from passerelle.vocabulary.safe_files import ANYBODY, write_new

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.faces.cli.invocation import Invocation

FOLDER = "demarrage"
"""Folder beside the settings in which they are written."""
CRONTAB, TASK = "passerelle.crontab", "passerelle.xml"
_NEXT = {
    "systemd": N_(
        "Look at them, then, as administrator: copy them to /etc/systemd/system, «systemctl daemon-reload», "
        "«systemctl enable --now» each timer."
    ),
    "cron": N_("Look at it, then, as the account that runs it: add these lines with «crontab -e»."),
    "windows-task": N_(
        "Look at it, then, as administrator: schtasks /Create /TN Passerelle /XML passerelle.xml /RU ACCOUNT /RP *"
    ),
}


def answer_units(invocation: Invocation, kind: str, *, only_shows: bool) -> None:
    """Write the files of a kind (`systemd`, `cron`, `windows-task`), or show them; none that is there is replaced.

    Raises UsageError `usage.file.exists`.
    """
    settings = invocation.read_settings()
    files = _make_files(kind, StartPlan(settings, _name_account(), get_current()))
    folder = settings.path.parent / FOLDER
    if not only_shows:
        for name in files:
            if (folder / name).exists():
                raise UsageError("usage.file.exists", file=name)
        for name, content in files.items():
            with refuse_unreadable(folder / name):
                folder.mkdir(exist_ok=True)
                write_new(folder / name, content, ANYBODY)
    made = [] if only_shows else [f"{FOLDER}/{name}" for name in files]
    texts = {name: content if isinstance(content, str) else content.decode("utf-16") for name, content in files.items()}
    shown = "\n".join(f"# {name}\n{text}" for name, text in texts.items())
    written = _("Written: {files}.").format(files=", ".join(made))
    answer = shown if only_shows else f"{written}\n{_(_NEXT[kind])}"
    invocation.answer("init", {"made": made, "units": texts}, lambda: answer)


def _make_files(kind: str, plan: StartPlan) -> Mapping[str, str | bytes]:
    match kind:
        case "systemd":
            return make_systemd_units(plan)
        case "cron":
            return {CRONTAB: make_crontab(plan)}
        case _:
            return {TASK: make_windows_start(plan)}


def _name_account() -> str:
    """Return the account that runs the program: this one, unless it is the administrator's."""
    account = name_operator()
    return "passerelle" if account in {"root", "?"} else account
