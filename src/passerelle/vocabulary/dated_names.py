"""The date that a file's name carries: what an export says of its own age."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_PARTS = {
    "%Y": r"(?P<Y>(?:19|20)[0-9]{2})",
    "%m": r"(?P<m>0[1-9]|1[0-2])",
    "%d": r"(?P<d>0[1-9]|[12][0-9]|3[01])",
    "%H": r"(?P<H>[01][0-9]|2[0-3])",
    "%M": r"(?P<M>[0-5][0-9])",
    "%S": r"(?P<S>[0-5][0-9])",
}
_ALONE = r"(?<![0-9])(?:{})(?![0-9])"
# A time is one only when no further number follows: two dates side by side are a period, not a date with a time.
_TIME = r"(?:[T_ -]?{H}[hH:._-]?{M}(?:[:._-]?{S})?(?![-_.]?[0-9]))?".format(**{k[1]: v for k, v in _PARTS.items()})
_GAP, _SAME_GAP = r"(?P<gap>[-_. ]?)", r"(?P=gap)"
_USUAL = tuple(
    re.compile(_ALONE.format(_GAP.join(form[:2]) + _SAME_GAP + form[2] + _TIME))
    for form in ([_PARTS["%Y"], _PARTS["%m"], _PARTS["%d"]], [_PARTS["%d"], _PARTS["%m"], _PARTS["%Y"]])
)
"""Year, month, day, or the reverse: with one separator or none, and a time or none."""


@lru_cache(maxsize=64)
def compile_name_date(form: str) -> re.Pattern[str]:
    """Return the pattern of a declared form such as `%Y-%m-%d`. Raises ValueError when it tells no day."""
    pieces = re.split(r"(%.)", form)
    if any(piece[0] == "%" and piece not in _PARTS for piece in pieces if piece):
        message = "a date in a name is made of %Y %m %d %H %M %S"
        raise ValueError(message)
    if any(pieces.count(part) != 1 for part in ("%Y", "%m", "%d")) or len(set(pieces[1::2])) != len(pieces[1::2]):
        message = "a date in a name has its year, month and day, each once"
        raise ValueError(message)
    return re.compile(_ALONE.format("".join(_PARTS.get(piece, re.escape(piece)) for piece in pieces)))


def find_name_date(name: str, form: str = "") -> datetime | None:
    """Return the last date of a name, as if it were UTC; None when there is none.

    Without a declared form, the usual ways of writing a day in figures are tried: 2024-11-03, 20241103, 03.11.2024.
    """
    found = [match for pattern in ([compile_name_date(form)] if form else _USUAL) for match in pattern.finditer(name)]
    for match in sorted(found, key=lambda one: one.start(), reverse=True):
        parts = {part: int(text) for part, text in match.groupdict().items() if text and part != "gap"}
        try:
            day = datetime(parts["Y"], parts["m"], parts["d"], tzinfo=UTC)
        except ValueError:  # the 31st of a month that has 30 days is no date
            continue
        return day.replace(hour=parts.get("H", 0), minute=parts.get("M", 0), second=parts.get("S", 0))
    return None
