"""Normalisation and control keys of numbers that name persons, organisations and accounts.

A wrong key is a warning here: official samples themselves carry wrong keys. A flow may decide to be strict.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from stdnum import iban, luhn
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.fr import nir, siren, siret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class NumberCheck(StrEnum):
    """Result of checking a number."""

    OK = "ok"
    WRONG_KEY = "wrong_key"
    """The right form, but its control key does not match: one character was mistyped, or the key was made up."""
    MALFORMED = "malformed"
    UNCHECKED = "unchecked"
    """No rule is known for this system, or the number came without its key (a NIR of 13 characters)."""


# Word processors turn hyphens into dashes (U+2010 to U+2015).
_SEPARATORS = re.compile(r"[\s.\-/\u2010-\u2015]+")

# A first digit of 3, 4, 7 or 8 is given while a registration is under way.
_NIR_BODY = re.compile(r"[1-478][0-9]{2}(0[1-9]|1[0-2]|[2-9][0-9])([0-9]{2}|2[AB])[0-9]{6}")
"""Sex, year, month (20 and above: unknown at registration), department, commune and rank."""
_NIR_LENGTH = 13

_COG = re.compile(r"([0-9]{2}|2[AB])[0-9]{3}")
_FINESS = re.compile(r"[0-9A-Z]{9}")
_RPPS = re.compile(r"[0-9]{11}")


def normalise(value: str) -> str:
    """Return the form in which numbers are compared: capitals, no white space, dots, dashes or slashes."""
    return _SEPARATORS.sub("", value).upper()


def check(system: str, value: str) -> NumberCheck:
    """Check a number of a system (`nir`, `siret`, `finess_et`…), in any of the forms people write it."""
    check_number = _CHECKS.get(system.lower())
    return check_number(normalise(value)) if check_number else NumberCheck.UNCHECKED


def _check_nir(number: str) -> NumberCheck:
    if not _NIR_BODY.fullmatch(number[:_NIR_LENGTH]):
        return NumberCheck.MALFORMED
    key = number[_NIR_LENGTH:]
    if not key:
        return NumberCheck.UNCHECKED
    if not re.fullmatch(r"[0-9]{2}", key):
        return NumberCheck.MALFORMED
    # The key of Corsica (2A, 2B) needs letters replaced by figures first, which `calc_check_digits` does.
    return NumberCheck.OK if nir.calc_check_digits(number) == key else NumberCheck.WRONG_KEY


def _check_ins(number: str) -> NumberCheck:
    """Check an INS: a NIR (or NIA, of the same shape), always written with its key (INS referential, ANS)."""
    return NumberCheck.MALFORMED if len(number) == _NIR_LENGTH else _check_nir(number)


def _make_stdnum_check(validate: Callable[[str], object]) -> Callable[[str], NumberCheck]:
    def check_number(number: str) -> NumberCheck:
        try:
            validate(number)
        except InvalidChecksum:
            return NumberCheck.WRONG_KEY
        except ValidationError:
            return NumberCheck.MALFORMED
        return NumberCheck.OK

    return check_number


def _make_luhn_check(form: re.Pattern[str]) -> Callable[[str], NumberCheck]:
    """Return a check by Luhn's key; a number with letters (FINESS of Corsica) is checked by its form only."""

    def check_number(number: str) -> NumberCheck:
        if not form.fullmatch(number):
            return NumberCheck.MALFORMED
        # FINESS numbers of Corsica hold a letter, for which Luhn is not defined.
        return NumberCheck.OK if not number.isdigit() or luhn.is_valid(number) else NumberCheck.WRONG_KEY

    return check_number


def _check_cog(number: str) -> NumberCheck:
    """Check a commune (or country, `99…`) code, which has a form and no key."""
    return NumberCheck.OK if _COG.fullmatch(number) else NumberCheck.MALFORMED


_CHECKS: Mapping[str, Callable[[str], NumberCheck]] = {
    "nir": _check_nir,
    "nia": _check_nir,
    "ins": _check_ins,
    "siren": _make_stdnum_check(siren.validate),
    "siret": _make_stdnum_check(siret.validate),
    "finess": _make_luhn_check(_FINESS),
    "finess_ej": _make_luhn_check(_FINESS),
    "finess_et": _make_luhn_check(_FINESS),
    "rpps": _make_luhn_check(_RPPS),
    "cog": _check_cog,
    "iban": _make_stdnum_check(iban.validate),
}

SYSTEMS = tuple(_CHECKS)
"""The systems whose numbers can be checked; any other name is accepted and stays unchecked."""
