"""The converter of telephone numbers, e-mail and web addresses."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY  # noqa: TC003  looked up by its name where the class is made
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.stages.translate.cells import SPACES
from passerelle.stages.translate.converter import ColumnarTranslation, Doubtful, Fault
from passerelle.stages.translate.converters.numbering import FRANCE, normalise_number, parse_numbers, write_number
from passerelle.stages.translate.converters.texts import is_tidy, read_tidy_cell
from passerelle.stages.translate.excel_marks import REASON, is_rewritten
from passerelle.vocabulary.defects import DefectError
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converter import Row

    Part = dict[str, Any]

_PHONES = frozenset({"phone", "mobile", "fax"})
_KINDS = _PHONES | {"email", "url", "other"}
_UNUSUAL = dict.fromkeys(_PHONES, "translate.phone.unusual") | {"email": "translate.email.unusual"}
"""Kinds whose pieces are judged, and the doubt about those that are not complete."""
# One @ between a name and a domain with a dot: what any mail server asks for. ASCII only, so that both faces agree.
_EMAIL = r"[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"
_ADDRESS = re.compile(_EMAIL)


@dataclass(frozen=True, slots=True)
class Telecom:
    """Ways to reach somebody: a list with one item for each number or address in the cell; a line break separates too.

    Telephone numbers become `+33612345678`: `country` is the dialling code of national numbers. What is no complete
    number (short numbers, foreign habits) or e-mail address is kept as it is, with a warning. A `url` is never cut.
    """

    column: str
    _: KW_ONLY
    kind: str = "phone"
    use: str = ""
    separators: Sequence[str] = ("/", ";", ",")
    """All cut a cell; the first one is written between values: name the one at which the supplier cuts."""
    country: str = FRANCE

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            known = ", ".join(sorted(_KINDS))
            raise DefectError(N_("column «{column}»: the kind is one of {known}"), column=self.column, known=known)

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    def parse(self, row: Row) -> list[Part] | Doubtful | Fault | None:
        """Cut the cell and parse each piece."""
        text = read_tidy_cell(row, self.column)
        if text is None or isinstance(text, Fault):
            return text
        if self.kind in _PHONES and is_rewritten(text, digits_only=True):
            return Fault(REASON, self.column)
        pieces = [piece for part in re.split(self._cut_pattern, text) if (piece := part.strip(SPACES))]
        values = [value for piece in pieces for value in self._read_piece(piece)]
        reason = _UNUSUAL.get(self.kind, "")
        if reason and values and not any(complete for _value, complete in values):
            return Doubtful([self._make_item(text)], reason, self.column)
        items = [self._make_item(value) for value, _complete in values]
        if not all(complete for _value, complete in values):
            return Doubtful(items, reason, self.column)
        return items or Doubtful(None, "translate.telecom.empty", self.column)

    def parse_columns(self) -> ColumnarTranslation:
        """Return one national telephone number, or one address; every other cell is translated row-wise."""
        text = pl.col(self.column)
        if self.kind in _PHONES:
            value, plain = parse_numbers(text, self.country)
        else:
            cut = f"(?:{self._cut_pattern})"
            whole = text.str.contains(f"^{_EMAIL}$") if self.kind == "email" else is_tidy(text)
            value, plain = text, whole & ~text.str.contains(cut)
        item = pl.struct(kind=pl.lit(self.kind), value=value, use=pl.lit(self.use or None, pl.String))
        return ColumnarTranslation(pl.when(text.is_not_null()).then(item), text.is_null() | plain)

    def render(self, value: Any) -> dict[str, str]:
        """Write the list, or a single item, in one cell; telephone numbers the national way."""
        items = [value] if isinstance(value, dict) else value or ()
        tie = self._tie
        texts = [item["value"] for item in items]
        if self.kind in _PHONES:
            texts = [write_number(text, self.country) for text in texts]
        return {self.column: tie.join(texts)}

    @property
    def is_faithful(self) -> bool:
        """True: render then parse gives the same value."""
        return True

    @property
    def _tie(self) -> str:
        """What stands between two values: the first separator, a comma or semicolon right behind the value."""
        if not self.separators or self.kind == "url":
            return "\n"
        first = self.separators[0]
        return f"{first} " if first in ",;" else f" {first} "

    @property
    def _cut_pattern(self) -> str:
        separators = () if self.kind == "url" else self.separators
        return "|".join(["\n", *(re.escape(separator) for separator in separators)])

    def _make_item(self, value: str) -> Part:
        return {"kind": self.kind, "value": value, "use": self.use or None}

    def _read_piece(self, piece: str) -> list[tuple[str, bool]]:
        """Return the values of a piece, and whether each is complete: several where addresses stand side by side."""
        if self.kind in _PHONES:
            number = normalise_number(piece, self.country)
            return [(number or piece, number is not None)]
        if self.kind != "email":
            return [(piece, True)]
        words = piece.split()
        if words and all(map(_ADDRESS.fullmatch, words)):
            return [(word, True) for word in words]
        return [(piece, False)]
