"""Find columns whose cells hold several things, and cut them: a postcode with its town, a name with its first name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle.extension.inferring.contents import examine_cells
from passerelle.extension.inferring.name_likeness import compare_names
from passerelle.extension.inferring.parties import find_foreign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.extension.inferring.contents import Evidence
    from passerelle.extension.inferring.proposal import CutShape

_NEARLY_ALL = 0.95
"""Which share of the cells must have a shape: those that have another one are set aside, each with its place."""
_NAMED = {
    "person": ("usager", "nom prénom", "nom usager", "nom"),
    "professional": ("salarié", "nom prénom", "nom salarié", "nom"),
    "related_contact": ("contact", "nom prénom", "nom contact", "nom"),
}
"""How a column of whole names of a contract's subject is called."""
_MOST = 0.6
_TOWN = ("{CP:5} {Ville}", ("CP", "Ville"))
_TOWN_ABROAD = (("{CP:5} {Ville}", "{CP:digits} {Ville}"), ("CP", "Ville"))
"""For a file with some foreign towns: their postcodes have other lengths."""
_TITLED = ("{Civilité:word} {Nom:capitals} {Prénom}", ("Civilité", "Nom", "Prénom"))
_PLAIN = ("{Nom:capitals} {Prénom}", ("Nom", "Prénom"))


@dataclass(frozen=True, slots=True)
class CutColumns:
    """The columns of a file with the parts of those that are cut in their place."""

    cells: Mapping[str, Sequence[str | None]] = field(repr=False)
    seen: Mapping[str, Evidence] = field(repr=False)
    cuts: Mapping[str, CutShape]
    parts: Mapping[str, str]


def cut_columns(cells: Mapping[str, Sequence[str | None]], seen: Mapping[str, Evidence], family: str) -> CutColumns:
    """Cut what nearly all cells of a column show; a part whose name the file has already is not made again."""
    foreign = find_foreign(seen, family)
    new_cells, new_seen = dict[str, "Sequence[str | None]"](), dict[str, "Evidence"]()
    cuts, parts = dict[str, "CutShape"](), dict[str, str]()
    for column, evidence in seen.items():
        shape, names = _find_shape(column, evidence, family)
        if not shape or column in foreign or any(name in cells or name in parts for name in names):
            new_cells[column], new_seen[column] = cells[column], evidence
            continue
        cuts[column] = shape
        for name, values in zip(names, _cut_cells(cells[column], names), strict=True):
            parts[name], new_cells[name], new_seen[name] = column, values, examine_cells(values)
    return CutColumns(new_cells, new_seen, cuts, parts)


def _find_shape(column: str, seen: Evidence, family: str) -> tuple[CutShape, tuple[str, ...]]:
    if _MOST <= seen.share("postcode_city") < seen.share("number_city") >= _NEARLY_ALL:
        return _TOWN_ABROAD
    if seen.share("postcode_city") >= _NEARLY_ALL:
        return _TOWN
    if any(compare_names(column, one) > _NEARLY_ALL for one in _NAMED.get(family, ())):
        if seen.share("titled_name") >= _NEARLY_ALL:
            return _TITLED
        if seen.share("capital_name") >= _NEARLY_ALL:
            return _PLAIN
    return "", ()


def _cut_cells(cells: Sequence[str | None], names: tuple[str, ...]) -> list[list[str | None]]:
    """Cut cells as the shape does, roughly: only what the parts look like matters here."""
    cut: list[list[str | None]] = [[] for _ in names]
    for cell in cells:
        words = (cell or "").split()
        head = words[: len(names) - 1] if names[0] != "Civilité" else [words[0] if words else "", " ".join(words[1:-1])]
        whole = [*head, " ".join(words[len(names) - 1 :]) if names[0] != "Civilité" else "".join(words[-1:])]
        for place, values in enumerate(cut):
            values.append(whole[place] if place < len(whole) and words else None)
    return cut
