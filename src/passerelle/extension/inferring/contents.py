"""Examine the cells of a column: days, times, numbers, identifiers, flags, lists of words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from stdnum.fr import nir, siret

from passerelle.stages.translate.cells import SPACES
from passerelle.stages.translate.converters.layouts import read_layout

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

DAYS = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d", "%Y/%m/%d", "%m/%d/%Y", "%d %m %Y")
CLOCKS = ("%H:%M", "%H:%M:%S", "%Hh%M", "%H.%M", "%H%M")
_TIED = (" ", "T")
MOMENTS = tuple(f"{day}{tie}{clock}" for day in DAYS[:7] for tie in _TIED for clock in CLOCKS[:3])

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
    "email": r"[^@\s]{1,64}@[^@\s]{1,200}\.[A-Za-z]{2,}",
    "postcode": r"(0[1-9]|[1-8][0-9]|9[0-8]|2[AB])[0-9]{3}",
    "finess": r"[0-9]{2}[0-9AB][0-9]{6}",
    "id": r"[A-Za-z0-9][A-Za-z0-9_./:-]{0,63}",
    "letters": r"[^\W\d_]+([ '’.,-]+[^\W\d_]+)*\.?",
    "nir_like": r"[12]([ .]?[0-9]){5}[ .]?[0-9AB]([ .]?[0-9]){6}([ .]?[0-9]{2})?",
    "siret_like": r"[0-9]{3}([ .]?[0-9]){11}",
}
_COMPILED = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}
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
    """How a time of day is written."""
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
        clock=_find_clock(tried),
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
    parts = read_layout(form).read_parts(text)
    if not parts:
        return False
    try:
        date(parts["Y"], parts["m"], parts["d"])
    except ValueError:
        return False
    return parts.get("H", 0) <= 24 and parts.get("M", 0) < 60


def _find_formats(tried: Sequence[tuple[str, int]]) -> tuple[tuple[str, ...], str]:
    """Find the formats that together read nearly all: of days, or else of moments."""
    for kind, forms in (("day", DAYS), ("moment", MOMENTS)):
        unread, total = dict(tried), sum(count for _, count in tried)
        chosen: list[str] = []
        while unread and len(chosen) < 3:
            read = {form: [text for text in unread if _is_day(text, form)] for form in forms}
            best = max(forms, key=lambda form: sum(unread[text] for text in read[form]))
            if sum(unread[text] for text in read[best]) < max(1, total * 0.02):
                break
            chosen.append(best)
            unread = {text: count for text, count in unread.items() if text not in set(read[best])}
        if chosen and sum(unread.values()) <= total * 0.1:
            return tuple(chosen), kind
    return (), ""


def _is_ambiguous(tried: Sequence[tuple[str, int]], form: str) -> bool:
    """Whether the first format would do with day and month exchanged."""
    other = form.translate(str.maketrans("dm", "md"))
    return form.startswith(("%d/%m", "%m/%d")) and all(_is_day(text, other) for text, _ in tried)


def _find_clock(tried: Sequence[tuple[str, int]]) -> str:
    for form in CLOCKS[:3]:
        pattern = form.replace("%H", "([01][0-9]|2[0-4])").replace("%M", "[0-5][0-9]").replace("%S", "[0-5][0-9]")
        if tried and _compute_share(tried, re.compile(pattern)) >= 0.9:
            return form
    return ""
