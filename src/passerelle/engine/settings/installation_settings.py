"""The settings of an installation of several organisations: where they are, and what they share."""

from __future__ import annotations

import tomllib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError

from passerelle.engine.settings.fleet_settings import FleetSettings
from passerelle.engine.settings.notify_settings import NotifySettings
from passerelle.engine.settings.setting_values import Name, SettingsTable
from passerelle.extension import toml_problems
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "passerelle.toml"
"""The name under which the settings of an installation are looked for above those of an organisation."""
_MARK = "organisations"
"""The key of `[passerelle]` that makes settings those of an installation."""


class SharedSettings(SettingsTable):
    """The table `[passerelle]` of an installation: what its organisations share."""

    organisations: Name
    """Where their settings are, relative to this file: `organisations/*/passerelle.toml`."""
    language: Literal["fr", "en"] | None = None
    plugins: tuple[str, ...] | None = None
    suppliers: tuple[Name, ...] = ()


class InstallationDocument(SettingsTable):
    """The whole file of an installation."""

    passerelle: SharedSettings
    notify: NotifySettings = Field(default_factory=NotifySettings.model_construct)
    fleet: FleetSettings = Field(default_factory=FleetSettings.model_construct)


@dataclass(frozen=True, slots=True)
class Installation:
    """The settings of several organisations on one machine, as far as they share some."""

    path: Path
    pattern: str
    """Where the settings of organisations are, relative to the folder of `path`."""
    shared: SharedSettings
    notify: NotifySettings
    """Who is told of faults, where an organisation names nobody."""
    fleet: FleetSettings

    @property
    def file_name(self) -> str:
        """Return what the settings of each organisation are called."""
        return PurePosixPath(self.pattern).name

    def list_folders(self) -> list[Path]:
        """List the folders of organisations in the order of their names, whether or not there are settings in them."""
        # by folder: one whose settings are missing is told, and not taken for one that is not there
        found = self.path.parent.glob(str(PurePosixPath(self.pattern).parent))
        return sorted(path for path in found if path.is_dir() and not path.name.startswith("."))

    def locate_folder(self, name: str) -> Path:
        """Return the folder of an organisation, whether or not it is there."""
        return self.path.parent / str(PurePosixPath(self.pattern).parent).replace("*", name)


def read_installation(path: Path) -> Installation | None:
    """Read the settings of an installation; None when the file is that of one organisation, or not there.

    Raises SettingsError, whose `problems` are all that is wrong, each with file, line and key.
    """
    path = path.absolute()
    text = _read_marked(path)
    if text is None:
        return None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None  # told by whoever reads it as what every other settings file is
    if not _is_marked(raw):
        return None
    document = _parse_installation(raw, text, path)
    shared = document.passerelle
    return Installation(path, shared.organisations, shared, document.notify, document.fleet)


def find_installation(path: Path) -> Installation | None:
    """Return the installation above the settings of an organisation, whose pattern leads to these; None without one.

    So it is the same whether an organisation is called by its name or by the path of its settings. Raises SettingsError
    when there is one that cannot be used.
    """
    path = path.absolute()
    for folder in path.parent.parents:
        above = folder / FILE
        if above.is_file() and (found := read_installation(above)) and _is_place_of(found, path):
            return found
    return None


def find_notify(path: Path) -> NotifySettings | None:
    """Return whom the installation above some settings tells, whatever is wrong with these; None when nobody is."""
    try:
        installation = find_installation(path)
    except SettingsError:
        return None
    return installation.notify if installation and installation.notify.channels else None


def share_notify(own: NotifySettings, installation: Installation | None) -> NotifySettings:
    """Return who is told of an organisation's faults: its own channels, else those of its installation."""
    if installation is None or own.channels or not installation.notify.channels:
        return own
    return installation.notify.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})


def _is_place_of(installation: Installation, path: Path) -> bool:
    below = path.relative_to(installation.path.parent).parts
    parts = PurePosixPath(installation.pattern).parts
    return len(below) == len(parts) and all(part in ("*", name) for part, name in zip(parts, below, strict=True))


def _read_marked(path: Path) -> str | None:
    """Return the text of a file that may be an installation's: most are none, and are not parsed twice."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    return text if _MARK in text else None


def _is_marked(raw: Mapping[str, Any]) -> bool:
    table = raw.get("passerelle")
    return isinstance(table, dict) and _MARK in table


def _parse_installation(raw: Mapping[str, Any], text: str, path: Path) -> InstallationDocument:
    problems = toml_problems.Collector(InstallationDocument, text, path.name)
    flows = raw.get("flow")
    for name in flows if isinstance(flows, dict) else ():
        problems.add("settings.installation.flow", ("flow", name))
    document = None
    try:
        document = InstallationDocument.model_validate(
            {name: table for name, table in raw.items() if name != "flow"}, context=path.parent
        )
    except ValidationError as error:
        problems.add_all(error)
    if document is not None and not _is_pattern(document.passerelle.organisations):
        problems.add("settings.installation.pattern", ("passerelle", _MARK))
    if document is None or problems:
        raise problems.to_error() from None
    return document


def _is_pattern(text: str) -> bool:
    """Whether a pattern has one `*` for the folder of each organisation, leads below, and ends with a file's name."""
    path = PurePosixPath(text)
    parts = path.parts
    is_plain = not any(set(part) & set("?[]\\") or part == ".." for part in parts)
    stars = [part for part in parts if "*" in part]
    return is_plain and stars == ["*"] and parts[-1] != "*" and parts[-2] == "*" and not path.is_absolute()


def describe_missing(installation: Installation) -> SettingsError:
    """Return the error of an installation without any organisation: a disk that is not mounted looks like that."""
    return SettingsError("settings.organisation.absent", pattern=installation.pattern)
