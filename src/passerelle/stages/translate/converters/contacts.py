"""Converters of identifiers, telephone numbers, e-mail and web addresses, and postal addresses."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts.types import FieldKind
from passerelle.stages.translate.cells import NOT_TEXT, SPACES, WIDE
from passerelle.stages.translate.converter import ColumnarTranslation, Doubtful, Fault
from passerelle.stages.translate.converters.texts import is_tidy, join_columns, read_tidy_cell
from passerelle.vocabulary.guarantees import Guarantee

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.stages.translate.converter import Row

Part = dict[str, Any]
_NOTHING = pl.lit(None, pl.String)
_DRESSING = re.compile(f"[{SPACES}.]+")
_LONGEST = 64
"""Most bytes of a number that is translated columnar."""
_DRESSED = rf"[\t\n\r .{WIDE}{NOT_TEXT}]"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that identifies somebody in `system`: one item of `identifiers`. White space and dots are removed."""

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
        number = _DRESSING.sub("", text)
        if not number:
            return Doubtful(None, "translate.identifier.empty", self.column)
        return {"system": self.system, "value": number, "use": self.use or None}

    def parse_columns(self) -> ColumnarTranslation:
        """Return numbers that have nothing to remove."""
        text = pl.col(self.column)
        value = pl.struct(system=pl.lit(self.system), value=text, use=pl.lit(self.use or None, pl.String))
        plain = ~text.str.contains(_DRESSED) & (text.str.len_bytes() <= _LONGEST)
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


_PHONES = frozenset({"phone", "mobile", "fax"})
_KINDS = _PHONES | {"email", "url", "other"}


@dataclass(frozen=True, slots=True)
class Telecom:
    """Ways to reach somebody: a list with one item for each number or address in the cell; a line break separates too.

    Telephone numbers become `+33612345678`: `country` is the prefix of national numbers. What is no complete number
    (short numbers, foreign habits) is kept as it is, with a warning. A `url` is never cut.
    """

    column: str
    _: KW_ONLY
    kind: str = "phone"
    use: str = ""
    separators: Sequence[str] = ("/", ";", ",")
    country: str = "33"

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            message = f"Telecom({self.column!r}): kind is one of {', '.join(sorted(_KINDS))}"
            raise ValueError(message)

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    def parse(self, row: Row) -> list[Part] | Doubtful | Fault | None:
        """Cut the cell and parse each piece."""
        text = read_tidy_cell(row, self.column)
        if text is None or isinstance(text, Fault):
            return text
        pieces = [piece for part in re.split(self._cut_pattern, text) if (piece := part.strip(SPACES))]
        phones = [self._normalize_number(piece) for piece in pieces]
        if self.kind in _PHONES and pieces and not any(phones):
            return Doubtful([self._make_item(text)], "translate.phone.unusual", self.column)
        items = [self._make_item(phone or piece) for phone, piece in zip(phones, pieces, strict=True)]
        if self.kind in _PHONES and None in phones:
            return Doubtful(items, "translate.phone.unusual", self.column)
        return items or Doubtful(None, "translate.telecom.empty", self.column)

    def parse_columns(self) -> ColumnarTranslation:
        """Return one national telephone number, or one address; every other cell is translated row-wise."""
        text = pl.col(self.column)
        if self.kind in _PHONES:
            digits = text.str.replace_all(r"[ .\-\x{a0}]", "")
            plain = digits.str.contains("^0[1-9][0-9]{8}$")
            value = pl.lit(f"+{self.country}") + digits.str.slice(1)
        else:
            plain = is_tidy(text) & ~text.str.contains(self._cut_pattern)
            value = text
        item = pl.struct(kind=pl.lit(self.kind), value=value, use=pl.lit(self.use or None, pl.String))
        return ColumnarTranslation(pl.when(text.is_not_null()).then(item), text.is_null() | plain)

    def render(self, value: Any) -> dict[str, str]:
        """Write the list, or a single item, in one cell; telephone numbers the national way."""
        items = [value] if isinstance(value, dict) else value or ()
        tie = f" {self.separators[0]} " if self.separators and self.kind != "url" else "\n"
        prefix = f"+{self.country}"
        texts = []
        for number in (item["value"] for item in items):
            local = number.removeprefix(prefix)
            is_national = self.kind in _PHONES and local != number
            # The national form is written only where it reads back as the same number.
            texts.append(f"0{local}" if is_national and self._normalize_number(f"0{local}") == number else number)
        return {self.column: tie.join(texts)}

    @property
    def is_faithful(self) -> bool:
        """True: render then parse gives the same value."""
        return True

    @property
    def _cut_pattern(self) -> str:
        separators = () if self.kind == "url" else self.separators
        return "|".join(["\n", *(re.escape(separator) for separator in separators)])

    def _make_item(self, value: str) -> Part:
        return {"kind": self.kind, "value": value, "use": self.use or None}

    def _normalize_number(self, piece: str) -> str | None:
        """Return a number in canonical form; None when the piece is not a complete telephone number."""
        if self.kind not in _PHONES:
            return None
        digits = re.sub(f"[{SPACES}.()-]", "", piece.replace("(0)", ""))
        digits = re.sub("^00", "+", digits)
        national = "0?[1-9][0-9]{8}" if self.country == "33" else "0[1-9][0-9]{7,8}"
        if re.fullmatch(national, digits):
            return f"+{self.country}{digits.removeprefix('0')}"
        return digits if re.fullmatch(r"\+[1-9][0-9]{7,14}", digits) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressOf:
    """A postal address from its columns. A cell of several lines becomes several lines."""

    lines: Sequence[str]
    postcode: str = ""
    city: str = ""
    commune: str = ""
    country: str = ""
    use: str = ""
    """Not a column: what the address is for, the same for every row."""

    def __post_init__(self) -> None:
        if not self.lines or isinstance(self.lines, str):
            message = "AddressOf: lines is a sequence with at least one column"
            raise ValueError(message)

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
        pieces = [line.strip(SPACES) for column in self.lines for line in texts[column].split("\n")]
        parts = {name: texts.get(column) or None for name, column in self._part_columns.items()}
        return {"lines": [line for line in pieces if line], **parts, "use": self.use or None}

    def parse_columns(self) -> ColumnarTranslation:
        """Return addresses whose cells hold no line break."""
        whole = join_columns(self.columns, " ")
        lines = pl.concat_list([pl.col(column) for column in self.lines]).list.drop_nulls()
        parts = {name: pl.col(column) if column else _NOTHING for name, column in self._part_columns.items()}
        parts = {"lines": lines, **parts, "use": pl.lit(self.use or None, pl.String)}
        value = pl.struct([part.alias(name) for name, part in parts.items()])
        is_filled = pl.any_horizontal([pl.col(column).is_not_null() for column in self.columns])
        return ColumnarTranslation(
            pl.when(is_filled).then(value), ~is_filled | ~whole.str.contains(rf"[\n\r{NOT_TEXT}]")
        )

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
