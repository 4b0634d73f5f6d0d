"""Converters of durations in minutes, amounts in euros, quantities and counts. Exact: never through a float."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY  # noqa: TC003  looked up by its name where the class is made
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from passerelle.contracts.types import FieldKind
from passerelle.stages.translate.converter import ColumnarTranslation, Doubtful, Fault, read_cell
from passerelle.vocabulary.defects import DefectError
from passerelle.vocabulary.guarantees import Guarantee
from passerelle.vocabulary.language import N_
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from passerelle.stages.translate.converter import Row

_SEPARATORS = " \u00a0\u2009\u202f'’"
"""Between thousands: spaces of every width, and the Swiss apostrophe."""
_WHOLE = rf"[0-9]{{1,15}}|[0-9]{{1,3}}(?:[{_SEPARATORS}][0-9]{{3}}){{1,4}}"
_EUROS = rf"[{_SEPARATORS}]?(?:€|EUR)"

Mark = Literal[",", "."]
"""The decimal mark."""


def _check_mark(mark: str, column: str) -> None:
    if mark not in {",", "."}:
        raise DefectError(N_("column «{column}»: the decimal mark is «,» or «.»"), column=column)


def _strip_to_digits(text: str) -> str:
    return re.sub("[^0-9]", "", text).lstrip("0") or "0"


@dataclass(frozen=True, slots=True)
class Minutes:
    """A duration as whole minutes, from minutes or decimal hours; rounded half up, with a warning, if need be."""

    column: str
    _: KW_ONLY
    unit: Literal["minutes", "hours"] = "minutes"
    decimal: Mark = ","

    def __post_init__(self) -> None:
        _check_mark(self.decimal, self.column)
        if self.unit not in {"minutes", "hours"}:
            raise DefectError(N_("column «{column}»: the unit is «minutes» or «hours»"), column=self.column)

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    def parse(self, row: Row) -> int | Doubtful | Fault | None:
        """Return the minutes."""
        text = read_cell(row, self.column)
        if text is None:
            return None
        if not re.fullmatch(rf"[0-9]{{1,6}}(?:[{self.decimal}][0-9]{{1,6}})?", text):
            example = f"1{self.decimal}50" if self.unit == "hours" else "90"
            return Fault("translate.duration.malformed", self.column, {"expected": example})
        exact = Decimal(text.replace(self.decimal, ".")) * self._factor
        whole = exact.quantize(Decimal(1), ROUND_HALF_UP)
        if whole != exact:
            return Doubtful(int(whole), "translate.duration.rounded", self.column)
        return int(whole)

    def parse_columns(self) -> ColumnarTranslation:
        """Return minutes where there are no decimals, or two that give whole minutes (0.05 hours are three)."""
        text = pl.col(self.column)
        whole = pl.when(text.str.contains("^[0-9]{1,6}$")).then(text).cast(pl.Int64) * self._factor
        decimals = "[0-9][05]" if self.unit == "hours" else "00"
        two = pl.when(text.str.contains(f"^[0-9]{{1,6}}[{self.decimal}]{decimals}$")).then(text)
        hundredths = two.str.replace(self.decimal, "", literal=True).cast(pl.Int64)
        return ColumnarTranslation(pl.coalesce(whole, hundredths * self._factor // 100))

    def render(self, value: Any) -> dict[str, str]:
        """Write minutes, or hours with two decimals."""
        if value is None or self.unit == "minutes":
            return {self.column: "" if value is None else str(value)}
        hours = (Decimal(value) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return {self.column: str(hours).replace(".", self.decimal)}

    @property
    def is_faithful(self) -> bool:
        """True: a hundredth of an hour is less than a minute, so that rendered minutes parse to the same."""
        return True

    @property
    def _factor(self) -> int:
        return 60 if self.unit == "hours" else 1


_HALF = 30
"""Seconds from which a minute is counted as whole."""
_DURATIONS = (
    re.compile(r"(?P<hours>[0-9]{1,4}):(?P<minutes>[0-5][0-9])(?::(?P<seconds>[0-5][0-9]))?"),
    re.compile(r"(?P<hours>[0-9]{1,4}) ?[hH](?: ?(?P<minutes>[0-5]?[0-9])(?: ?(?:min|mn))?)?"),
    re.compile(r"(?P<minutes>[0-9]{1,6}) ?(?:min|mn)"),
)


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration in hours and minutes, as whole minutes: `02:30`, `2 h 30`, `02h30`, `2h`, `45 min`.

    Seconds (`02:30:15`) are rounded half up, with a warning.
    """

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    def parse(self, row: Row) -> int | Doubtful | Fault | None:
        """Return the minutes."""
        text = read_cell(row, self.column)
        if text is None:
            return None
        for pattern in _DURATIONS:
            if matched := pattern.fullmatch(text):
                parts = matched.groupdict()
                minutes = int(parts.get("hours") or 0) * 60 + int(parts.get("minutes") or 0)
                if seconds := int(parts.get("seconds") or 0):
                    return Doubtful(minutes + (seconds >= _HALF), "translate.duration.rounded", self.column)
                return minutes
        return Fault("translate.duration.malformed", self.column, {"expected": "02:30 / 2 h 30"})

    def parse_columns(self) -> ColumnarTranslation:
        """Return minutes where the cell is written `HH:MM`, `HH:MM:00` or `HHhMM`."""
        text = pl.col(self.column).str.replace("^([0-9]{1,4}:[0-5][0-9]):00$", "${1}")
        plain = pl.when(text.str.contains("^[0-9]{1,4}[:hH][0-5][0-9]$")).then(text)
        hours = plain.str.head(-3).cast(pl.Int64)
        minutes = hours * 60 + plain.str.tail(2).cast(pl.Int64)
        return ColumnarTranslation(minutes)

    def render(self, value: Any) -> dict[str, str]:
        """Write `HH:MM`."""
        return {self.column: "" if value is None else f"{value // 60:02d}:{value % 60:02d}"}

    @property
    def is_faithful(self) -> bool:
        """Minutes come back."""
        return True


