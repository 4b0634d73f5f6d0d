"""Identifiers and postal addresses: undressed, and built from what there is."""

from __future__ import annotations

import pytest
from converter_outcomes import ROW_WISE, read_columns, reason
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import AddressOf, Identifier


def test_an_identifier_loses_its_spaces_and_dots():
    nir = Identifier("a", system="nir")
    assert nir.parse({"a": "1 85 05 78.006 084"}) == {"system": "nir", "value": "1850578006084", "use": None}
    assert reason(nir.parse({"a": ". . ."})) == "translate.identifier.empty"


def test_an_address_is_built_from_what_there_is():
    address = AddressOf(lines=("l1", "l2"), city="v", use="home")
    assert address.parse({"l1": "1 rue X\nBât B", "l2": None, "v": "Lyon"}) == {
        "lines": ["1 rue X", "Bât B"],
        "postcode": None,
        "city": "Lyon",
        "commune": None,
        "country": None,
        "use": "home",
    }
    assert address.parse({"l1": None, "l2": None, "v": None}) is None


def test_dashes_belong_to_a_number_unless_its_form_is_known():
    assert Identifier("a", system="caf").parse({"a": "12-34/A"})["value"] == "12-34/A"
    assert Identifier("a", system="nir").parse({"a": "2-50-12"})["value"] == "25012"


@pytest.mark.parametrize(("system", "text"), [("nir", "1,85E+14"), ("siret", "4.8E+13"), ("caf", "1,85E+14")])
def test_a_number_that_a_spreadsheet_has_rewritten_is_nobody_s(system, text):
    assert reason(Identifier("a", system=system).parse({"a": text})) == "translate.number.rewritten"
    assert read_columns(Identifier("a", system=system), text) == [ROW_WISE]


@pytest.mark.parametrize(("length", "sure"), [(64, True), (65, False)])
def test_columns_vouch_for_numbers_up_to_the_longest_of_the_contract(length, sure):
    (value,) = read_columns(Identifier("a", system="caf", use="old"), "9" * length)
    assert (value is not ROW_WISE) is sure
    assert not sure or value == {"system": "caf", "value": "9" * length, "use": "old"}


@given(st.lists(st.sampled_from(["1 rue X", "Bât B", "Escalier 2", "Hameau"]), max_size=5))
def test_however_many_lines_an_address_has_none_is_lost_on_the_way_back(lines):
    address = AddressOf(lines=("l1", "l2"), city="v")
    assert address.parse(address.render({"lines": lines, "city": "Lyon"}))["lines"] == lines


@pytest.mark.parametrize(
    ("home", "country", "postcode", "read"),
    [
        ("FR", None, "F-44100", "44100"),
        ("FR", "DE", "D-10115", "D-10115"),
        ("BE", None, "44 100", "44 100"),
        ("BE", "FRANCE", "44 100", "44100"),
    ],
)
def test_a_postcode_is_undressed_where_the_address_is_french(home, country, postcode, read):
    address = AddressOf(lines=("l",), postcode="p", country="c", home=home)
    assert address.parse({"l": "1 rue X", "p": postcode, "c": country})["postcode"] == read


def test_the_number_of_a_cedex_goes_behind_the_town():
    address = AddressOf(lines=("l",), postcode="p", city="v")
    part = address.parse({"l": None, "p": "44100 CEDEX 9", "v": "NANTES"})
    assert (part["postcode"], part["city"]) == ("44100", "NANTES CEDEX 9")
    assert read_columns(address, (None, "44100 CEDEX 9", "NANTES")) == [ROW_WISE]


def test_a_rewritten_postcode_costs_the_address_and_names_its_column():
    fault = AddressOf(lines=("l",), postcode="p").parse({"l": "1 rue X", "p": "4,41E+04"})
    assert (reason(fault), fault.column) == ("translate.number.rewritten", "p")


@pytest.mark.parametrize("lines", [(), "adresse"])
def test_an_address_needs_a_sequence_of_lines(lines):
    with pytest.raises(ValueError, match="lines"):
        AddressOf(lines=lines)
