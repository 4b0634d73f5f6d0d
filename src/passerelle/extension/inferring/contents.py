"""Examine the cells of a column: days, times, numbers, identifiers, flags, lists of words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from stdnum.fr import nir, siret

from passerelle.stages.translate.cells import SPACES
from passerelle.stages.translate.converters.layouts import compile_format, read_layout
from passerelle.stages.translate.converters.usual_formats import CLOCKS, DAYS, RARE_CLOCKS, SHORT_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

NULLS = (
    "-",
    "--",
    "n/a",
    "na",
    "nc",
    "n.c.",
    "nr",
    "n.r.",
    "null",
    "none",
    "?",
    "non renseigné",
    "non renseignée",
    "#n/a",
)
"""Words that stand for «unknown» in exports, in small letters."""

_TIED = (" ", "T")
MOMENTS = tuple(f"{day}{tie}{clock}" for day in DAYS[:7] for tie in _TIED for clock in CLOCKS[:3])
# What a database writes through JDBC; and what other programs write when they pad nothing.
_OTHER_MOMENTS = (
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%f",
    *(f"{day} {clock}" for day in SHORT_DAYS for clock in ("%H:%M", "%H:%M:%S", "%-H:%M", "%-Hh%M")),
    *(f"{day} {clock}" for day in DAYS[:3] for clock in ("%-H:%M", "%-Hh%M", "%-Hh")),
)
_FAMILIES = (
    ("day", DAYS),
    ("moment", MOMENTS),
    ("day", SHORT_DAYS),
    ("moment", _OTHER_MOMENTS),
    ("day", (*DAYS, *SHORT_DAYS)),
    ("moment", (*MOMENTS, *_OTHER_MOMENTS)),
)
_MOST_FORMATS = 5
_DAY_FIRST, _MONTH_FIRST = "%d/%m", "%m/%d"
"""Where days come first, «12/31/2024» is a mistake and no other way to write a day."""

YEARS_FROM = 1950
"""The first of the hundred years that two digits are taken for; see `years_from` of the converters."""
_YES = ("oui", "o", "vrai", "true", "yes", "y", "1", "x")
_NO = ("non", "n", "faux", "false", "no", "0")
_PHONE = r"(\+33|0033|0)[ .]?[1-9]([ .-]?[0-9]{2}){4}"
_PATTERNS = {
    "time": r"([01]?[0-9]|2[0-4])[:hH][0-5][0-9](:[0-5][0-9])?",
    "duration": r"[0-9]{1,3}[:hH][0-5][0-9](:00)?|[0-9]{1,3} ?h( ?[0-5]?[0-9]( ?(min|mn))?)?|[0-9]+ ?(min|mn)",
    "instant": (
        r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]"
        r"(:[0-5][0-9](\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})"
    ),
    "loose_day": r"([0-9]{1,2}[/.-][0-9]{1,2}[/.-]([0-9]{2}){1,2}|[0-9]{4}([/.-][0-9]{1,2}){2})([ T].*)?",
    "integer": r"[0-9]{1,9}|[0-9]{1,3}([   ][0-9]{3})+",
    "number": r"-?([0-9]{1,9}|[0-9]{1,3}([   ][0-9]{3})+)([.,][0-9]{1,6})?",
    "amount": r"-?([0-9]{1,9}|[0-9]{1,3}([   ][0-9]{3})+)([.,][0-9]{1,2})?[   ]?(€|EUR)?",
    "phone": rf"{_PHONE}([ /,;]+{_PHONE})*",
    # A telephone that a spreadsheet took for a number has lost its first zero; by itself that proves nothing.
    "phone_like": r"[1-9][0-9]{8}(\.0)?",
    "email": r"[^@\s]{1,64}@[^@\s]{1,200}\.[A-Za-z]{2,}",
    "postcode": r"(0[1-9]|[1-8][0-9]|9[0-8]|2[AB])[0-9]{3}",
    "postcode_city": r"(0[1-9]|[1-8][0-9]|9[0-8]|2[AB])[0-9]{3} +[^\W\d_].*",
    "number_city": r"[0-9]{4,6} +[^\W\d_].*|2[AB][0-9]{3} +[^\W\d_].*",
    "titled_name": r"(M\.|Mr|M|MR|MME|Mme|Mlle|MLLE|Monsieur|Madame)\.? [^\d]+",
    "capital_name": r"[^\W\d_a-zà-ÿ][^\d_a-zà-ÿ]+ [^\W\d_][^\d_]*[a-zà-ÿ].*",
    "finess": r"[0-9]{2}[0-9AB][0-9]{6}",
    "id": r"[A-Za-z0-9][A-Za-z0-9_./:-]{0,63}",
    "letters": r"[^\W\d_]+([ '’.,-]+[^\W\d_]+)*\.?",
    "nir_like": r"[12]([ .]?[0-9]){5}[ .]?[0-9AB]([ .]?[0-9]){6}([ .]?[0-9]{2})?",
    "siret_like": r"[0-9]{3}([ .]?[0-9]){11}",
}
_COMPILED = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}
_MOST_CLOCKS = 4
_MOST = 500
"""Different values of a column that are tried."""
MOST_WORDS = 40
"""More different values are no list of codes."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The measured content of a column's cells. Shares are from 0 to 1, of the cells that hold something."""

    filled: int
    rows: int
    distinct: int
    longest: int
    shares: Mapping[str, float]
    formats: tuple[str, ...] = ()
    """Ways to write a day or a moment that together read the column, the most frequent first."""
    kind: str = ""
    """Of the formats: `day`, `moment` or nothing."""
    ambiguous: bool = False
    """Every day could be a month as well."""
    clock: str = ""
    """How a time of day is written; `clocks` are all ways that together read the column."""
    clocks: tuple[str, ...] = ()
    comma: bool = False
    """Decimals come after a comma."""
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    words: Mapping[str, int] = field(default_factory=dict, repr=False)
    """For what looks like a list of codes: each word with its count. Values of the file: never shown unasked."""
    nulls: tuple[str, ...] = ()

    def share(self, kind: str) -> float:
        """Return which share of the cells is of this kind."""
        return self.shares.get(kind, 0.0)

    @property
    def repeats(self) -> int:
        """Count the cells that say what another one has said before."""
        return self.filled - self.distinct

    @property
    def unique(self) -> bool:
        """Whether no two cells are the same, and none is empty."""
        return self.filled == self.rows == self.distinct > 0

    @property
    def temporal(self) -> bool:
        """Whether the cells are days or times, written in a way that converters read or not."""
        return bool(self.kind or self.clock) or max(map(self.share, ("time", "loose_day", "instant"))) > 0.5

    @property
    def listed(self) -> bool:
        """Whether the cells look like words of a list."""
        return bool(self.words)


