"""The table of `passerelle.toml` about the installation: its folders, keys and times."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from passerelle.engine.settings.setting_values import Below, Name, SettingsTable, Whole
from passerelle.vocabulary.errors import SettingsError


class GeneralSettings(SettingsTable):
    """The table `[passerelle]`; what each means is said at `Settings`."""

    state: Below = Field(default=Path("etat"), validate_default=True)
    language: Literal["fr", "en"] | None = None
    key_file: Below | None = None
    keyring: Below | None = None
    retention_days: Annotated[Whole, Field(ge=1, le=3_650)] = 90
    received_days: Annotated[Whole, Field(ge=1, le=3_650)] = 30
    idle_days: Annotated[Whole, Field(ge=1, le=3_650)] = 31
    # before the end of a certificate somebody is told
    certificate_days: Annotated[Whole, Field(ge=0, le=365)] = 21
    subject_days: Annotated[Whole, Field(ge=1, le=3_650)] = 3_650
    # keys that nothing names any more are kept so long: a copy of the state can be put back
    backup_days: Annotated[Whole, Field(ge=0, le=365)] = 7
    plugins: tuple[str, ...] | None = None
    suppliers: tuple[Name, ...] = ()
    audit_anchor: Below | None = None


def is_kept_inside(general: GeneralSettings) -> bool:
    """Whether the head of the audit trail would be kept beside the trail, where it proves nothing."""
    path = general.audit_anchor
    return path is not None and path.resolve().is_relative_to(general.state.resolve())


def read_settings_text(path: Path) -> str:
    """Read a settings file. Raises SettingsError when it is not there, or cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")  # editors of Windows write a byte order mark
    except FileNotFoundError:
        raise SettingsError("settings.file.missing", file=path.name) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError("settings.file.unreadable", file=path.name) from None
