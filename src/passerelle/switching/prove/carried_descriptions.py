"""Descriptions of suppliers (TOML, with their code tables) that a dossier carries, so that others can read the exports.

They stand in the document, and so under its signature: who verifies needs none of the settings of who proved. A
description that was changed after the signature is noticed as any other change is.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from passerelle.extension import toml_files
from passerelle.extension.loading import describe_file
from passerelle.switching.side import ExportReader
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.safe_files import write_new

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.switching.side import Side

_SUFFIXES = (".toml", ".csv")


def pack_descriptions(sides: Iterable[Side]) -> list[dict[str, Any]]:
    """Return the descriptions that read the exports of these sides: name, connectors, and each file as text."""
    packed: dict[Path, dict[str, Any]] = {}
    for side in sides:
        for export in side.exports:
            path = export.connector_reader.plugin.path if export.connector_reader else None
            if path is not None:
                about = packed.setdefault(path, {"name": path.name, "connectors": [], "files": _read_files(path)})
                about["connectors"] = sorted({*about["connectors"], export.reader})
    return sorted(packed.values(), key=lambda about: (about["name"], about["connectors"]))


def _read_files(path: Path) -> dict[str, str]:
    files = dict.fromkeys((path, *toml_files.list_code_tables(path)))
    return {file.relative_to(path.parent).as_posix(): file.read_bytes().decode() for file in files}


def load_carried(content: Mapping[str, Any], folder: Path) -> dict[str, ExportReader]:
    """Return the readers that a dossier carries, by connector. `folder` is private: the files are laid there.

    One that cannot be read is left out: then its connector is unknown, which is told.
    """
    readers: dict[str, ExportReader] = {}
    for number, about in enumerate(content.get("descriptions", ())):
        room = folder / f"description-{number}"
        try:
            for name, text in about["files"].items():
                _lay_file(room, name, text)
            path = room / about["name"]
            supplier, info = toml_files.read_local(path), describe_file(path)
        except (SettingsError, OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        readers |= {one.id: ExportReader(supplier, one, info) for one in supplier.connectors}
    return readers


def _lay_file(room: Path, name: str, text: str) -> None:
    """Write one file below a folder. Raises ValueError for a name that leads out of it, or to no description."""
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or "\\" in name or parts.suffix not in _SUFFIXES:
        raise ValueError
    target = room.joinpath(*parts.parts)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_new(target, text.encode())
