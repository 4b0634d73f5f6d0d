"""What is invented for real values: the same for the same, of their shape, and never themselves."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from stdnum.fr import nir

from passerelle.extension.loading import load_plugins
from passerelle.testing.scrubbing import Scrubber
from passerelle.testing.value_inventing import Inventor

KEY = b"0" * 32


@pytest.fixture(scope="module")
def connector():
    return load_plugins(["grc-contacts"]).find_connector("grc-contacts")[1]


@pytest.fixture
def contacts(connector):
    return Scrubber(connector, inventor=Inventor(KEY))


@given(st.text(max_size=60))
@settings(max_examples=count_examples(60))
def test_the_same_value_gives_the_same_and_another_recording_gives_another(real):
    first, second = Inventor(KEY), Inventor(KEY)
    made = first.invent_text(real)
    assert made == first.invent_text(real) == second.invent_text(real)
    if sum(one.isalnum() for one in real) > 12 and len(real) <= 40:
        assert made != real
        assert Inventor(b"1" * 32).invent_text(real) != made


@given(st.lists(st.text("abcdefg0123456789", min_size=3, max_size=9), unique=True, max_size=30))
@settings(max_examples=count_examples(30))
def test_two_values_never_become_one(reals):
    inventor = Inventor(KEY)
    assert len({inventor.invent_text(real) for real in reals}) == len(reals)


@given(st.permutations("123456789"), st.binary(min_size=32, max_size=32))
@settings(max_examples=count_examples(100))
def test_however_little_room_there_is_nothing_becomes_itself_and_two_never_become_one(reals, key):
    reals = ["07", *reals, "98", "½", "é", "M"]
    inventor = Inventor(key, set(reals))
    made = [inventor.invent_text(real) for real in reals]
    assert len(set(made)) == len(reals)
    assert not [one for one, real in zip(made, reals, strict=True) if one == real]
    assert all(one.strip("0") for one in made)
    knowing = Inventor(key, {*reals, *made})
    assert not {one for one in map(knowing.invent_text, reals) if len(one) > 1} & set(made)


def test_fractions_are_figures_too():
    assert "½" not in Inventor(KEY).invent_text("3½")


CODES = st.from_regex(r"[A-Z]-\d\d|[a-z]{4,6}@[a-z]{3}\.fr|06 \d\d 42 42 42", fullmatch=True)
DAYS = st.dates(date(1930, 1, 1), date(2026, 12, 31)).map(lambda day: f"{day:%d/%m/%Y} 09:30")
NUMBERS = st.integers(1000, 9999) | st.integers(10_000, 99_999).map(lambda cents: cents / 100)


@given(CODES | DAYS | NUMBERS, st.binary(min_size=32, max_size=32))
@settings(max_examples=count_examples(200))
def test_what_would_be_invented_is_not_when_it_is_real_of_somebody_else(connector, real, key):
    made = Scrubber(connector, inventor=Inventor(key)).scrub_value(real)
    scrubber = Scrubber(connector, inventor=Inventor(key))
    for answer in ({"mine": real}, {"theirs": [made]}):
        scrubber.learn(json.dumps(answer).encode())
    assert scrubber.scrub_value(real) not in (real, made)


@pytest.mark.parametrize(
    "real", ["1 87 05 75 116 042 59", "187057511604259", "2 99 12 2A 001 002 17".replace("17", "00")]
)
def test_a_social_security_number_stays_one_with_a_right_key(real):
    made = Inventor(KEY).invent_text(real)
    assert made != real
    assert [one == " " for one in made] == [one == " " for one in real]
    if nir.is_valid(real):
        assert nir.is_valid(made)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2024-11-04", "2024-11-18"),
        ("04/11/2024 09:30", "18/11/2024 10:00"),
        ("2024-11-04T09:30:00+01:00", "2024-11-18T09:30:00+01:00"),
        ("202411040930", "202411180930"),
        ("20241104", "20241118"),
    ],
)
def test_days_move_together_and_a_monday_stays_a_monday(first, second):
    inventor = Inventor(KEY)
    shift = inventor.shift_day(date(2024, 11, 4)) - date(2024, 11, 4)
    assert shift.days % 7 == 0
    assert shift.days < 0
    made = [inventor.invent_text(one) for one in (first, second)]
    assert all(len(one) == len(first) and one not in (first, second) for one in made)
    assert sum(a != b for a, b in zip(made[0], first, strict=True)) <= 8


@pytest.mark.parametrize("real", ["06 12 34 56 78", "+33 1 42 68 53 00", "0142685300", "(03) 20-11-22-33"])
def test_a_telephone_becomes_one_of_those_kept_for_fiction(real):
    made = Inventor(KEY).invent_text(real)
    digits = "".join(one for one in made if one.isdigit()).removeprefix("33").lstrip("0")
    assert digits.startswith(("63998", "19900"))
    assert len(made) == len(real)


def test_an_address_of_mail_leads_nowhere_and_a_long_text_keeps_only_its_class():
    inventor = Inventor(KEY)
    assert inventor.invent_text("jeanne.dupre@orange.fr").endswith("@exemple.invalid")
    real = "Madame Dupré est tombée dans sa cuisine le matin du quatre novembre"
    made = inventor.invent_text(real)
    assert len(made) % 16 == 0
    assert not {word for word in real.split() if len(word) > 5} & set(made.split())


@pytest.mark.parametrize("real", ["", "  ", "-", "0", "0.00", "0000-00-00"])
def test_what_says_nothing_stays(real):
    assert Inventor(KEY).invent_text(real) == real


def test_words_that_the_connector_declares_stay_where_they_belong_and_nowhere_else(contacts):
    page = {"contacts": [{"channel": "TEL", "outcome": "RES", "comment": "TEL", "agent": {"team": "Accueil"}}]}
    (made,) = contacts.scrub_value(page)["contacts"]
    assert (made["channel"], made["outcome"]) == ("TEL", "RES")
    assert made["comment"] != "TEL"
    assert made["agent"]["team"] != "Accueil"
    assert contacts.kept == {"TEL", "RES"}


def test_what_nobody_thought_of_is_replaced(contacts):
    made = contacts.scrub_value({"favourite_colour": "Bleu nuit", "score": 7421, "data": [True, None, 12.5, -88]})
    assert made["favourite_colour"] != "Bleu nuit"
    assert made["score"] != 7421
    assert len(str(made["score"])) == 4
    assert made["data"][:2] == [True, None]
    assert made["data"][2] != 12.5
    assert made["data"][3] < 0


def test_figures_of_paging_stay_and_identifiers_are_the_same_as_number_and_as_text(contacts):
    made = contacts.scrub_value({"total_pages": 3, "page": "2", "id": 48213, "insured": {"ref": "48213"}})
    assert (made["total_pages"], made["page"]) == (3, "2")
    assert str(made["id"]) == made["insured"]["ref"] != "48213"


def test_records_keyed_by_identifier_or_name_lose_their_keys(contacts):
    made = contacts.scrub_value({"result": {"8812345": {"id": 1}, "Dupré": {"id": 2}, "0": {"id": 3}}})
    assert "0" in made["result"]
    assert not {"8812345", "Dupré"} & set(made["result"])
    assert len(made["result"]) == 3


@pytest.mark.parametrize(
    ("name", "stays"),
    [("current_mood", True), ("currentMood", True), ("CurrentMood", True), ("Dupré", False), ("Dupont", False)],
)
def test_names_that_a_program_gave_stay(contacts, name, stays):
    assert (name in contacts.scrub_value({name: 3})) is stays


def test_a_link_becomes_relative_and_keeps_nothing_but_its_paging(contacts):
    made = contacts.scrub_value({"next": "https://acme.example/v1/people/48213?token=s3cr3t-abc&page=2"})["next"]
    assert "page=2" in made
    assert not [word for word in ("acme", "48213", "s3cr3t", "://") if word in made]
    odd = contacts.scrub_value({"comment": "Jeanne : voir http://[acme/48213"})["comment"]
    assert not [word for word in ("Jeanne", "acme", "48213") if word in odd]


def test_a_member_that_a_person_vouches_for_keeps_words_and_no_numbers(contacts):
    vouched = Scrubber(contacts.connector, ("mood",))
    made = vouched.scrub_value({"mood": "calm", "others": [{"mood": "Jeanne 060102030405"}]})
    assert made["mood"] == "calm"
    assert "0601" not in json.dumps(made)
