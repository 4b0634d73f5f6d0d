"""Formats say what the value is and nothing else, in both languages; Babel's CLDR is the judge of numbers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from passerelle.vocabulary import language as languages
from passerelle.vocabulary.formatting import (
    NARROW,
    NO_BREAK,
    format_count,
    format_day,
    format_labelled,
    format_measured_share,
    format_moment,
    format_number,
    format_share,
    join_clauses,
    set_quotes,
    typeset,
)

LANGUAGES = st.sampled_from(("fr", "en"))
SHARES = st.floats(0, 1)


def _value(text: str, language: str) -> float:
    plain = text.replace(NARROW, "").replace("%", "")
    return float(plain.replace(",", ".") if language == "fr" else plain.replace(",", ""))


@given(st.integers(-(10**15), 10**15), LANGUAGES)
def test_counts_are_written_as_cldr_writes_them(number, language):
    assert format_count(number, language) == format_decimal(number, locale=language)


@given(st.decimals(-(10**9), 10**9, places=2), LANGUAGES)
def test_numbers_are_written_as_cldr_writes_them(number, language):
    wanted = format_decimal(float(number), "#,##0.00", locale=language, decimal_quantization=True)
    assert format_number(float(number), 2, language) == wanted


@given(SHARES, LANGUAGES)
def test_a_share_reads_back_to_a_hundredth_of_a_percent(part, language):
    assert abs(_value(format_share(part, language), language) - part * 100) <= 0.005 + 1e-9


@given(SHARES, LANGUAGES)
def test_a_measured_share_is_never_nothing_or_everything_when_it_is_not(part, language):
    read = _value(format_measured_share(part, language), language)
    if 0.0001 <= part <= 0.9999:
        assert 0 < read < 100
    assert abs(read - part * 100) <= 0.05 + 1e-9


@pytest.mark.parametrize(
    ("part", "french", "english"),
    [
        (0, f"0{NARROW}%", "0%"),
        (1, f"100{NARROW}%", "100%"),
        (0.995, f"99,5{NARROW}%", "99.5%"),
        (0.1, f"10{NARROW}%", "10%"),
    ],
)
def test_shares_lose_their_zeros_after_the_mark_only(part, french, english):
    assert (format_share(part, "fr"), format_share(part, "en")) == (french, english)


def test_whole_percents_keep_their_zeros():
    assert format_share(1.0, "en", decimals=0) == "100%"
    assert format_share(0.9, "fr", decimals=0) == f"90{NARROW}%"


def test_no_share_and_no_moment_are_a_dash():
    assert format_measured_share(None, "fr") == format_moment(None) == "–"


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), LANGUAGES)
def test_a_day_holds_its_year_and_its_number_and_never_breaks(day, language):
    number, month, year = format_day(day.isoformat(), language).split(NO_BREAK)
    assert int(year) == day.year
    assert int(re.sub(r"er\Z", "", number)) == day.day
    assert number.endswith("er") is (language == "fr" and day.day == 1)
    assert month


@given(st.text().filter(lambda text: not re.match(r"\d{4}", text)), LANGUAGES)
def test_what_is_no_day_stays_as_it_is(text, language):
    assert format_day(text, language) == text


def test_a_moment_is_the_same_in_both_languages():
    when = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
    assert re.fullmatch(r"2026-11-2[012] \d\d:\d\d UTC([+-]\d+(:\d\d)?)?", format_moment(when))


@given(st.text(min_size=1), st.text())
def test_each_language_has_its_own_colon_and_no_label_has_none(label, text):
    assert format_labelled(label, text, "fr") == f"{label}{NO_BREAK}: {text}"
    assert format_labelled(label, text, "en") == f"{label}: {text}"
    assert format_labelled("", text, "fr") == text


@given(st.text())
def test_setting_a_text_twice_changes_nothing_more(text):
    assert typeset(typeset(text)) == typeset(text)


def test_french_marks_get_the_space_that_is_theirs():
    wanted = f"«{NO_BREAK}oui{NO_BREAK}»{NARROW}; 12{NARROW}%, 5{NO_BREAK}€{NO_BREAK}: vrai{NARROW}?"
    assert typeset("« oui » ; 12 %, 5 € : vrai ?") == wanted
    assert typeset("«oui» ; 12 %, 5 € : vrai ?") == wanted


def test_quotes_are_those_of_the_reader():
    before = languages.get_current()
    try:
        languages.set_language("fr")
        assert set_quotes("«a», «b»") == f"«{NO_BREAK}a{NO_BREAK}», «{NO_BREAK}b{NO_BREAK}»"
        assert set_quotes(set_quotes("«a»")) == set_quotes("«a»")
        assert join_clauses(["a", "b, c"]) == f"a{NARROW}; b, c"
        languages.set_language("en")
        assert set_quotes("«a», «b»") == "«a», «b»"
        assert join_clauses(["a", "b, c"]) == "a; b, c"
    finally:
        languages.set_language(before)


def test_without_a_language_the_readers_is_written():
    before = languages.get_current()
    try:
        languages.set_language("fr")
        assert format_count(12345) == f"12{NARROW}345"
        languages.set_language("en")
        assert format_count(12345) == "12,345"
    finally:
        languages.set_language(before)
