"""Real answers and files of suppliers, read where they lie: every row accounted for, every documented trap told."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

import pytest

from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import SampleOutcome, take
from passerelle.vocabulary.errors import ParcelError

if TYPE_CHECKING:
    from pathlib import Path

_OPERATIONS = {
    "v2_cnav_quotient_familial_v2": "v2/cnav/quotient_familial",
    "v3_cnav_quotient_familial": "cnav/quotient_familial",
    "v3_cnav_revenu_solidarite_active": "cnav/revenu_solidarite_active",
    "v3_cnav_allocation_adulte_handicape": "cnav/allocation_adulte_handicape",
    "v3_cnav_complementaire_sante_solidaire": "cnav/complementaire_sante_solidaire",
    "v3_france_travail_statut": "france_travail/statut",
    "v4_cnous_etudiant_boursier": "cnous/etudiant_boursier",
}


def taken(connector_id: str, content: bytes) -> SampleOutcome:
    supplier, connector, _ = load_plugins().find_connector(connector_id)
    found = take(content, supplier, connector)
    assert found.balanced
    assert {line["fate"] for line in found.messages} <= {"warning"}
    return found


def told(found: SampleOutcome) -> set[tuple[str, str]]:
    return {(line["reason"], line.get("column") or line.get("field", "")) for line in found.messages}


def of(found: SampleOutcome, contract: str) -> list[dict[str, object]]:
    return [line["record"] for line in found.records if line["contract"] == contract]


@pytest.mark.parametrize(
    ("connector", "name", "records", "traps"),
    [
        ("ogust-services", "getService", 1, set()),
        ("ogust-customers", "getCustomer", 1, set()),
        ("ogust-customers", "searchCustomer", 2, {("translate.code.unknown", "title")}),
        ("ogust-employees", "getEmployee", 1, set()),
        ("ogust-employees", "searchEmployee", 2, set()),
    ],
)
def test_each_published_ogust_answer_is_read_whole(shared, connector, name, records, traps):
    found = taken(connector, (shared / "samples" / "ogust" / f"{name}.json").read_bytes())
    assert len(found.records) == records
    assert told(found) == traps


@pytest.mark.parametrize(
    ("connector", "name"),
    [("ogust-services", "searchService"), ("ogust-customers", "searchCustomer-employee")],
)
def test_an_ogust_answer_that_is_not_json_parks_with_its_reason(shared, connector, name):
    with pytest.raises(ParcelError) as parked:
        taken(connector, (shared / "samples" / "ogust" / f"{name}.malformed.txt").read_bytes())
    assert parked.value.code == "decode.parcel.malformed"


def test_the_rsa_flow_gives_its_persons_with_the_state_of_their_households_file(shared):
    found = taken("cnaf-rsa-flux", (shared / "samples" / "cnaf-rsa" / "RSABEM.xml").read_bytes())
    assert told(found) == set()
    persons, rights = of(found, "person/1"), of(found, "entitlement/1")
    assert [person["birth_date"] for person in persons] == ["1982-02-01", "1977-03-23", "1973-07-21"]
    assert persons[0]["addresses"][0]["lines"] == ["25 RUE HENRI BARBUSSE"]
    assert [right.get("status") for right in rights] == [None, "closed", None, "closed", None, "suspended"]
    assert [person["identifiers"][0]["value"] for person in persons if "2820251108030" in person["ref"]] == []


def test_the_esppadom_message_keeps_stamped_and_retained_periods_apart(shared):
    found = taken("esppadom-delivery", (shared / "samples" / "esppadom" / "delivery-1.4.xml").read_bytes())
    assert told(found) == {("validate.identifier.wrong_key", "identifiers.value")}
    both, half, none = of(found, "visit/1")
    assert (both["stamped_start"], both["retained_start"]) == ("2022-05-12T10:01:18+02:00", "2022-05-12T10:00:00+02:00")
    assert "adjustment" not in both
    assert (half["adjustment"]["code"], "stamped_end" in half, half["billed_quantity"]) == ("COD", False, "1.5")
    assert (none["adjustment"]["code"], "stamped_start" in none) == ("CRE", False)
    assert {person["birth_date"] for person in of(found, "person/1")} == {"1947-04-03"}


def answers(shared: Path) -> list[tuple[str, bytes]]:
    """Wrap each published payload as the connector's README asks for."""
    wrapped = []
    for file in sorted((shared / "samples" / "api-particulier").glob("*/*.y*ml")):
        short = file.parent.name.removeprefix("api_particulier_").partition("_with_")[0]
        payload = textwrap.dedent(file.read_text(encoding="utf-8").partition("payload: |-\n")[2])
        line = {"personne": "1", "operation": _OPERATIONS[short], "reponse": json.loads(payload)}
        wrapped.append((file.stem, json.dumps(line).encode()))
    return wrapped


def test_each_published_answer_about_a_person_gives_one_record_and_nothing_else(shared):
    found = {name: taken("api-particulier-answers", content) for name, content in answers(shared)}
    assert len(found) == 10
    assert [(name, told(one)) for name, one in found.items() if told(one)] == []
    assert {len(one.records) for one in found.values()} == {1}


def test_a_no_with_nulls_is_explicitly_none(shared):
    (record,) = of(taken("api-particulier-answers", dict(answers(shared))["200_non_beneficiaire"]), "entitlement/1")
    assert record["confirmed_none"] == ["status", "start_on"]


def test_a_right_that_begins_later_and_a_student_struck_off_keep_their_days(shared):
    saved = dict(answers(shared))
    (later,) = of(
        taken("api-particulier-answers", saved["beneficiaire_sans_participation_financiere_homme_200_futur"]),
        "entitlement/1",
    )
    (struck,) = of(taken("api-particulier-answers", saved["200_radie"]), "entitlement/1")
    assert later["start_on"] == "2026-09-29"
    assert (struck["status"], struck["closed_on"]) == ("closed", "2023-12-01")
