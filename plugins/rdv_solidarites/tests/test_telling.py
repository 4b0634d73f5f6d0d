"""What of a person goes to RDV-Solidarités, and what is left."""

from __future__ import annotations

from typing import Any

import pytest

from passerelle_plugin_rdv_solidarites.telling import user

SITUATIONS = ("single", "couple")
MOBILE, PHONE = {"kind": "mobile", "value": "+33639980001"}, {"kind": "phone", "value": "+33199000001"}
MAIL = {"kind": "email", "value": "adele@exemple.invalid"}


def _told(**fields: Any) -> dict[str, Any]:
    return dict(user({"ref": "gaia:person:1", **fields}, SITUATIONS))


def test_a_new_user_goes_to_an_organisation_and_one_of_theirs_stays_where_it_is():
    organisation = "rdv-solidarites:organisation:7"
    assert _told(organisation_ref=organisation)["organisation_ref"] == "7"
    assert _told(organisation_ref=organisation, ref="rdv-solidarites:person:41")["organisation_ref"] is None
    assert _told(organisation_ref=organisation, _version=2)["organisation_ref"] is None
    assert _told(organisation_ref="gaia:organisation:7")["organisation_ref"] is None


def test_one_number_and_one_address_are_chosen_and_the_others_have_no_place():
    told = _told(telecoms=[PHONE, MAIL, MOBILE, {**MAIL, "value": "autre@exemple.invalid"}])["telecoms"]
    assert [item["kind"] for item in told] == ["phone", "email", "other", "other"]
    assert [item["value"] for item in told[:2]] == [MOBILE["value"], MAIL["value"]]


def test_an_address_goes_on_one_line():
    address = {"lines": ["Bâtiment A", "1 rue des Essais"], "postcode": "99000", "city": "Ville-Inventée"}
    told = _told(addresses=[address])["addresses"]
    assert told == [{"lines": ["Bâtiment A, 1 rue des Essais, 99000 Ville-Inventée"], "postcode": None, "city": None}]


@pytest.mark.parametrize(("given", "sent"), [("1990-02-14", "1990-02-14"), ("1990-02", None), (None, None)])
def test_only_a_whole_day_is_a_date_of_birth(given, sent):
    assert _told(birth_date=given)["birth_date"] == sent


@pytest.mark.parametrize(("code", "goes"), [("single", True), ("widowed", False), (None, False)])
def test_only_situations_that_the_api_knows_go(code, goes):
    assert bool(_told(family_situation={"code": code, "original": "x"})["family_situation"]) is goes


def test_the_name_of_birth_stands_in_for_a_name_that_is_not_known():
    assert _told(birth_name="PRÉCÉDENTE")["usual_name"] == "PRÉCÉDENTE"
    assert _told(birth_name="PRÉCÉDENTE", usual_name="INVENTÉE")["usual_name"] == "INVENTÉE"