def examine_cells(cells: Iterable[str | None]) -> Evidence:
    """Measure what the cells of one column look like."""
    raw = [(cell or "").strip(SPACES) for cell in cells]
    longest = max(map(len, raw), default=0)
    seen = Counter(cell for cell in raw if cell)
    nulls = tuple(word for word in seen if word.lower() in NULLS)
    values = Counter({word: count for word, count in seen.items() if word not in nulls})
    # A column that holds nothing but such a word uses it for something.
    values, nulls = (values, nulls) if values else (seen, ())
    tried = values.most_common(_MOST)
    formats, kind = _find_formats(tried)
    yes = tuple(word for word in values if word.lower() in _YES)
    no = tuple(word for word in values if word.lower() in _NO)
    # One more word («peut-être») and the column is a list, not a flag. Four: both words in two spellings.
    if not len(yes) + len(no) == len(values) <= 4:
        yes, no = (), ()
    clocks = _find_clocks(tried)
    # Codes repeat; names and references hardly do.
    is_list = 0 < len(values) <= MOST_WORDS and values.total() >= 1.5 * len(values)
    is_list = is_list and all(len(word) <= 60 for word in values)
    shares = {name: _compute_share(tried, pattern) for name, pattern in _COMPILED.items()}
    shares |= {
        "nir": _compute_valid_share(tried, _is_nir),
        "siret": _compute_valid_share(tried, lambda text: bool(siret.is_valid(text))),
        "flag": 0.5 * (bool(yes) + bool(no)),
    }
    return Evidence(
        filled=values.total(),
        rows=len(raw),
        distinct=len(values),
        longest=longest,
        shares=shares,
        formats=formats,
        kind=kind,
        ambiguous=bool(formats) and _is_ambiguous(tried, formats[0]),
        clock=next(iter(clocks), ""),
        clocks=clocks,
        comma=any("," in word for word in values) or not any("." in word for word in values),
        yes=yes,
        no=no,
        words=dict(values.most_common()) if is_list else {},
        nulls=nulls,
    )


def _compute_share(tried: Sequence[tuple[str, int]], pattern: re.Pattern[str]) -> float:
    return _compute_valid_share(tried, lambda text: pattern.fullmatch(text) is not None)


def _compute_valid_share(tried: Sequence[tuple[str, int]], judge: Callable[[str], bool]) -> float:
    total = sum(count for _, count in tried)
    return sum(count for text, count in tried if judge(text)) / total if total else 0.0


