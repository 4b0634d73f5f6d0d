"""Telephone numbers and addresses: one item each, in one form, or kept as they are with a doubt."""

from __future__ import annotations

import pytest
from converter_outcomes import ROW_WISE, read_columns, reason
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import Telecom


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("06 12 34 56 78", ["+33612345678"]),
        ("612345678", ["+33612345678"]),
        ("06.12.34.56.78 / 01-23-45-67-89", ["+33612345678", "+33123456789"]),
        ("+33 (0)6 12 34 56 78; 0032471234567", ["+33612345678", "+32471234567"]),
    ],
)
def test_several_numbers_in_a_cell_become_items_in_one_form(text, numbers):
    assert [item["value"] for item in Telecom("a").parse({"a": text})] == numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0976 20 00 01", "+262976200001"),  # La Réunion
        ("0976900001", "+262976900001"),  # Mayotte
        ("09 76 00 00 01", "+590976000001"),
        ("09.76.40.00.01", "+594976400001"),
        ("0976 66 00 01", "+596976660001"),
        ("0947 50 00 01", "+590947500001"),
        ("0947 90 00 01", "+262947900001"),
        ("0939 80 00 01", "+262939800001"),
        # the same number with the code of metropolitan France in front by rule
        ("+33 976 20 00 01", "+262976200001"),
        ("+262 976 20 00 01", "+262976200001"),
        # versatile numbers of metropolitan France
        ("09 72 00 00 01", "+33972000001"),
        ("0947 00 00 01", "+33947000001"),
        ("0939 00 00 01", "+33939000001"),
    ],
)
def test_a_versatile_number_belongs_to_the_territory_of_its_fifth_digit(text, number):
    assert Telecom("a").parse({"a": text})[0]["value"] == number
    (column,) = read_columns(Telecom("a"), text)
    assert column == ROW_WISE or column["value"] == number


@pytest.mark.parametrize("number", ["+262976200001", "+590947500001", "+596976660001", "+594976400001"])
def test_a_versatile_number_is_written_the_national_way_and_comes_back(number):
    cells = Telecom("a").render([{"value": number}])
    assert cells["a"].startswith("09")
    assert [item["value"] for item in Telecom("a").parse(cells)] == [number]


def test_an_incomplete_number_is_kept_with_a_warning():
    kept = Telecom("a").parse({"a": "3919"})
    assert (kept.value[0]["value"], reason(kept)) == ("3919", "translate.phone.unusual")
    words = Telecom("a").parse({"a": "le soir / chez la voisine"})
    assert words.value[0]["value"] == "le soir / chez la voisine"


def test_an_address_of_the_web_is_never_cut():
    assert Telecom("a", kind="url").parse({"a": "https://x.fr/a;b"})[0]["value"] == "https://x.fr/a;b"
    with pytest.raises(ValueError, match="kind"):
        Telecom("a", kind="pigeon")


def test_addresses_side_by_side_are_several_and_one_that_is_incomplete_is_kept_with_a_warning():
    mail = Telecom("a", kind="email")
    assert [item["value"] for item in mail.parse({"a": "a@b.fr c@d.fr; e@f.fr"})] == ["a@b.fr", "c@d.fr", "e@f.fr"]
    kept = mail.parse({"a": "a@b.fr; toto"})
    assert [item["value"] for item in kept.value] == ["a@b.fr", "toto"]
    assert reason(kept) == "translate.email.unusual"


@pytest.mark.parametrize("text", ["a@b", "@b.fr", "a@b.fr.", "é@b.fr", "a b@c.fr", "a@-.f"])
def test_what_no_mail_server_would_take_is_a_doubt_and_stays_whole(text):
    kept = Telecom("a", kind="email").parse({"a": text})
    assert ([item["value"] for item in kept.value], reason(kept)) == ([text], "translate.email.unusual")


def test_a_cell_of_separators_alone_is_nothing_and_told():
    nothing = Telecom("a").parse({"a": "/ ; ,"})
    assert (nothing.value, reason(nothing)) == (None, "translate.telecom.empty")


def test_a_number_that_a_spreadsheet_has_rewritten_reaches_nobody():
    assert reason(Telecom("a").parse({"a": "6,12E+08"})) == "translate.number.rewritten"
    assert Telecom("a", kind="email").parse({"a": "1E5@b.fr"})[0]["value"] == "1E5@b.fr"


def test_columns_take_one_number_or_one_address_and_leave_several():
    number, numbers = read_columns(Telecom("a"), "0612345678", "06 12 34 56 78 / 0123456789")
    assert (number["value"], numbers) == ("+33612345678", ROW_WISE)
    one, several, odd = read_columns(Telecom("a", kind="email", use="work"), "a@b.fr", "a@b.fr; c@d.fr", "toto")
    assert one == {"kind": "email", "value": "a@b.fr", "use": "work"}
    assert (several, odd) == (ROW_WISE, ROW_WISE)


@given(st.lists(st.sampled_from(["+33612345678", "+33123456789", "+32471234567"]), min_size=1, max_size=4))
def test_numbers_written_in_one_cell_come_back_in_their_order(numbers):
    cells = Telecom("a").render([{"value": number} for number in numbers])
    assert [item["value"] for item in Telecom("a").parse(cells)] == numbers


def test_addresses_of_the_web_are_tied_by_a_line_break_which_none_of_them_holds():
    url = Telecom("a", kind="url")
    addresses = ["https://x.fr/a;b", "https://y.fr/c,d"]
    cells = url.render([{"value": address} for address in addresses])
    assert [item["value"] for item in url.parse(cells)] == addresses


@pytest.mark.parametrize(("first", "written"), [(",", "0612345678, 0123456789"), ("/", "0612345678 / 0123456789")])
def test_the_first_separator_is_written_between_values(first, written):
    items = [{"kind": "phone", "value": value} for value in ("+33612345678", "+33123456789")]
    converter = Telecom("tel", separators=(first, ";"))
    assert converter.render(items) == {"tel": written}
    assert [one["value"] for one in converter.parse({"tel": written})] == ["+33612345678", "+33123456789"]
