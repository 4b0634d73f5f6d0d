"""Number formats of worksheets: which write zeros in front of a number, and which write a time.

Imports nothing of passerelle: the child process that reads workbooks loads this file by its path. The grammar of
formats is ECMA-376 part 1, 18.8.31.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 45, 47), "hh:mm:ss"),
    22: "yyyy-mm-dd hh:mm",
    46: "[h]:mm:ss",
}
"""Formats that have a number and no text (18.8.30), as far as they write a day or a time."""
_TOKENS = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[(?P<bracket>[^\]]*)\]|[_*](?P<skipped>.)|(?P<plain>.)', re.DOTALL
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]+)?)")
_TESTS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_LEAST = 2
"""Digits that a format must force before it is taken for one of identifiers: `0` alone is a plain number."""


@dataclass(frozen=True, slots=True)
class _Section:
    """One part of a format, between semicolons: `d` tokens are places of digits, `l` tokens are literal text."""

    tokens: tuple[tuple[str, str], ...]
    condition: tuple[str, Decimal] | None
    letters: str
    """Letters outside quotes, in lower case: those of days and times, of `General`, of exponents."""
    elapsed: bool
    """Whether it writes hours beyond 24 (`[h]`)."""
    plain: bool
    """Whether it has nothing but places of digits and literals: no decimals, thousands, shares, text, exponent."""

    @property
    def digits(self) -> int:
        """Digits that are always written: all places from the first `0` on."""
        places = "".join(text for kind, text in self.tokens if kind == "d")
        return len(places) - places.find("0") if "0" in places else 0

    def accept(self, number: Decimal) -> bool:
        """Whether the section is the one for a number, by its own condition."""
        return self.condition is None or _TESTS[self.condition[0]](number, self.condition[1])

    def write(self, digits: str) -> str:
        places = [text for kind, text in self.tokens if kind == "d"]
        padded = digits.zfill(self.digits).rjust(len(places))
        # Digits for which there is no place stand where the first place is.
        waiting = [padded[: len(padded) - len(places) + 1], *padded[len(padded) - len(places) + 1 :]]
        written = "".join(waiting.pop(0) if kind == "d" else text for kind, text in self.tokens)
        return " ".join(written.split())


class NumberFormat:
    """One number format."""

    def __init__(self, code: str) -> None:
        """Read a format."""
        self._sections = [_read_section(text) for text in _split_sections(code)]
        first = self._sections[0]
        is_date = not first.plain and not {"g", "e"} & set(first.letters)
        self.has_time = is_date and not first.elapsed and bool({"h", "s"} & set(first.letters))
        self.has_day = is_date and not first.elapsed and bool({"y", "d"} & set(first.letters))
        self.writes_zeros = any(section.plain and section.digits >= _LEAST for section in self._sections)

    def show(self, written: str) -> str:
        """Return a whole number as the format shows it, when that has zeros in front; else nothing."""
        try:
            number = Decimal(written)
        except InvalidOperation:
            return ""
        if number < 0 or number != number.to_integral_value():
            return ""
        section = next((one for one in self._sections if one.accept(number)), self._sections[-1])
        if number == 0 and len(self._sections) > 2 and section.condition is None:  # the third is for zero
            section = self._sections[2]
        return section.write(str(int(number))) if section.plain and section.digits >= _LEAST else ""


def _split_sections(code: str) -> list[str]:
    sections = [""]
    for match in _TOKENS.finditer(code):
        if match["plain"] == ";":
            sections.append("")
        else:
            sections[-1] += match[0]
    return sections


def _read_section(code: str) -> _Section:
    tokens: list[tuple[str, str]] = []
    letters, condition, elapsed, plain = "", None, False, True
    for match in _TOKENS.finditer(code):
        bracket, sign = match["bracket"], match["plain"]
        if bracket is not None:
            if found := _CONDITION.fullmatch(bracket):
                condition = found[1], Decimal(found[2])
            elapsed |= bool(re.fullmatch("h+|m+|s+", bracket.lower()))
            if bracket.startswith("$"):  # a currency, or a language: `[$€-40C]`
                tokens.append(("l", bracket[1:].partition("-")[0]))
        elif match["skipped"] is not None:
            tokens.append(("l", " "))
        elif sign is None:
            text = match["quoted"] if match["quoted"] is not None else match["escaped"]
            # The French format of social security numbers draws a line before the key, which is no part of them.
            tokens.append(("l", text.replace("|", "")))
        elif sign in "0#?":
            tokens.append(("d", sign))
        else:
            letters += sign.lower() if sign.isalpha() else ""
            plain &= not sign.isalpha() and sign not in ".,%@/"
            tokens.append(("l", sign.replace("|", "")))
    return _Section(tuple(tokens), condition, letters, elapsed, plain and not elapsed)
