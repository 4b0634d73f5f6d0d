"""Converters of identifiers and of postal addresses."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY  # noqa: TC003  looked up by its name where the class is made
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts import identifiers
from passerelle.contracts.types import FieldKind
from passerelle.stages.translate.cells import NOT_TEXT, SPACES, WIDE
from passerelle.stages.translate.converter import ColumnarTranslation, Doubtful, Fault
from passerelle.stages.translate.converters.postcodes import is_plain_postcode, normalise_postcode
from passerelle.stages.translate.converters.texts import join_columns, read_tidy_cell
from passerelle.stages.translate.excel_marks import REASON, is_rewritten
from passerelle.vocabulary.defects import DefectError
from passerelle.vocabulary.guarantees import Guarantee
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converter import Row

Part = dict[str, Any]
_NOTHING = pl.lit(None, pl.String)
_DRESSING = re.compile(f"[{SPACES}.]+")
_LONGEST = 64
"""Most bytes of a number that is translated columnar."""
_DRESSED = rf"[\t\n\r .,+{WIDE}{NOT_TEXT}]"
"""Marks of numbers in scientific notation included: such cells are judged row-wise."""
_CANONICAL = "^[0-9A-DF-Z]*$"
"""Surely nothing to normalise in a number that has a key; an E may be an exponent."""
_DIGITS_ONLY = frozenset({"nir", "nia", "ins", "siren", "siret", "rpps", "finess", "finess_ej", "finess_et", "cog"})
"""Systems whose numbers have no letter but those of Corsica."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that identifies somebody in `system`: one item of `identifiers`. White space and dots are removed.

    A number that has a known form (a NIR, a SIRET) loses its dashes and slashes too, and is written in capitals. One
    that a spreadsheet has rewritten (`1,85E+14`) is a Fault: it is nobody's number any more.
    """

    column: str
    _: KW_ONLY
    system: str
    use: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    def parse(self, row: Row) -> Part | Doubtful | Fault | None:
        """Read the number."""
        text = read_tidy_cell(row, self.column)
        if text is None or isinstance(text, Fault):
            return text
        system = self.system.lower()
        if is_rewritten(text, digits_only=system in _DIGITS_ONLY):
            return Fault(REASON, self.column)
        number = _DRESSING.sub("", text)
        if self._has_form:
            number = identifiers.normalise(number)
        if not number:
            return Doubtful(None, "translate.identifier.empty", self.column)
        return {"system": self.system, "value": number, "use": self.use or None}

    def parse_columns(self) -> ColumnarTranslation:
        """Return numbers that have nothing to remove."""
        text = pl.col(self.column)
        value = pl.struct(system=pl.lit(self.system), value=text, use=pl.lit(self.use or None, pl.String))
        plain = text.str.contains(_CANONICAL) if self._has_form else ~text.str.contains(_DRESSED)
        plain &= text.str.len_bytes() <= _LONGEST
        parts = {"system": Guarantee(values=(self.system,)), "value": Guarantee(FieldKind.TEXT, _LONGEST)}
        if self.use:
            parts["use"] = Guarantee(values=(self.use,))
        guarantee = Guarantee(parts=tuple(parts.items()))
        return ColumnarTranslation(pl.when(text.is_not_null()).then(value), text.is_null() | plain, guarantee=guarantee)

    def render(self, value: Any) -> dict[str, str]:
        """Write the number."""
        return {self.column: value["value"] if value else ""}

    @property
    def is_faithful(self) -> bool:
        """True: render then parse gives the same value."""
        return True

    @property
    def _has_form(self) -> bool:
        return self.system.lower() in identifiers.SYSTEMS


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressOf:
    """A postal address from its columns. A cell of several lines becomes several lines.

    A French postcode loses what it is dressed with (`F-44100`, `44 100`, `44100 CEDEX`). `home` is the country, in two
    letters, of addresses that name none; one that a spreadsheet has rewritten (`4,41E+04`) is a Fault.
    """

    lines: Sequence[str]
    postcode: str = ""
    city: str = ""
    commune: str = ""
    country: str = ""
    use: str = ""
    """Not a column: what the address is for, the same for every row."""
    home: str = "FR"
    """Not a column either."""

    def __post_init__(self) -> None:
        if not self.lines or isinstance(self.lines, str):
            raise DefectError(N_("lines is a list with at least one column"))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return (*self.lines, *(column for column in self._part_columns.values() if column))

    @property
    def _part_columns(self) -> dict[str, str]:
        return {"postcode": self.postcode, "city": self.city, "commune": self.commune, "country": self.country}

    def parse(self, row: Row) -> Part | Fault | None:
        """Return the address with the parts that are filled; None when none is."""
        texts: dict[str, str] = {}
        for column in self.columns:
            text = read_tidy_cell(row, column)
            if isinstance(text, Fault):
                return text
            texts[column] = text or ""
        if not any(texts.values()):
            return None
        if is_rewritten(texts.get(self.postcode, ""), digits_only=True):
            return Fault(REASON, self.postcode)
        pieces = [line.strip(SPACES) for column in self.lines for line in texts[column].split("\n")]
        parts = {name: texts.get(column) or None for name, column in self._part_columns.items()}
        parts = normalise_postcode(parts, self.home)
        return {"lines": [line for line in pieces if line], **parts, "use": self.use or None}

    def parse_columns(self) -> ColumnarTranslation:
        """Return addresses whose cells hold no line break."""
        whole = join_columns(self.columns, " ")
        lines = pl.concat_list([pl.col(column) for column in self.lines]).list.drop_nulls()
        parts = {name: pl.col(column) if column else _NOTHING for name, column in self._part_columns.items()}
        parts = {"lines": lines, **parts, "use": pl.lit(self.use or None, pl.String)}
        value = pl.struct([part.alias(name) for name, part in parts.items()])
        is_filled = pl.any_horizontal([pl.col(column).is_not_null() for column in self.columns])
        plain = ~whole.str.contains(rf"[\n\r{NOT_TEXT}]")
        if self.postcode:
            plain &= pl.col(self.postcode).is_null() | is_plain_postcode(pl.col(self.postcode))
        return ColumnarTranslation(pl.when(is_filled).then(value), ~is_filled | plain)

    def render(self, value: Any) -> dict[str, str]:
        """Write the address; lines beyond the last column share it."""
        if not value:
            return dict.fromkeys(self.columns, "")
        lines = list(value.get("lines") or ())
        last = len(self.lines) - 1
        lines[last:] = ["\n".join(lines[last:])]
        cells = dict.fromkeys(self.columns, "") | dict(zip(self.lines, lines, strict=False))
        return cells | {column: value.get(name) or "" for name, column in self._part_columns.items() if column}

    @property
    def is_faithful(self) -> bool:
        """True: render then parse gives the same value."""
        return True