@dataclass(frozen=True, slots=True)
class Amount:
    """Euros with two decimals, as text: `12.50`. Reads spaces between thousands and a trailing €."""

    column: str
    _: KW_ONLY
    decimal: Mark = ","

    def __post_init__(self) -> None:
        _check_mark(self.decimal, self.column)

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    def parse(self, row: Row) -> str | Fault | None:
        """Return the amount, to the cent."""
        text = read_cell(row, self.column)
        if text is None:
            return None
        matched = re.fullmatch(rf"(-?)({_WHOLE})(?:[{self.decimal}]([0-9]{{1,2}}))?(?:{_EUROS})?", text)
        if not matched or len(whole := _strip_to_digits(matched[2])) > 9:
            return Fault("translate.amount.malformed", self.column, {"expected": f"1234{self.decimal}50"})
        cents = (matched[3] or "").ljust(2, "0")
        # Zero has no sign in the canonical form.
        sign = "" if whole == "0" and cents == "00" else matched[1]
        return f"{sign}{whole}.{cents}"

    def parse_columns(self) -> ColumnarTranslation:
        """Return amounts in plain digits; thousands, signs of zero and currencies are translated row-wise."""
        text = pl.col(self.column)
        plain = text.str.contains(rf"^(?:0|-?[1-9][0-9]{{0,8}})(?:[{self.decimal}][0-9]{{1,2}})?$")
        ending = (
            pl.when(text.str.slice(-3, 1) == self.decimal)
            .then(pl.lit(""))
            .when(text.str.slice(-2, 1) == self.decimal)
            .then(pl.lit("0"))
            .otherwise(pl.lit(".00"))
        )
        amount = text.str.replace(self.decimal, ".", literal=True) + ending
        return ColumnarTranslation(pl.when(plain).then(amount), guarantee=Guarantee(FieldKind.AMOUNT))

    def render(self, value: Any) -> dict[str, str]:
        """Write the amount with the decimal mark, without thousands."""
        return {self.column: (value or "").replace(".", self.decimal)}

    @property
    def is_faithful(self) -> bool:
        """True: render then parse gives the same value."""
        return True


@dataclass(frozen=True, slots=True)
class Number:
    """A quantity as text with at most three decimals (`1.75`, no useless zeros), or a whole number when `integer`."""

    column: str
    _: KW_ONLY
    decimal: Mark = ","
    integer: bool = False

    def __post_init__(self) -> None:
        _check_mark(self.decimal, self.column)

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is read."""
        return (self.column,)

    def parse(self, row: Row) -> str | int | Fault | None:
        """Return the number."""
        text = read_cell(row, self.column)
        if text is None:
            return None
        matched = re.fullmatch(rf"({_WHOLE})(?:[{self.decimal}]([0-9]{{1,9}}))?", text)
        if matched:
            whole, decimals = _strip_to_digits(matched[1]), (matched[2] or "").rstrip("0")
            if self.integer and not decimals:
                return int(whole)
            if not self.integer and len(whole) <= 7 and len(decimals) <= 3:
                return f"{whole}.{decimals}" if decimals else whole
        example = "12" if self.integer else f"12{self.decimal}5"
        return Fault("translate.number.malformed", self.column, {"expected": example})

    def parse_columns(self) -> ColumnarTranslation:
        """Return numbers in plain digits."""
        text = pl.col(self.column)
        if self.integer:
            # Fifteen digits fit in Int64 whatever they are.
            number = pl.when(text.str.contains("^[0-9]{1,15}$")).then(text).cast(pl.Int64)
            return ColumnarTranslation(number)
        plain = text.str.contains(rf"^(?:0|[1-9][0-9]{{0,6}})(?:[{self.decimal}][0-9]{{1,3}})?$")
        dotted = text.str.replace(self.decimal, ".", literal=True)
        short = dotted.str.strip_chars_end("0").str.strip_chars_end(".")
        # Zeros are useless only behind a decimal mark: `100` keeps its own.
        decimals = text.str.contains(self.decimal, literal=True)
        number = pl.when(decimals).then(short).otherwise(text)
        return ColumnarTranslation(pl.when(plain).then(number), guarantee=Guarantee(FieldKind.QUANTITY))

    def render(self, value: Any) -> dict[str, str]:
        """Write the number with the decimal mark."""
        return {self.column: "" if value is None else str(value).replace(".", self.decimal)}

    @property
    def is_faithful(self) -> bool:
        """True: render then parse gives the same value."""
        return True
