"""Codes of places that are none, in the birthplace and in addresses, by record and by columns."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.contracts.catalogue import get
from passerelle.contracts.field_types import list_columns
from passerelle.stages.validate.doubtful_places import check_addresses, check_birthplaces, iter_place_doubts

PERSON, VISIT = get("person/1"), get("visit/1")


def judge(record, contract=PERSON, home="FR"):
    """Return reason and path of each doubt."""
    return [(doubt.reason, doubt.details["path"]) for doubt in iter_place_doubts(record, contract, home)]


@pytest.mark.parametrize(
    ("commune", "is_doubtful"), [("42218", False), ("2A004", False), ("99352", False), ("4221", True), ("LYON", True)]
)
def test_a_birthplace_is_a_code_of_the_cog(commune, is_doubtful):
    assert judge({"birth_commune": commune}) == [("validate.commune.unknown", "birth_commune")] * is_doubtful


@pytest.mark.parametrize(
    ("country", "is_doubtful"), [("DZ", False), ("99352", False), ("UK", True), ("France", True), ("fr", True)]
)
def test_a_country_is_a_code_of_iso_or_of_the_cog(country, is_doubtful):
    assert judge({"birth_country": country}) == [("validate.country.unknown", "birth_country")] * is_doubtful


@pytest.mark.parametrize(
    ("postcode", "reason"),
    [
        ("44100", ""),
        ("1000", "short"),
        ("١٢٣٤", "malformed"),
        ("441000", "malformed"),
        ("96000", "malformed"),
        ("00241", ""),
        ("00000", "malformed"),
        ("99352", ""),
        ("99998", ""),
        ("99999", "malformed"),
    ],
)
def test_four_figures_have_lost_their_zero_and_anything_else_is_malformed(postcode, reason):
    expected = [(f"validate.postcode.{reason}", "addresses[0].postcode")] if reason else []
    assert judge({"addresses": [{"postcode": postcode}]}) == expected


@pytest.mark.parametrize(
    ("address", "home", "is_doubtful"),
    [
        ({"postcode": "1000"}, "FR", True),
        ({"postcode": "1000"}, "BE", False),
        ({"postcode": "1000", "country": "BE"}, "FR", False),
        ({"postcode": "1000", "country": "RE"}, "BE", True),
        ({}, "FR", False),
    ],
)
def test_only_a_french_address_has_a_french_postcode(address, home, is_doubtful):
    assert bool(judge({"addresses": [address]}, home=home)) is is_doubtful


def test_a_contract_without_birthplace_and_addresses_has_no_doubt():
    assert judge({"birth_commune": "LYON", "addresses": [{"postcode": "1"}]}, VISIT) == []
    assert check_addresses(pl.DataFrame({"addresses": ["x"]}), VISIT, "FR") is None
    assert check_birthplaces(pl.DataFrame({"birth_commune": ["x"]}), VISIT) == []


ADDRESS = st.fixed_dictionaries(
    {
        "postcode": st.sampled_from([None, "44100", "1000", "x"]),
        "city": st.sampled_from([None, "LYON", "NULL"]),
        "country": st.sampled_from([None, "FR", "DE"]),
        "lines": st.sampled_from([None, [], ["1 rue X"], ["1 rue X", "néant"]]),
    }
)


@given(st.lists(st.none() | st.lists(ADDRESS, max_size=2), min_size=1, max_size=5), st.sampled_from(["FR", "BE"]))
def test_a_row_of_which_columns_are_sure_has_no_doubt_and_stays_at_its_place(lists, home):
    frame = pl.DataFrame({"addresses": lists}, {"addresses": list_columns(PERSON)["addresses"]})
    sure = check_addresses(frame, PERSON, home).to_list()
    assert len(sure) == len(lists)
    for is_sure, addresses in zip(sure, lists, strict=True):
        known = [{name: part for name, part in one.items() if part is not None} for one in addresses or ()]
        doubts = judge({"addresses": known}, home=home)
        assert not (is_sure and doubts)
        assert is_sure or doubts or any(one.get("city") == "NULL" or "néant" in one.get("lines", ()) for one in known)
