"""Numbers, shares, days, moments and labels as people write them, in French and in English: the only place for it.

French follows CLDR and the Imprimerie nationale: a comma before decimals, a narrow no-break space between thousands and
before `%`, `;`, `!` and `?`, a no-break space before `:` and `€` and inside « », «1er» for the first of a month. A
function without a language writes the reader's.
"""

from __future__ import annotations

import re
import unicodedata
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
UNSEEN = "\N{REPLACEMENT CHARACTER}"
"""Shown in place of what cannot be seen."""
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
_SEMICOLONS = {"fr": f"{NARROW}; ", "en": "; "}
# Imprimerie nationale: a full no-break space before the colon and inside guillemets, a narrow one elsewhere.
_BEFORE_WIDE = re.compile(r" ([:»€])")
_OPENING = re.compile(r"« ?(?=\S)")
_CLOSING = re.compile(r"(?<=[^\s«])»")
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
    """Return a moment in the machine's own time and what that is, to the minute: `2026-03-01 02:30 UTC+1`; – for none.

    The same in both languages. Machines are often set to UTC, and people are not: a time without its offset is guessed.
    """
    if when is None:
        return NOTHING
    local = when.astimezone()
    # The numeric form, so that moments in a table sort as texts.
    return f"{local:%Y-%m-%d %H:%M} {_format_offset(local)}"


def _format_offset(local: datetime) -> str:
    """Return how far a time is from UTC: `UTC`, `UTC+1`, `UTC-3:30`."""
    minutes = int(local.utcoffset().total_seconds()) // 60 if local.utcoffset() else 0  # type: ignore[union-attr]  # aware
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{hours}{f':{rest:02}' if rest else ''}" if minutes else "UTC"


def format_labelled(label: str, text: str, language: str = "") -> str:
    """Return a label, the colon of the language and what is said; without a label, the text alone."""
    return f"{label}{_COLONS[language or get_current()]}{text}" if label else text


def set_quotes(text: str) -> str:
    """Return a text with the quotes of the reader's language: French has a no-break space inside."""
    if get_current() != "fr":
        return text
    return _CLOSING.sub(f"{NO_BREAK}»", _OPENING.sub(f"«{NO_BREAK}", text))


def join_clauses(clauses: Iterable[str]) -> str:
    """Return clauses with the semicolon of the language between them: some of them hold commas."""
    return _SEMICOLONS[get_current()].join(clauses)


def typeset(text: str) -> str:
    """Return a text with the no-break spaces that French asks for around its marks; other texts stay as they are."""
    text = _CLOSING.sub(f"{NO_BREAK}»", _OPENING.sub(f"«{NO_BREAK}", text))
    text = _BEFORE_WIDE.sub(rf"{NO_BREAK}\1", text)
    return _BEFORE_NARROW.sub(rf"{NARROW}\1", text)


def show_text(text: str) -> str:
    """Return a text without what a terminal or a page would obey and a reader not see; line ends and tabs stay.

    Every answer passes here, so that no foreign word (of a supplier, a plugin, a command line) acts: escape sequences
    (CWE-150), marks that turn the direction of writing, characters without width, ends of lines of Unicode.
    """
    if text.isprintable():
        return text
    return type(text)("".join(char if is_seen(char) or char in "\n\t" else UNSEEN for char in text))


def is_seen(char: str) -> bool:
    """Whether a reader sees a character, or at least its room: a no-break space is no printable character to Python."""
    return char.isprintable() or unicodedata.category(char) == "Zs"


def show_name(name: str) -> str:
    """Return a foreign name (of a column, sheet, member, file) as it may be shown: one line, short, nothing unseen."""
    # a name may be as long as a file, and hold anything: enough is shown to recognise it
    shown = "".join(char if is_seen(char) else UNSEEN for char in name[: _LONGEST_NAME + 1])
    return f"{shown[:_LONGEST_NAME]}…" if len(shown) > _LONGEST_NAME else shown


def quote_names(names: Iterable[str]) -> str:
    """Return foreign names (of columns, sheets, files) in quotes, as they may be shown."""
    # as they are kept beside a reason, in no language; `set_quotes` when they are shown
    return ", ".join(f"«{show_name(name)}»" for name in names)


def escape_unseen(text: str) -> str:
    """Return JSON with its own escapes for what a reader would not see: the document says the same."""
    if text.isprintable():
        return text
    return "".join(char if is_seen(char) or char in "\n\t\r" else _escape(char) for char in text)


def _escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
