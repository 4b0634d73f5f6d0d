"""Invent values for real ones: equal for equal values, of the same shape, different for every recording."""

from __future__ import annotations

import hmac
import re
import string
from dataclasses import dataclass, field
from datetime import date, timedelta
from secrets import token_bytes
from typing import TYPE_CHECKING

from stdnum.fr import nir

if TYPE_CHECKING:
    from collections.abc import Callable

_DAY = re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?P<rest>(?:[T ][\d:.,+Z -]*)?)\Z")
_FRENCH_DAY = re.compile(r"(?P<d>\d\d)/(?P<m>\d\d)/(?P<y>\d{4})(?P<rest>(?:[T ][\d:.,h]*)?)\Z")
_TIGHT_DAY = re.compile(r"(?P<y>(?:19|20)\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?P<rest>(?:\d{4}|\d{6})?)\Z")
_DAYS = ((_DAY, "%Y-%m-%d"), (_FRENCH_DAY, "%d/%m/%Y"), (_TIGHT_DAY, "%Y%m%d"))
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_TELEPHONE = re.compile(r"(?:\+|\(?0)[\d .()/-]{8,22}\Z")
_HEX_DIGITS = "0123456789abcdef"
_HEX = re.compile(r"(?=.*[a-f])(?=.*\d)[0-9a-f-]{16,}\Z", re.IGNORECASE)
_LONG = 40
"""Characters beyond which a text with spaces is rewritten word by word."""
_CLASS = 16
"""A rewritten text has a length that is a multiple of this, so that it does not betray the one of the original."""
_TRIES = 64
_WORDS = ("lorem", "ipsum", "dolor", "sit", "amet", "tempor", "magna", "aliqua", "veniam", "nisi", "ex", "ea", "duis")
_MOBILE, _FIXED = "063998", "019900"
"""The beginnings of numbers that the French regulator keeps for works of fiction."""


@dataclass(slots=True)
class _Draws:
    """Pseudo-random draws that are the same for the same value: HMAC-SHA256 in counter mode."""

    key: bytes
    about: bytes
    _count: int = 0

    def draw(self, number: int) -> int:
        """Draw a number from 0 up to `number`, not included."""
        self._count += 1
        thrown = hmac.digest(self.key, self._count.to_bytes(4, "big") + self.about, "sha256")
        return int.from_bytes(thrown[:8], "big") % number

    def choose(self, choices: str) -> str:
        """Draw a character."""
        return choices[self.draw(len(choices))]


@dataclass(slots=True)
class Inventor:
    """Invents a value for each real one, and remembers it, so that two values never become one."""

    key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    real: set[str] = field(default_factory=set, repr=False)
    """What is known to be real: nothing becomes itself, nor another of these while its shape leaves room."""
    _invented: dict[str, str] = field(default_factory=dict, repr=False)
    _taken: set[str] = field(default_factory=set, repr=False)
    _weeks: int = 0

    def invent_text(self, real: str) -> str:
        """Invent a text for a real one. What holds neither letters nor digits other than 0 stays."""
        if not _has_content(real):
            return real
        if real not in self._invented:
            self.real.add(real)
            self._invented[real] = self._invent(real)
            self._taken.add(self._invented[real])
        return self._invented[real]

    def shift_day(self, real: date) -> date:
        """Shift a day by the constant of this recording: whole weeks, so that a Monday stays a Monday."""
        if not self._weeks:
            draws = _Draws(self.key, b"shift")
            days = {opening[0].toordinal() for text in self.real if (opening := _find_opening_day(text))}
            shifts = [8 + draws.draw(90) for _try in range(_TRIES)]
            # The shift that puts the fewest days on real ones.
            self._weeks = min(shifts, key=lambda weeks: sum(day - 7 * weeks in days for day in days))
        return real - timedelta(weeks=self._weeks)

    def _invent(self, real: str) -> str:
        # Drawn from the text itself, so that the order of the values changes nothing.
        draws, make = _Draws(self.key, real.encode()), self._choose_maker(real)
        of_another = ""
        for _try in range(_TRIES):
            made = make(real, draws)
            if made == real or made in self._taken or not _has_content(made):
                continue
            if made not in self.real:
                return made
            of_another = made
        if of_another:
            return of_another
        # The shape has no room left (`7`, when there are nine others of one digit): a longer text.
        longer = f"1{real}"
        while (made := _replace_characters(longer, draws)) in self._taken or made in self.real:
            longer = f"1{longer}"
        return made

    def _choose_maker(self, real: str) -> Callable[[str, _Draws], str]:
        """Choose by shape."""
        # The most exact shape first: a NIR is a long number too, and would keep no right key.
        if nir.is_valid(real):
            return _invent_nir
        if self._shift_day(real):
            return lambda text, _dice: self._shift_day(text)
        for shape, maker in ((_EMAIL, _invent_email), (_TELEPHONE, _invent_telephone)):
            if shape.match(real):
                return maker
        if _HEX.match(real):
            return lambda text, draws: "".join(draws.choose(_HEX_DIGITS) if one.isalnum() else one for one in text)
        return _invent_prose if len(real) > _LONG and " " in real.strip() else _replace_characters

    def _shift_day(self, real: str) -> str:
        """Shift the day that a text begins with; empty when it begins with none."""
        if not (opening := _find_opening_day(real)):
            return ""
        day, form, rest = opening
        try:
            return self.shift_day(day).strftime(form) + rest
        except OverflowError:
            return ""


