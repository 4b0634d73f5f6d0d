"""The proposal for a file: a contract, a converter for each field that can be filled, and questions to a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from passerelle.extension.inferring.file_naming import PlaceNaming

if TYPE_CHECKING:
    from passerelle.extension.inferring.contents import Evidence
    from passerelle.extension.inferring.sample_reading import FileSample

TRIED = re.compile(r"<!-- tried: (?P<accepted>[0-9]+)/(?P<rows>[0-9]+) -->")
"""How a page says, for programs, what was accepted of the file that all was proposed from: `<!-- tried: 29/34 -->`."""
CutShape = str | tuple[str, ...]
"""How cells are cut: a shape, or several in the order tried."""
Spec = Mapping[str, Any]
"""A converter as a TOML description writes it: `{"kind": "text", "column": "Secteur"}`."""

EACH = "{each}"
"""What stands, in the names of columns that repeat, for what tells their groups apart; as in a description."""
MARK = "À DÉCIDER"
"""What stands, in French, before every question that a person must answer; tools look for it."""


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """One field: how it would be read, from which columns, how sure that is and why, what is to be asked."""

    field: str
    specs: tuple[Spec, ...]
    """One, or one an item for a list field."""
    columns: tuple[str, ...]
    confidence: float
    """From 0 to 1."""
    reasons: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeTable:
    """Words of a column with the codes that they probably stand for, and those that nobody could guess."""

    file: str
    """`codes/status.csv`, beside the description."""
    guessed: Mapping[str, str] = field(repr=False)
    undecided: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Everything proposed for one file. Only `tables` and `evidence` hold words of the file."""

    sample: FileSample = field(repr=False)
    evidence: Mapping[str, Evidence] = field(repr=False)
    contract: str
    choices: tuple[FieldChoice, ...]
    carried: tuple[str, ...]
    """Columns for which no field was found."""
    tables: tuple[CodeTable, ...] = ()
    nulls: tuple[str, ...] = ("",)
    ranking: tuple[tuple[str, float], ...] = ()
    """The contracts that the file may be about, the likeliest first, when none was asked for."""
    missing: tuple[str, ...] = ()
    """Fields that the contract requires and that nothing could fill."""

    cuts: Mapping[str, CutShape] = field(default_factory=dict)
    """Columns whose cells hold several things, with their shape, as the `cut` of a description."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Each part of a cut, which is read like a column, with the column it is cut from."""
    each: tuple[str, ...] = ()
    """What tells repeated groups of columns apart, when each is a record of its own: `1`, `2`."""
    templates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Each name with `{each}` in it, which is read like a column, with the columns of the file that it stands for."""
    beside: str = ""
    """The contract that columns which repeat seem to be records of, beside that of the rows."""
    naming: PlaceNaming = field(default_factory=PlaceNaming)
    """What the name of the file may say of all its rows."""

    @property
    def totals(self) -> tuple[str, ...]:
        """Return the columns by which rows of totals are known, that must be left out by a declaration."""
        return self.sample.totals

    def list_sources(self, choice: FieldChoice) -> tuple[str, ...]:
        """Return the columns of the file that a choice reads: the whole cell, for a part of one."""
        return tuple(dict.fromkeys(one for column in choice.columns for one in self.list_columns(column)))

    def list_columns(self, column: str) -> tuple[str, ...]:
        """Return the columns of the file that a name stands for: several, for one that repeats."""
        whole = self.parts.get(column, column)
        return self.templates.get(whole, (whole,))

    @property
    def fields(self) -> dict[str, set[str]]:
        """Return the fields that each column fills."""
        found: dict[str, set[str]] = {}
        for choice in self.choices:
            for column in self.list_sources(choice):
                found.setdefault(column, set()).add(choice.field)
        return found

    @property
    def questions(self) -> int:
        """Count what a person must decide: questions, words without a code, columns without a field."""
        asked = sum(len(choice.questions) for choice in self.choices)
        asked += bool(self.naming.shape) + bool(self.beside)
        return asked + sum(len(table.undecided) for table in self.tables) + len(self.carried) + len(self.missing)
