"""The type of a code list, with its codes, labels, source and date, and the lists read from package data."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_DATA = files(__package__) / "data"


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """A code of a list. `label_en` is empty where the list only has French labels."""

    code: str
    label_fr: str
    label_en: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nomenclature:
    """A code list as of `version` and `date`. Files may contain codes that are not in it: lists are open."""

    name: str
    fr: str
    en: str
    system: str
    """URI (or official name) of the code system; the entry and exit lists also hold codes of other systems."""
    source: str
    version: str
    date: date
    """Date of the version; the day on which it was read where the source gives none."""
    licence: str
    oid: str = ""
    entries: Mapping[str, CodeEntry]

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes in order: dotted codes as numbers (`1.1.10` after `1.1.9`), others as in the source."""
        return tuple(self.entries)

    def get_label(self, code: str, language: str = "fr") -> str:
        """Return the label of a code, in French where there is no English one. Raises KeyError for an unknown code."""
        entry = self.entries[code]
        return (entry.label_en if language == "en" else "") or entry.label_fr

    def get_parent(self, code: str) -> str:
        """Return the parent code, empty at the top. Raises KeyError for an unknown code."""
        return self.entries[code].parent

    def __contains__(self, code: object) -> bool:
        return code in self.entries

    def __len__(self) -> int:
        return len(self.entries)


@cache
def _read_lists() -> dict[str, dict[str, Any]]:
    return tomllib.loads((_DATA / "lists.toml").read_text(encoding="utf-8"))


def list_names() -> tuple[str, ...]:
    """Return the name of every list, in alphabetical order."""
    return tuple(sorted(_read_lists()))


# Cached: connectors name the same few lists in hundreds of fields.
@cache
def get(name: str) -> Nomenclature:
    """Return one list, read once. Raises KeyError when there is none of that name."""
    about = _read_lists()[name]
    with (_DATA / f"{name}.csv").open(encoding="utf-8") as stream:
        rows = [CodeEntry(**row) for row in csv.DictReader(stream, delimiter=";")]
    # As numbers, so that `1.1.10` follows `1.1.9`; other lists keep the order of their source.
    if all(row.code.replace(".", "").isdigit() for row in rows):
        rows.sort(key=lambda row: [int(part) for part in row.code.split(".")])
    return Nomenclature(name=name, entries=MappingProxyType({row.code: row for row in rows}), **about)