class Listener(Inventor):
    """Collects real values and invents nothing."""

    def invent_text(self, real: str) -> str:
        """Remember a real text, which stays for now."""
        self.real.add(real)
        return real


def _has_content(text: str) -> bool:
    return any(one.isalnum() and one != "0" for one in text)


def _find_opening_day(text: str) -> tuple[date, str, str] | None:
    """Read the day that a text begins with: the day, its form, the rest."""
    for shape, form in _DAYS:
        if opening := shape.match(text):
            try:
                return date(int(opening["y"]), int(opening["m"]), int(opening["d"])), form, opening["rest"]
            except ValueError:
                return None
    return None


def _replace_characters(real: str, draws: _Draws) -> str:
    """Replace each letter by another letter and each digit by another digit; what is between stays."""
    made = []
    for one in real:
        if one.isalpha():
            made.append(draws.choose(string.ascii_uppercase if one.isupper() else string.ascii_lowercase))
        else:
            made.append(draws.choose(string.digits) if one.isalnum() else one)
    digits = [place for place, one in enumerate(real) if one.isdigit()]
    for place in digits[:1] + (digits[-1:] if "." in real else []):
        if real[place] != "0" and made[place] == "0":
            made[place] = draws.choose("123456789")  # a number keeps its length when it is read as one
    return "".join(made)


def _put_digits(real: str, digits: str) -> str:
    """Put digits in the places of digits; what is between stays."""
    remaining = iter(digits)
    return "".join(next(remaining) if one.isalnum() else one for one in real)


def _invent_nir(real: str, draws: _Draws) -> str:
    """Invent a social security number whose key is right (97 less the number modulo 97)."""
    body = f"{1 + draws.draw(2)}{draws.draw(100):02d}{1 + draws.draw(12):02d}{21 + draws.draw(75):02d}"
    body += f"{1 + draws.draw(989):03d}{1 + draws.draw(998):03d}"
    return _put_digits(real, f"{body}{97 - int(body) % 97:02d}")


def _invent_email(real: str, draws: _Draws) -> str:
    local = real.partition("@")[0]
    return f"{_replace_characters(''.join(one for one in local if one.isalnum()) or 'x', draws)}@exemple.invalid"


def _invent_telephone(real: str, draws: _Draws) -> str:
    """Invent a number of the series kept for fiction, written the same way."""
    digits = [one for one in real if one.isdigit()]
    national = "0" + "".join(digits[2:]).lstrip("0") if real.startswith("+33") else "".join(digits)
    series = _MOBILE if national.startswith(("06", "07")) else _FIXED
    made = series + f"{draws.draw(10_000):04d}"
    made = ("33" + made[1:] if real.startswith("+33") else made).ljust(len(digits), "0")
    return (
        _put_digits(real, made[: len(digits)]) if len(digits) >= len(series) + 4 else _replace_characters(real, draws)
    )


def _invent_prose(real: str, draws: _Draws) -> str:
    """Write other words, to the length of its class."""
    length = -(-len(real) // _CLASS) * _CLASS
    made = ""
    while len(made) < length:
        made += _WORDS[draws.draw(len(_WORDS))] + " "
    return made[: length - 1] + "."