def _is_nir(text: str) -> bool:
    """Whether a text is a NIR with its right key; without a key, whether its month is one."""
    digits = re.sub(r"[ .]", "", text)
    # Thirteen characters carry no key: sex and month (01 to 12) are all that can be checked.
    if len(digits) == 15:
        return bool(nir.is_valid(digits))
    return bool(re.fullmatch(r"[12][0-9]{2}(0[1-9]|1[0-2])[0-9][0-9AB][0-9]{6}", digits))


def _is_day(text: str, form: str) -> bool:
    # Which hundred years two digits mean matters to what is read, not to whether it is a day.
    parts = (compile_format(form, YEARS_FROM) if "%y" in form else read_layout(form)).read_parts(text)
    if not parts:
        return False
    try:
        date(parts["Y"], parts["m"], parts["d"])
    except ValueError:
        return False
    return parts.get("H", 0) <= 24 and parts.get("M", 0) < 60


def _find_formats(tried: Sequence[tuple[str, int]]) -> tuple[tuple[str, ...], str]:
    """Find the formats that together read nearly all: of days, or else of moments; the usual ones first."""
    if not tried or not any(char.isdigit() for char in tried[0][0]):
        return (), ""
    for kind, forms in _FAMILIES:
        if chosen := _choose_formats(tried, forms):
            return _add_rare_formats(tried, chosen, kind), kind
    return (), ""


def _add_rare_formats(tried: Sequence[tuple[str, int]], chosen: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """Add the formats of the few cells that are written otherwise than nearly all: each would be set aside."""
    unread = [text for text, _ in tried if not any(_is_day(text, form) for form in chosen)]
    usual = dict.fromkeys(form for of, forms in _FAMILIES if of == kind for form in forms)
    forms = [form for form in usual if not form.startswith(_MONTH_FIRST)]
    found = list(chosen)
    while unread and len(found) < _MOST_FORMATS:
        read = {form: [text for text in unread if _is_day(text, form)] for form in forms}
        best = max(read, key=lambda form: len(read[form]))
        if not read[best]:
            break
        found.append(best)
        unread = [text for text in unread if text not in set(read[best])]
    return tuple(found)


def _choose_formats(tried: Sequence[tuple[str, int]], forms: Sequence[str]) -> tuple[str, ...]:
    unread, total = dict(tried), sum(count for _, count in tried)
    first = tried[0][0]
    # Formats that read none of a few cells are not tried on all of them.
    few = [text for text, _ in tried[:20]] or [first]
    possible = [form for form in forms if any(_is_day(text, form) for text in few)]
    chosen: list[str] = []
    while unread and possible and len(chosen) < 3:
        read = {form: [text for text in unread if _is_day(text, form)] for form in possible}
        best = max(possible, key=lambda form: sum(unread[text] for text in read[form]))
        if sum(unread[text] for text in read[best]) < max(1, total * 0.02):
            break
        chosen.append(best)
        if best.startswith(_DAY_FIRST):
            possible = [form for form in possible if not form.startswith(_MONTH_FIRST)]
        unread = {text: count for text, count in unread.items() if text not in set(read[best])}
    return tuple(chosen) if chosen and sum(unread.values()) <= total * 0.1 else ()


def _is_ambiguous(tried: Sequence[tuple[str, int]], form: str) -> bool:
    """Whether the first format would do with day and month exchanged."""
    other = form.translate(str.maketrans("dm", "md"))
    return form.startswith(("%d/%m", "%m/%d")) and all(_is_day(text, other) for text, _ in tried)


def _find_clocks(tried: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Find the ways to write a time of day that together read nearly all cells, the most frequent first."""
    unread, total = dict(tried), sum(count for _, count in tried)
    chosen: list[str] = []
    while unread and len(chosen) < _MOST_CLOCKS:
        forms = (*CLOCKS, *RARE_CLOCKS) if chosen else CLOCKS
        read = {form: [text for text in unread if _compile_clock(form).fullmatch(text)] for form in forms}
        # A longer form stands behind a shorter one that reads as much: ties go to the first.
        best = max(forms, key=lambda form: sum(unread[text] for text in read[form]))
        if not read[best]:
            break
        chosen.append(best)
        unread = {text: count for text, count in unread.items() if text not in set(read[best])}
    return tuple(chosen) if chosen and sum(unread.values()) <= total * 0.1 else ()


@cache
def _compile_clock(form: str) -> re.Pattern[str]:
    hour = "([01]?[0-9]|2[0-4])" if "%-H" in form else "([01][0-9]|2[0-4])"
    pattern = (
        form.replace(".", r"\.")
        .replace("%-H", hour)
        .replace("%H", hour)
        .replace("%M", "[0-5][0-9]")
        .replace("%S", "[0-5][0-9]")
    )
    return re.compile(pattern)
