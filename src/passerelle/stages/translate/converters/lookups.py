"""Converters that look a supplier's words up: codes of a list, contract words, yes and no."""

from __future__ import annotations

from dataclasses import KW_ONLY  # noqa: TC003  looked up by its name where the class is made
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.stages.translate.converter import ColumnarTranslation, Doubtful, Fault, read_cell
from passerelle.stages.translate.converters.texts import is_tidy, read_tidy_cell, tidy
from passerelle.vocabulary.defects import DefectError
from passerelle.vocabulary.guarantees import Guarantee
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.stages.translate.converter import Row


_CODED = pl.Struct(dict.fromkeys(("code", "system", "label", "original"), pl.String()))


def _look_up(text: pl.Expr, table: Mapping[str, Any], dtype: pl.DataType) -> pl.Expr:
    if not table:
        return pl.lit(None, dtype)
    return text.replace_strict(list(table), list(table.values()), default=None, return_dtype=dtype)


@dataclass(frozen=True, slots=True)
class Code:
    """A coded value: `{code, system, label, original}`; the supplier's own word is always kept in `original`.

    `table` gives the code of each supplier word; without a table, the word is the code when there is a `system` or
    there are `labels`, else it is only the supplier's word. `labels` gives the label of each code. A word that is in
    neither is kept, and warned about; a Fault when the list is `closed`.
    """

    column: str
    _: KW_ONLY
    table: Mapping[str, str] | None = None
    system: str = ""
    labels: Mapping[str, str] | None = None
    closed: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    @property
    def words(self) -> tuple[str, ...]:
        """The supplier's words that the list has."""
        return tuple(self.table or self.labels or ())

    def parse(self, row: Row) -> dict[str, str | None] | Doubtful | Fault | None:
        """Return what the cell's word stands for."""
        word = read_tidy_cell(row, self.column)
        if word is None or isinstance(word, Fault):
            return word
        code = self._find_code(word)
        if code is None and self._is_list:
            if self.closed:
                return Fault("translate.code.unknown", self.column)
            return Doubtful(self._make_coded(None, word), "translate.code.unknown", self.column)
        return self._make_coded(code, word)

    def parse_columns(self) -> ColumnarTranslation:
        """Return coded values of the words of the list; other words are translated row-wise."""
        word = pl.col(self.column)
        if self._is_list:
            # `parse` tidies a cell before it looks it up: a word that is not tidy is never found.
            tidy_words = [entry for entry in (self.table or self.labels or {}) if tidy(entry, "") == entry]
            coded = {entry: self._make_coded(self._find_code(entry), entry) for entry in tidy_words}
            return ColumnarTranslation(_look_up(word, coded, _CODED), guarantee=Guarantee(values=tuple(coded.values())))
        system = self.system or None
        value = pl.struct(
            code=word if system else pl.lit(None, pl.String),
            system=pl.lit(system, pl.String),
            label=pl.lit(None, pl.String),
            original=word,
        )
        return ColumnarTranslation(pl.when(word.is_not_null()).then(value), word.is_null() | is_tidy(word))

    def render(self, value: Any) -> dict[str, str]:
        """Write the supplier's word for the code: `original` where it still means the same."""
        if not value:
            return {self.column: ""}
        code, original = value.get("code"), value.get("original")
        if original is not None and self._find_code(original) == code:
            return {self.column: original}
        # Reversed, so that of several words for one code the first is written.
        reverse = {code_of_word: word for word, code_of_word in reversed(dict(self.table or {}).items())}
        return {self.column: reverse.get(code, "") or original or code or ""}

    @property
    def is_faithful(self) -> bool:
        """True: words come back through `original`."""
        return True

    @property
    def _is_list(self) -> bool:
        return self.table is not None or self.labels is not None

    def _find_code(self, word: str) -> str | None:
        if self.table is not None:
            return self.table.get(word)
        if self.labels is not None:
            return word if word in self.labels else None
        return word if self.system else None

    def _make_coded(self, code: str | None, word: str) -> dict[str, str | None]:
        is_listed = code is not None
        return {
            "code": code,
            "system": (self.system or None) if is_listed else None,
            "label": (self.labels or {}).get(code) if code is not None else None,
            "original": word,
        }


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a closed list of the contract. `table` maps each supplier word to it; `""` stands for an empty cell.

    `default` is given for an empty cell, and, with a warning, for a word that the table does not have.
    """

    column: str
    _: KW_ONLY
    table: Mapping[str, str]
    default: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    @property
    def _empty(self) -> str | None:
        return self.table.get("", self.default) or None

    def parse(self, row: Row) -> str | Doubtful | Fault | None:
        """Return what the cell's word stands for."""
        word = read_cell(row, self.column)
        if word is None:
            return self._empty
        if (contract_word := self.table.get(word)) is not None:
            return contract_word
        if self.default:
            return Doubtful(self.default, "translate.word.unknown", self.column, self._details)
        return Fault("translate.word.unknown", self.column, self._details)

    def parse_columns(self) -> ColumnarTranslation:
        """Return the contract's words; words that the table does not have are translated row-wise."""
        word = pl.col(self.column)
        contract_word = _look_up(word, {key: value for key, value in self.table.items() if key}, pl.String())
        empty = pl.lit(self._empty, pl.String)
        guarantee = Guarantee(values=tuple(self.table.values()) + (self.default,) * bool(self.default))
        value = pl.when(word.is_null()).then(empty).otherwise(contract_word) if self._empty else contract_word
        return ColumnarTranslation(value, guarantee=guarantee)

    def render(self, value: Any) -> dict[str, str]:
        """Write the first supplier word that stands for the contract's."""
        reverse = {contract_word: word for word, contract_word in reversed(dict(self.table).items())}
        return {self.column: reverse.get(value, "")}

    @property
    def is_faithful(self) -> bool:
        """True: render then parse gives the same value."""
        return True

    @property
    def _details(self) -> dict[str, str]:
        return {"expected": " / ".join(key for key in self.table if key)}


@dataclass(frozen=True, slots=True)
class YesNo:
    """A flag. The first word of each list is the one that is written."""

    column: str
    _: KW_ONLY
    yes: Sequence[str] = ("Oui",)
    no: Sequence[str] = ("Non",)

    def __post_init__(self) -> None:
        if set(self.yes) & set(self.no):
            raise DefectError(N_("column «{column}»: a word says both yes and no"), column=self.column)

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    @property
    def _table(self) -> dict[str, bool]:
        return dict.fromkeys(self.yes, True) | dict.fromkeys(self.no, False)

    def parse(self, row: Row) -> bool | Fault | None:
        """Return what the cell's word stands for."""
        word = read_cell(row, self.column)
        if word is None:
            return None
        if word in self.yes:
            return True
        if word in self.no:
            return False
        return Fault("translate.word.unknown", self.column, {"expected": " / ".join(self._table)})

    def parse_columns(self) -> ColumnarTranslation:
        """Return the flags of the words of either list."""
        word = pl.col(self.column)
        flag = _look_up(word, self._table, pl.Boolean())
        return ColumnarTranslation(flag, guarantee=Guarantee(values=(True, False)))

    def render(self, value: Any) -> dict[str, str]:
        """Write the first word."""
        return {self.column: "" if value is None else (self.yes if value else self.no)[0]}

    @property
    def is_faithful(self) -> bool:
        """True: render then parse gives the same value."""
        return True
