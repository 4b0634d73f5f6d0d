"""Telephone numbers in canonical form (E.164): the French plan with its overseas prefixes, and other national plans.

Source: ARCEP, plan national de numérotation (décision n° 2005-1085, modified, then n° 2018-0881), which the overseas
departments share with metropolitan France, each with its own country code (ITU-T E.164: 262, 508, 590, 594, 596).
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.translate.cells import SPACES

if TYPE_CHECKING:
    from collections.abc import Mapping

FRANCE = "33"

DIALLING_CODES: Mapping[str, str] = MappingProxyType(
    # The overseas departments dial within the French plan: their numbers say themselves where they belong.
    dict.fromkeys(("FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF"), FRANCE)
    | {"BE": "32", "CH": "41", "LU": "352", "MC": "377", "DE": "49", "ES": "34", "IT": "39", "PT": "351", "GB": "44"}
)
"""Dialling code of the national numbers of a country, by ISO 3166-1 code."""

_OVERSEAS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("0262", "0263", "0692", "0693"), "262")  # La Réunion
    | dict.fromkeys(("0269", "0639"), "262")  # Mayotte, with La Réunion since 2007
    | dict.fromkeys(("0590", "0690", "0691"), "590")  # Guadeloupe, Saint-Barthélemy, Saint-Martin
    | dict.fromkeys(("0594", "0694"), "594")  # Guyane
    | dict.fromkeys(("0596", "0696", "0697"), "596")  # Martinique
)
_OVERSEAS_MOBILES: Mapping[str, str] = MappingProxyType(
    {"07090": "590", "07091": "596", "07092": "262"}
    | dict.fromkeys(("070930", "070931", "070932", "070933"), "594")
    | dict.fromkeys(("070935", "070936", "070937"), "262")
    | {"0708": "508"}
)
"""Mobile numbers opened since 2021, whose first digits are shared; they are read row-wise."""
_OVERSEAS_VERSATILE: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("09760", "09761", "09768", "09395", "09475"), "590")
    | dict.fromkeys(("09764", "09396", "09476"), "594")
    | dict.fromkeys(("09766", "09767", "09397", "09477"), "596")
    | dict.fromkeys(("09762", "09763", "09399", "09479"), "262")  # La Réunion
    | dict.fromkeys(("09769", "09398", "09478"), "262")  # Mayotte
)
"""Versatile numbers (09: voice over IP, boxes), of a territory by their fifth digit.

Source: the attributions of ARCEP and the notices to the ITU, as they stand in `resources/metadata/*/ranges.csv` of
libphonenumber (read in November 2026). 09765 is not among them: it is left with +33, as all that no source places.
"""
_OVERSEAS_SHARED = {**_OVERSEAS_MOBILES, **_OVERSEAS_VERSATILE}
_SAINT_PIERRE = "0508"
"""Saint-Pierre-et-Miquelon: from elsewhere its six digits follow the country code, without the prefix 508."""
_SHARED = ("0508", "0708", "0709", "0939", "0947", "0976")
_FICTION = "063998"
"""Reserved for films and examples, in metropolitan France although Mayotte's mobiles begin alike."""

_KEPT_ZERO = frozenset({"39"})
"""Dialling codes behind which the first zero of a national number stays: in Italy it is a part of the number."""

_DRESSING = re.compile(f"[{SPACES}.()-]")
_NATIONAL_FRENCH = re.compile("0?[1-9][0-9]{8}")
_COUNTED = re.compile(r"[1-9][0-9]{8}\.0")
"""What a program writes that took a French number for a quantity: its zero is gone, and there are decimals."""
_NATIONAL = re.compile("0[1-9][0-9]{7,8}")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{7,14}")
_FRENCH_ABROAD = re.compile(rf"\+(?:{FRANCE}|262|590|594|596|508)0?([1-9][0-9]{{8}})")
"""A number of the French plan behind a country code; the national zero is often left in."""


def normalise_number(text: str, country: str) -> str | None:
    """Return a number in canonical form, `country` being the dialling code of national ones; None: not complete."""
    text = text.removesuffix(".0") if _COUNTED.fullmatch(text) else text
    digits = re.sub("^00", "+", _DRESSING.sub("", text.replace("(0)", "")))
    if country == FRANCE and _NATIONAL_FRENCH.fullmatch(digits):
        return _complete_french(digits.removeprefix("0"))
    if country != FRANCE and _NATIONAL.fullmatch(digits):
        return f"+{country}{digits[_count_prefix(country) :]}"
    # A country code that the national number contradicts was put in front of it by rule: the plan is right.
    if abroad := _FRENCH_ABROAD.fullmatch(digits):
        return _complete_french(abroad[1])
    return digits if _INTERNATIONAL.fullmatch(digits) else None


def _count_prefix(country: str) -> int:
    """Return how many figures of a national number are dialled within its country only."""
    return 0 if country in _KEPT_ZERO else 1


def _complete_french(number: str) -> str:
    """Return a French number of nine digits behind the code of where it belongs."""
    national = f"0{number}"
    if national.startswith(_SAINT_PIERRE):
        return f"+508{number[3:]}"
    code = FRANCE if national.startswith(_FICTION) else _OVERSEAS.get(national[:4])
    code = code or next((code for start, code in _OVERSEAS_SHARED.items() if national.startswith(start)), FRANCE)
    return f"+{code}{number}"


def parse_numbers(text: pl.Expr, country: str) -> tuple[pl.Expr, pl.Expr]:
    """Return national numbers of ten digits in canonical form, and the mask of the texts that surely are one."""
    digits = text.str.replace_all(r"[ .\-\x{a0}]", "")
    plain = digits.str.contains("^0[1-9][0-9]{8}$")
    if country != FRANCE:
        return pl.lit(f"+{country}") + digits.str.slice(_count_prefix(country)), plain
    start = digits.str.slice(0, 4)
    code = start.replace_strict(_OVERSEAS, default=FRANCE, return_dtype=pl.String)
    code = pl.when(digits.str.starts_with(_FICTION)).then(pl.lit(FRANCE)).otherwise(code)
    return pl.lit("+") + code + digits.str.slice(1), plain & ~start.is_in(_SHARED)


def write_number(number: str, country: str) -> str:
    """Return a number the national way where that reads back as the same number, else as it is."""
    for code in (country, *(("262", "590", "594", "596", "508") if country == FRANCE else ())):
        local = number.removeprefix(f"+{code}")
        # Itself: where the zero is kept, it stands in the number already.
        forms = (f"0{local}", f"{_SAINT_PIERRE}{local}" if code == "508" else local)
        for form in forms if local != number else ():
            if normalise_number(form, country) == number:
                return form
    return number
