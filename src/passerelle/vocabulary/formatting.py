"""Numbers, shares, days, moments and labels as people write them, in French and in English: the only place for it.

French follows CLDR and the Imprimerie nationale: a comma before decimals, a narrow no-break space between thousands and
before `%`, `;`, `!` and `?`, a no-break space before `:` and `€` and inside « », «1er» for the first of a month. A
function without a language writes the reader's.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from passerelle.vocabulary.language import get_current

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

NO_BREAK = "\u00a0"
NARROW = "\u202f"
NOTHING = "–"
"""Written in place of a missing value."""
_LONGEST_NAME = 80
"""Characters of a foreign name that are shown."""
_MONTHS = {
    "fr": "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
    "en": "January|February|March|April|May|June|July|August|September|October|November|December",
}
_THOUSANDS = {"fr": NARROW, "en": ","}
_DECIMAL_MARKS = {"fr": ",", "en": "."}
_PERCENT = {"fr": f"{NARROW}%", "en": "%"}
_COLONS = {"fr": f"{NO_BREAK}: ", "en": ": "}
# Imprimerie nationale: a full no-break space before the colon and inside guillemets, a narrow one elsewhere.
_BEFORE_WIDE = re.compile(r" ([:»€])")
_BEFORE_NARROW = re.compile(r" ([;!?%])")


def format_count(number: int, language: str = "") -> str:
    """Return a whole number with its thousands apart: `12 345`, `12,345`."""
    return f"{number:,}".replace(",", _THOUSANDS[language or get_current()])


def format_number(number: float, decimals: int, language: str = "") -> str:
    """Return a number with so many decimals: `1 234,50`, `1,234.50`."""
    language = language or get_current()
    whole, mark, rest = f"{number:,.{decimals}f}".partition(".")
    return whole.replace(",", _THOUSANDS[language]) + (_DECIMAL_MARKS[language] if mark else "") + rest


def format_share(part: float, language: str = "", *, decimals: int = 2) -> str:
    """Return a share from 0 to 1 in percent, without zeros at the end: `99,5 %`, `99.5%`."""
    language = language or get_current()
    figure = f"{part * 100:.{decimals}f}"
    if "." in figure:
        figure = figure.rstrip("0").rstrip(".")
    return figure.replace(".", _DECIMAL_MARKS[language]) + _PERCENT[language]


def format_measured_share(part: float | None, language: str = "") -> str:
    """Return a share to a tenth of a percent, finer where that would write 0 or 100 for what is neither; – for none."""
    if part is None:
        return NOTHING
    # 0.9996 must not be shown as 100 %: a reader would take it for «all».
    rounded = round(part, 3)
    return format_share(rounded if 0 < rounded < 1 or rounded == part else round(part, 4), language)


def format_day(text: str, language: str = "") -> str:
    """Return an ISO day in words: `1er janvier 2027`, `1 January 2027`; what is no day is returned as it is."""
    language = language or get_current()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return NO_BREAK.join((number, _MONTHS[language].split("|")[day.month - 1], str(day.year)))


def format_moment(when: datetime | None) -> str:
    """Return a moment in the machine's own time, to the minute, the same in both languages; – for none."""
    # The numeric form, so that moments in a table sort as texts.
    return when.astimezone().strftime("%Y-%m-%d %H:%M") if when else NOTHING


def format_labelled(label: str, text: str, language: str = "") -> str:
    """Return a label, the colon of the language and what is said; without a label, the text alone."""
    return f"{label}{_COLONS[language or get_current()]}{text}" if label else text


def typeset(text: str) -> str:
    """Return a text with the no-break spaces that French asks for around its marks; other texts stay as they are."""
    text = _BEFORE_WIDE.sub(rf"{NO_BREAK}\1", text.replace("« ", f"«{NO_BREAK}"))
    return _BEFORE_NARROW.sub(rf"{NARROW}\1", text)


def quote_names(names: Iterable[str]) -> str:
    """Return foreign names (of columns, sheets, files) in quotes, without what a terminal would act upon."""
    # a name may be as long as a file, and hold anything: a sentence shows enough to recognise it
    readable = ("".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name) for name in names)
    return ", ".join(f"«{name[:_LONGEST_NAME]}…»" if len(name) > _LONGEST_NAME else f"«{name}»" for name in readable)
