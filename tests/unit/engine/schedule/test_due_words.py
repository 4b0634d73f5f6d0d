"""What people write of when a flow is due is understood as they mean it, or refused."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.engine.schedule.due_rules import LAST, DayRule, DueRule
from passerelle.engine.schedule.due_words import USUAL, parse_due_words

MORNING = (time(6, 30),)


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("chaque nuit", DueRule(DayRule(), USUAL)),
        ("Chaque nuit à 2 h 30", DueRule(DayRule(), USUAL)),
        ("tous les jours à 6h30, 12 h et minuit", DueRule(DayRule(), (time(0), time(6, 30), time(12)))),
        ("every day at 6:30", DueRule(DayRule(), MORNING)),
        ("Jours ouvrés à 6 h 30", DueRule(DayRule(worked="weekdays"), MORNING)),
        ("jours ouvrés (Alsace-Moselle) à 6 h 30", DueRule(DayRule(worked="weekdays", alsace=True), MORNING)),
        ("les jours ouvrables à 6:30", DueRule(DayRule(worked="saturdays"), MORNING)),
        ("working days at 6:30", DueRule(DayRule(worked="weekdays"), MORNING)),
        ("chaque jour sauf jours fériés à 6 h 30", DueRule(DayRule(worked="any"), MORNING)),
        ("lundi et jeudi à 6 h 30", DueRule(DayRule(weekdays=frozenset({0, 3})), MORNING)),
        ("tous les lundis à 6 h 30", DueRule(DayRule(weekdays=frozenset({0})), MORNING)),
        ("le 5 du mois à 6 h 30", DueRule(DayRule(month_days=frozenset({5})), MORNING)),
        ("le 1er du mois à midi", DueRule(DayRule(month_days=frozenset({1})), (time(12),))),
        ("fin de mois", DueRule(DayRule(month_days=frozenset({LAST})), USUAL)),
        ("dernier jour ouvré à 6 h 30", DueRule(DayRule(worked="weekdays", position=-1), MORNING)),
        ("premier jour ouvré du mois à 6 h 30", DueRule(DayRule(worked="weekdays", position=1), MORNING)),
        ("toutes les 15 minutes", DueRule(every=timedelta(minutes=15))),
        ("toutes les heures", DueRule(every=timedelta(hours=1))),
        ("every 2 hours", DueRule(every=timedelta(hours=2))),
        ("30 6 * * 1-5", DueRule(DayRule(weekdays=frozenset(range(5))), MORNING)),
        ("30 6 1,15 * 7", DueRule(DayRule(frozenset({6}), frozenset({1, 15}), either=True), MORNING)),
        ("0 */12 * 6-8 *", DueRule(DayRule(months=frozenset({6, 7, 8})), (time(0), time(12)))),
    ],
)
def test_what_is_in_the_language(text, schedule):
    assert parse_due_words(text) == schedule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quand il faut",
        "à 6 h",
        "jours ouvrés à 25 h",
        "jours ouvrés à 6 h 75",
        "jours ouvrés à",
        "jours ouvrés à 6 h et demie",
        "lundi et bientôt à 6 h",
        "le 0 du mois à 6 h",
        "le 32 du mois à 6 h",
        "toutes les 7 minutes",
        "toutes les 0 heures",
        "fin de mois (Alsace-Moselle) à 6 h",
        "60 6 * * *",
        "30 6 * *",
        "30 6 5-1 * *",
        "30 6 * * */0",
    ],
)
def test_what_is_not_is_refused(text):
    assert parse_due_words(text) is None


@given(st.text(max_size=60))
def test_any_text_is_understood_or_refused(text):
    assert parse_due_words(text) is None or isinstance(parse_due_words(text), DueRule)


@given(st.integers(0, 59), st.integers(0, 23), st.integers(0, 7))
def test_cron_and_words_say_the_same_of_a_day_of_the_week(minute, hour, number):
    names = ("dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
    words, fields = f"{names[number]} à {hour} h {minute:02}", f"{minute} {hour} * * {number}"
    assert parse_due_words(words) == parse_due_words(fields) is not None
    assert [day for day in range(1, 8) if parse_due_words(words).days.covers(date(2026, 6, day))] == [number or 7]


@pytest.mark.parametrize(
    ("place", "first", "last"),
    [(0, 0, 59), (1, 0, 23), (2, 1, 31), (3, 1, 12), (4, 0, 7)],
    ids=["minute", "hour", "day", "month", "day of the week"],
)
def test_each_field_of_cron_takes_numbers_from_its_first_to_its_last(place, first, last):
    def is_taken(number):
        fields = ["30", "6", "*", "*", "*"]
        fields[place] = str(number)
        return parse_due_words(" ".join(fields)) is not None

    assert [number for number in range(-1, 70) if is_taken(number)] == list(range(first, last + 1))
