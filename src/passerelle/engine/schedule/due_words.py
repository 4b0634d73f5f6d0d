"""Reads when a flow is due, as people write it: a few words of French or English, or the five fields of cron.

The language is closed: days, then times. What is not in it is refused, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import time, timedelta
from functools import lru_cache

from passerelle.engine.schedule.due_rules import LAST, DayRule, DueRule

USUAL = (time(2, 30),)
"""When a day is named without a time."""
_WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "lundi lundis monday mondays",
            "mardi mardis tuesday tuesdays",
            "mercredi mercredis wednesday wednesdays",
            "jeudi jeudis thursday thursdays",
            "vendredi vendredis friday fridays",
            "samedi samedis saturday saturdays",
            "dimanche dimanches sunday sundays",
        )
    )
    for word in words.split()
}
_DAILY = r"chaque (?:nuit|jour|matin|soir)|tous les (?:jours|matins|soirs)|every (?:day|night)|daily"
_RULES: tuple[tuple[str, DayRule], ...] = (
    (_DAILY, DayRule()),
    (r"(?:les )?jours ouvres|(?:every )?working days?", DayRule(worked="weekdays")),
    (r"(?:les )?jours ouvrables", DayRule(worked="saturdays")),
    (
        r"(?:en |la )?fin de mois|(?:le )?dernier jour du mois|month end|(?:the )?last day of the month",
        DayRule(month_days=frozenset({LAST})),
    ),
    (r"(?:le )?premier jour du mois|(?:the )?first day of the month", DayRule(month_days=frozenset({1}))),
    (
        r"(?:le )?dernier jour ouvre(?: du mois)?|(?:the )?last working day(?: of the month)?",
        DayRule(worked="weekdays", position=-1),
    ),
    (
        r"(?:le )?premier jour ouvre(?: du mois)?|(?:the )?first working day(?: of the month)?",
        DayRule(worked="weekdays", position=1),
    ),
)
_MONTH_DAY = re.compile(r"(?:le |on the )?(\d{1,2})(?:er|st|nd|rd|th)? (?:du mois|de chaque mois|of the month)")
_EVERY = re.compile(r"(?:toutes les|every)(?: (\d{1,4}))? (minutes?|min|heures?|h|hours?)|(?:every) (minute|hour)")
_TIME = re.compile(r"(\d{1,2})(?: ?(?:h|:) ?(\d{2})?)|(midi|noon)|(minuit|midnight)")
_AT = re.compile(r" (?:a|at) ")
_ALSACE = re.compile(r"\(?(?:en |in )?alsace[- ]moselle\)?")
_HOLIDAYS = re.compile(r",? (?:sauf (?:les )?(?:jours )?feries|hors (?:jours )?feries|except public holidays)")
_AND = re.compile(r",| et | and ")
_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
"""Bounds of the fields of cron: minute, hour, day of the month, month, day of the week (0 and 7: Sunday)."""
_MINUTES_A_DAY = 1_440


@lru_cache(maxsize=256)
def parse_due_words(text: str) -> DueRule | None:
    """Return the rule of a text; None when it is not in the language."""
    words = _normalise(text)
    if not words:
        return None
    if (schedule := _parse_cron(words)) or (schedule := _parse_interval(words)):
        return schedule
    named, _at, hours = (_AT.sub("|", words, count=1)).partition("|")
    times = _parse_times(hours) if hours else USUAL
    rule = _parse_days(named.strip())
    return DueRule(rule, times) if rule is not None and times else None


def _normalise(text: str) -> str:
    """Return a text without accents and capitals, its blanks single."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(plain.split())


def _parse_interval(words: str) -> DueRule | None:
    found = _EVERY.fullmatch(words)
    if found is None:
        return None
    count, unit = int(found[1] or 1), found[2] or found[3]
    minutes = count if unit.startswith("min") else count * 60
    # what does not divide a day would come at other times every day
    return DueRule(every=timedelta(minutes=minutes)) if minutes and _MINUTES_A_DAY % minutes == 0 else None


def _parse_days(words: str) -> DayRule | None:
    alsace = "alsace" in words
    words = " ".join(_ALSACE.sub(" ", words).split())
    outside = _HOLIDAYS.search(words)
    words = " ".join(_HOLIDAYS.sub(" ", words).split())
    rule = _find_rule(words)
    if rule is None:
        return None
    worked = rule.worked or ("any" if outside else "")
    if alsace and not worked:
        return None  # it would change nothing
    return replace(rule, worked=worked, alsace=alsace)


def _find_rule(words: str) -> DayRule | None:
    for pattern, rule in _RULES:
        if re.fullmatch(pattern, words):
            return rule
    if (found := _MONTH_DAY.fullmatch(words)) and 1 <= int(found[1]) <= 31:
        return DayRule(month_days=frozenset({int(found[1])}))
    names = [re.sub(r"^(?:le|les|on|every|chaque|tous les) ", "", part.strip()) for part in _AND.split(words)]
    if names and all(name in _WEEKDAYS for name in names):
        return DayRule(weekdays=frozenset(_WEEKDAYS[name] for name in names))
    return None


def _parse_times(words: str) -> tuple[time, ...]:
    """Return the times of a list, in order; nothing when one of them is none."""
    found = set()
    for part in _AND.split(words):
        match = _TIME.fullmatch(re.sub(r"^(?:a|at) ", "", part.strip()))
        if match is None:
            return ()
        hour = 12 if match[3] else 0 if match[4] else int(match[1])
        minute = int(match[2] or 0)
        if hour > 23 or minute > 59:
            return ()
        found.add(time(hour, minute))
    return tuple(sorted(found))


def _parse_cron(words: str) -> DueRule | None:
    """Return the rule of five fields of cron: numbers, lists, ranges and steps; days as cron joins them."""
    parts = words.split(" ")
    if len(parts) != len(_FIELDS):
        return None
    fields = [_parse_field(part, *bounds) for part, bounds in zip(parts, _FIELDS, strict=True)]
    if not all(fields):
        return None
    minutes, hours, month_days, months, weekdays = fields
    rule = DayRule(
        weekdays=None if parts[4] == "*" else frozenset((day - 1) % 7 for day in weekdays),
        month_days=None if parts[2] == "*" else frozenset(month_days),
        months=None if parts[3] == "*" else frozenset(months),
        either=parts[2] != "*" and parts[4] != "*",
    )
    return DueRule(rule, tuple(time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)))


def _parse_field(text: str, least: int, most: int) -> set[int]:
    """Return the numbers of a field of cron; nothing when it is not one."""
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)
        if match is None:
            return set()
        first = int(match[1]) if match[1] else least
        last = int(match[2]) if match[2] else most if not match[1] or match[3] else first
        step = int(match[3] or 1)
        if not least <= first <= last <= most or not step:
            return set()
        found |= set(range(first, last + 1, step))
    return found
