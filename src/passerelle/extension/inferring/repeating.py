"""Find columns that repeat with a number («Contact 1 Nom», «Contact 2 Nom»): each number is a record of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from passerelle.extension.inferring.contents import examine_cells
from passerelle.extension.inferring.name_likeness import has_stem, to_plain
from passerelle.extension.inferring.proposal import EACH
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.extension.inferring.contents import Evidence
    from passerelle.extension.inferring.proposal import FieldChoice

_NUMBER = re.compile(r"(?<![0-9])([0-9]{1,2})(?![0-9])")
_LEAST_COLUMNS, _LEAST_GROUPS = 2, 2
"""One column that repeats («Téléphone 1», «Téléphone 2») is a list, and no record."""
_PIECES = frozenset({"ligne", "adress", "telephon", "tel", "phon", "mail", "email", "mobil", "portabl", "lign"})
"""What repeats as pieces of one thing: «Adresse 1 ligne» is no record."""
_NAMES = frozenset({"nom", "prenom"})


@dataclass(frozen=True, slots=True)
class FoldedColumns:
    """The columns of a file, those that repeat once, under a name with `{each}` in it."""

    cells: Mapping[str, Sequence[str | None]] = field(repr=False)
    seen: Mapping[str, Evidence] = field(repr=False)
    words: tuple[str, ...] = ()
    """What tells the groups apart: `1`, `2`. Empty when nothing repeats."""
    templates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name with `{each}` → the columns of the file that it stands for."""


def fold_columns(cells: Mapping[str, Sequence[str | None]], seen: Mapping[str, Evidence]) -> FoldedColumns:
    """Fold the largest group of columns that repeat; the others stay as they are."""
    found = _find_groups(list(seen))
    if not found:
        return FoldedColumns(cells, seen)
    words, templates = max(found, key=lambda pair: len(pair[1]))
    of = {column: template for template, columns in templates.items() for column in columns}
    new_cells, new_seen = dict[str, "Sequence[str | None]"](), dict[str, "Evidence"]()
    for column, evidence in seen.items():
        template = of.get(column, column)
        if template in new_cells:
            continue
        # the first group is filled most often, and as long as the other columns
        new_cells[template], new_seen[template] = cells[column], evidence
        if template in templates:
            whole = [cell for one in templates[template] for cell in cells[one]]
            new_seen[template] = examine_cells(whole)
    return FoldedColumns(new_cells, new_seen, words, templates)


def _find_groups(columns: Sequence[str]) -> list[tuple[tuple[str, ...], dict[str, tuple[str, ...]]]]:
    """Return, for each word that stands before a number, its numbers and the columns that have all of them."""
    by_template: dict[str, dict[str, str]] = {}
    for column in columns:
        for number in _NUMBER.finditer(column):
            template = f"{column[: number.start()]}{EACH}{column[number.end() :]}"
            by_template.setdefault(template, {})[number[1]] = column
    subjects: dict[tuple[str, tuple[str, ...]], dict[str, tuple[str, ...]]] = {}
    for template, named in by_template.items():
        subject = to_plain(template.partition(EACH)[0]).rpartition(" ")[2]
        if len(named) >= _LEAST_GROUPS and subject and not has_stem(subject, _PIECES) and {"1", "01"} & set(named):
            subjects.setdefault((subject, tuple(named)), {})[template] = tuple(named.values())
    return [(words, found) for (_subject, words), found in subjects.items() if len(found) >= _LEAST_COLUMNS]


def tell_records_apart(choice: FieldChoice, folded: FoldedColumns) -> FieldChoice:
    """Make the reference of a repeated group of the row's key and of its name: the key alone repeats."""
    if choice.field != "ref" or not folded.words or any(EACH in column for column in choice.columns):
        return choice
    own = [name for name in folded.templates if has_stem(name, _NAMES)] or list(folded.templates)
    columns = (*choice.columns, *own[:2])
    spec: dict[str, Any] = {**choice.specs[0], "column": list(columns)}
    question = _("Columns repeat, and each group becomes a record: do its names tell them apart for ever?")
    return replace(choice, specs=(spec,), columns=columns, questions=(*choice.questions, question))
