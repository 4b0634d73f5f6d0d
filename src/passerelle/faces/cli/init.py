"""`passerelle init`: prepare a folder with commented settings, a key and the folders they name."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from passerelle.engine.settings import load_settings
from passerelle.faces.cli import translated
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.stores.seal import Seal
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _, get_current

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = ("entrees", "sorties")


@translated.command(
    "init",
    help=N_("Write commented settings, create the key that seals the quarantine, and the folders. Replaces nothing."),
    examples=(
        ("init", N_("in the current folder")),
        ("--settings /srv/passerelle/passerelle.toml init", N_("elsewhere")),
    ),
)
@answer_format
@pass_invocation
def command(invocation: Invocation) -> Exit:
    """Prepare the folder of the settings file."""
    path = invocation.path.absolute()
    if path.exists():
        raise UsageError("usage.file.exists", file=path.name)
    _write(path)
    settings = load_settings(path)
    for name in FOLDERS:
        (path.parent / name).mkdir(exist_ok=True)
    settings.state.mkdir(mode=0o700, exist_ok=True)
    Seal.from_key_file(settings.key_file, create=True)
    made = [path.name, *FOLDERS, settings.state.name]
    invocation.answer("init", {"made": made}, lambda: _format_text(path, settings.key_file))
    return Exit.SETTLED


def _write(path: Path) -> None:
    template = files("passerelle.faces.cli").joinpath("templates", f"passerelle.{get_current()}.toml")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
    except OSError:
        raise UsageError("usage.file.unreadable", file=path.name) from None


def _format_text(path: Path, key_file: Path) -> str:
    return "\n".join(
        (
            _("Written: {file}. Describe a flow in it, then: passerelle doctor").format(file=path.name),
            _("Keep a copy of the key «{file}» in a safe place: without it the quarantine cannot be opened.").format(
                file=key_file.name
            ),
        )
    )
