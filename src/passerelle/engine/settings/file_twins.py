"""Which destinations would write one file: the same name in the same place, as a folder compares names."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from passerelle.engine.settings.file_name_template import CONTRACT
from passerelle.engine.settings.place_settings import (
    FileDestinationSettings,
    FolderDestinationSettings,
    RemotePlaceSettings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FileKey = tuple[str, ...]
"""A place and a name in it; equal for what a folder may take for the same file. A date stays a place for one."""


def make_file_key(entry: FileDestinationSettings, contract: str) -> FileKey:
    """Return the file of a contract; an empty text leaves its place in the name as it is."""
    family = contract.partition("/")[0] or CONTRACT
    # neither cases nor compositions are told apart by every folder
    return (*_find_place(entry), unicodedata.normalize("NFC", entry.file_name.replace(CONTRACT, family)).casefold())


def _find_place(entry: FileDestinationSettings) -> tuple[str, ...]:
    if isinstance(entry, FolderDestinationSettings):
        return ("", str(entry.path.resolve()))
    if isinstance(entry, RemotePlaceSettings):
        return (*entry.spot, entry.account)
    return ()


def find_twins(destinations: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield each flow that surely writes the file of an earlier one, with that one.

    Where the contract is in the name, it depends on what their connectors give.
    """
    seen: dict[FileKey, str] = {}
    for name, entry in destinations.items():
        if isinstance(entry, FileDestinationSettings) and entry.file_name and CONTRACT not in entry.file_name:
            earlier = seen.setdefault(make_file_key(entry, ""), name)
            if earlier != name:
                yield name, earlier
