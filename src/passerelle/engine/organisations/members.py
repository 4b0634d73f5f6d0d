"""Finds the organisations of an installation by their folders, and refuses those that would not be kept apart."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passerelle.engine.settings.installation_settings import describe_missing
from passerelle.engine.settings.secrets import is_reference
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.vocabulary.errors import SettingsError, UsageError
from passerelle.vocabulary.formatting import show_name
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.organisation_names import ORGANISATION_NAME
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passerelle.engine.settings.installation_settings import Installation
    from passerelle.engine.settings.workspace_settings import Settings

_STATE = "etat"


@dataclass(frozen=True, slots=True)
class MemberOrganisation:
    """One organisation of an installation: the name of its folder, and its settings there."""

    name: str
    path: Path
    installation: Installation
    mistake: SettingsError | None = None
    """What keeps it from being worked for, before its settings are read as a whole."""

    def load_settings(self) -> Settings:
        """Read its settings. Raises SettingsError, of this organisation alone."""
        if self.mistake is not None:
            raise self.mistake
        if not self.path.exists():
            raise SettingsError("settings.organisation.unsettled", organisation=self.name)
        return load_settings(self.path, self.installation)


def list_members(installation: Installation) -> list[MemberOrganisation]:
    """List the organisations of an installation in the order of their names; none where there is none yet.

    One whose name or whose places are refused is among them, with its mistake.
    """
    members = [
        MemberOrganisation(folder.name, folder / installation.file_name, installation, _judge_name(folder))
        for folder in installation.list_folders()
    ]
    shared = dict(_find_shared(members))
    return [replace(member, mistake=member.mistake or shared.get(member.name)) for member in members]


def choose_members(installation: Installation, names: Sequence[str] = ()) -> list[MemberOrganisation]:
    """Return the named organisations, each once; without names, all.

    Raises SettingsError when there is none at all, UsageError with the nearest name for one that is not there.
    """
    by_name = {member.name: member for member in list_members(installation)}
    if not by_name:
        raise describe_missing(installation)
    for name in names:
        if name not in by_name:
            nearest = find_nearest(name, by_name) or "–"
            raise UsageError(
                "usage.organisation.unknown",
                name=show_name(name),
                known=join_names(map(show_name, by_name)),
                nearest=show_name(nearest),
            )
    return [by_name[name] for name in dict.fromkeys(names or by_name)]


def choose_member(installation: Installation, names: Sequence[str]) -> MemberOrganisation:
    """Return the only organisation that was named. Raises UsageError unless exactly one was."""
    if len(set(names)) != 1:
        known = [show_name(folder.name) for folder in installation.list_folders()]
        raise UsageError("usage.organisation.needed", known=join_names(known))
    return choose_members(installation, names)[0]


def find_member(installation: Installation, name: str) -> str:
    """Return the folder of the organisation that has this name in a shared journal; the name itself where none has."""
    for member in list_members(installation):
        try:
            said = tomllib.loads(member.path.read_text("utf-8-sig")).get("passerelle", {}).get("organisation")
        except (OSError, ValueError, AttributeError):
            continue  # what is wrong with it is told where it is chosen
        if said == name:
            return member.name
    return name


def _judge_name(folder: Path) -> SettingsError | None:
    if ORGANISATION_NAME.match(folder.name):
        return None
    return SettingsError("settings.organisation.name", organisation=show_name(folder.name))


def _find_shared(members: Sequence[MemberOrganisation]) -> Iterator[tuple[str, SettingsError]]:
    """Yield each organisation one of whose places is another's, or lies inside another's, with the mistake."""
    places = {member.name: _list_places(member) for member in members}
    owners: dict[Path, list[str]] = {}
    for name, paths in places.items():
        for path in paths:
            owners.setdefault(path, []).append(name)
    for name, paths in places.items():
        for path in paths:
            others = [other for above in (path, *path.parents) for other in owners.get(above, ()) if other != name]
            for other in others:
                for one, two in ((name, other), (other, name)):
                    yield one, SettingsError("settings.organisation.shared", organisation=one, other=two)


def _list_places(member: MemberOrganisation) -> set[Path]:
    """Return where state, key and keyring of an organisation lie, links followed; nothing of broken settings.

    In a shared journal the key file is the installation's, the same for all: what is an organisation's own there is
    its name in that journal. A keyring behind a reference is kept apart by the same name.

    Read without the models, which reading two hundred files for the sake of one command would spend a second on.
    """
    try:
        raw: Mapping[str, Any] = tomllib.loads(member.path.read_text("utf-8-sig"))
    except (OSError, ValueError):
        return set()
    table = raw.get("passerelle", {})
    names = ("state", "key_file", "keyring", "journal", "organisation")
    said = {name: table[name] for name in names if isinstance(table.get(name), str)}
    below = member.path.parent
    state = below / Path(said.get("state", _STATE)).expanduser()
    paths = {state}
    if "journal" in said:
        paths.add(Path(said["journal"], said.get("organisation", "")))
    else:
        paths.add(below / Path(said["key_file"]).expanduser() if "key_file" in said else state / "cle")
    if "keyring" not in said:
        paths.add(state.with_name(f"{state.name}-trousseau"))
    elif not is_reference(said["keyring"]):
        paths.add(below / Path(said["keyring"]).expanduser())
    return {path.resolve() for path in paths}
