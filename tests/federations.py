"""Installations of several organisations, each with a flow from a folder to a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.engine.settings.installation_settings import Installation, read_installation

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]
EXPORT = ROOT / "plugins" / "compani" / "samples" / "interventions" / "nominal.csv"
INSTALLATION = '[passerelle]\norganisations = "organisations/*/passerelle.toml"\nplugins = ["compani"]\n'
MEMBER = '[passerelle]\nkey_file = "cle"\n'
FLOW = """
[flow.{name}]
connector = "compani-interventions"
purpose = "effectivity"
source = {{ kind = "folder", path = "{path}", glob = "*.csv", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "sorties" }}
"""


def make_federation(folder: Path, names: Iterable[str], more: str = "") -> Installation:
    """Make an installation with these organisations; nothing waits at their doors yet."""
    (folder / "passerelle.toml").write_text(INSTALLATION + more, "utf-8")
    for name in names:
        add_member(folder, name)
    found = read_installation(folder / "passerelle.toml")
    assert found is not None
    return found


def add_member(folder: Path, name: str, flow: str = "visites", settings: str | None = None) -> Path:
    """Make the folder of an organisation with one flow, or with other settings."""
    below = folder / "organisations" / name
    for part in ("entrees", "sorties"):
        (below / part).mkdir(parents=True, exist_ok=True)
    text = MEMBER + FLOW.format(name=flow, path="entrees") if settings is None else settings
    (below / "passerelle.toml").write_text(text, "utf-8")
    return below


def drop_export(folder: Path, name: str, file: str = "a.csv", *, rows: int | None = None, first: int = 0) -> None:
    """Put an export at the door of an organisation: the sample, or some of its rows under other numbers."""
    text = EXPORT.read_text("utf-8")
    if rows is not None:
        head, *lines = text.splitlines()
        text = "\n".join([head, *(lines[(first + nth) % len(lines)] for nth in range(rows))]) + "\n"
    (folder / "organisations" / name / "entrees" / file).write_text(text, "utf-8")


def read_bytes_below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
