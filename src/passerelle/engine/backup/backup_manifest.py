"""What a backup says of itself: when it was made, of what, its digests, and the books of the journal in it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from passerelle.vocabulary.errors import FatalError

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "passerelle.backup/1"
MANIFEST = "manifeste.json"
STATE, SETTINGS = "etat", "reglages"
"""Folders of the archive."""


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """The last entry of a backup: an archive without it was cut off."""

    made_at: datetime
    program: str
    """Version of Passerelle that wrote the backup."""
    revision: str
    """Revision of the tables of the journal."""
    settings: str
    """Name of the settings file within `SETTINGS`."""
    rows: Mapping[str, int]
    """Rows of each table of the journal."""
    books: Mapping[str, Mapping[str, int]]
    """By flow: what was received, and by fate."""
    digests: Mapping[str, str]
    """SHA-256 of each file of the archive but this one, by its name there."""

    def to_json(self) -> str:
        """Return the manifest as it stands in the archive."""
        content = {"schema": SCHEMA, **asdict(self), "made_at": self.made_at.isoformat()}
        return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)


def read_manifest(content: bytes, file: str) -> BackupManifest:
    """Return the manifest of a text. Raises FatalError `incident.backup.broken`, `incident.backup.newer`."""
    try:
        raw: dict[str, Any] = json.loads(content)
        schema = raw.pop("schema")
        if isinstance(schema, str) and schema.startswith("passerelle.backup/") and schema != SCHEMA:
            raise FatalError("incident.backup.newer", file=file)
        if schema != SCHEMA:
            raise FatalError("incident.backup.broken", file=file)
        return BackupManifest(**{**raw, "made_at": datetime.fromisoformat(raw["made_at"])})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FatalError("incident.backup.broken", file=file) from None


def is_expected(name: str) -> bool:
    """Whether an entry of an archive has a name that a backup gives: below its two folders, and nowhere else."""
    path = PurePosixPath(name)
    is_below = len(path.parts) > 1 and path.parts[0] in (STATE, SETTINGS) and not path.is_absolute()
    # Windows would read «..\» and «C:» in what is one plain name elsewhere
    return is_below and str(path) == name and ".." not in path.parts and not set(name) & set('\\:*?"<>|\0')
