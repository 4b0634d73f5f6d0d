"""Days against what they mean."""

from __future__ import annotations

from datetime import date

import pytest

from passerelle.contracts.catalogue import get
from passerelle.stages.validate.doubtful_days import DayMeaning, judge_day, list_day_meanings

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("day", "meaning", "doubt"),
    [
        ("2026-11-30", "past", ""),
        ("2026-12-01", "past", "future"),
        ("2026", "past", ""),
        ("2027", "past", "future"),
        ("1880", "past", ""),
        ("1879-12-31", "past", "past"),
        ("1900-01-01", "past", "placeholder"),
        ("1900", "past", ""),
        ("2999-12-31", "past", "placeholder"),
        ("2028-11-30T23:59:59+01:00", "fact", ""),
        ("2028-12-01T00:00:00+01:00", "fact", "future"),
        ("1949-12-31", "fact", "past"),
        ("1970-01-01T01:00:00+01:00", "fact", "placeholder"),
        ("2045-06-30", "end", ""),
        ("2099-12-31", "end", "placeholder"),
        ("9999-12-31", "end", "placeholder"),
        ("1901-07-01", "foundation", ""),
    ],
)
def test_a_day_is_judged_by_what_it_means(day, meaning, doubt):
    assert judge_day(day, DayMeaning(meaning), TODAY) == (doubt and f"validate.day.{doubt}")


def test_without_the_day_of_reception_nothing_lies_in_the_future():
    assert judge_day("2050-01-01", DayMeaning.PAST, None) == ""
    assert judge_day("9999-12-31", DayMeaning.PAST, None) == "validate.day.placeholder"


def test_the_fields_of_contracts_mean_what_their_names_say():
    assert list_day_meanings(get("person/1")) == {"birth_date": DayMeaning.PAST, "death_date": DayMeaning.PAST}
    assert list_day_meanings(get("invoice/1"))["issued_on"] is DayMeaning.FACT
    assert list_day_meanings(get("entitlement/1"))["end_on"] is DayMeaning.END
    assert list_day_meanings(get("organisation/1"))["opened_on"] is DayMeaning.FOUNDATION
    assert list_day_meanings(get("case/1"))["opened_on"] is DayMeaning.FACT
