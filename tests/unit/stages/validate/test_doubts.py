"""A record that says `null` is judged like one that leaves the field out, whatever the contract."""

from __future__ import annotations

import pytest

from passerelle import contracts
from passerelle.stages.validate.doubts import NO_SETTING, iter_doubts


@pytest.mark.parametrize("contract", contracts.catalogue().values(), ids=lambda contract: contract.about.family)
def test_a_null_is_no_doubt_and_stops_no_judgement(contract):
    assert list(iter_doubts(dict.fromkeys(contract.model_fields), contract, NO_SETTING)) == []


@pytest.mark.parametrize("part", [{"city": None, "lines": None, "postcode": None, "country": None}, {"lines": []}])
def test_an_address_of_nulls_is_no_doubt(part):
    assert list(iter_doubts({"addresses": [part]}, contracts.get("person/1"), NO_SETTING)) == []


def test_a_short_postcode_is_doubted_where_the_country_is_null():
    (doubt,) = iter_doubts(
        {"addresses": [{"postcode": "1000", "country": None}]}, contracts.get("person/1"), NO_SETTING
    )
    assert doubt.reason == "validate.postcode.short"


@pytest.mark.parametrize("system", [{}, {"system": None}])
def test_a_code_whose_system_is_null_is_one_of_the_list_of_its_field(system):
    (doubt,) = iter_doubts({"sex": {"code": "ZZ", **system}}, contracts.get("person/1"), NO_SETTING)
    assert doubt.reason == "validate.code.unknown"
