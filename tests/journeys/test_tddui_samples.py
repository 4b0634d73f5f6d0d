"""The standard's own samples go through: every row accounted for, every known fault told and survived."""

from __future__ import annotations

from typing import Any

from passerelle.extension.loading import load_plugins
from passerelle.testing.samples import take


def _taken(shared: Any, connector_id: str, name: str) -> Any:
    supplier, connector, _ = load_plugins().find_connector(connector_id)
    return take((shared / "samples/tddui" / name).read_bytes(), supplier, connector)


def _by_contract(taken: Any) -> dict[str, dict[str, Any]]:
    return {line["contract"]: line["record"] for line in taken.records}


def _told(taken: Any) -> list[tuple[str, str, int]]:
    return [(line["fate"], line["reason"], line["line"]) for line in taken.messages]


def test_every_resource_of_the_bundle_has_a_fate(shared):
    taken = _taken(shared, "tddui-fhir", "Bundle-ExampleTDDUIBundle.json")
    assert taken.balanced
    assert [line["line"] for line in taken.records] == [1, 2, 3, 4, 5]
    assert _told(taken) == [
        ("warning", "validate.country.unknown", 1),  # «FRANCE», where a code is asked for
        ("warning", "validate.identifier.wrong_key", 1),
        ("warning", "decode.reference.dangling", 4),
        ("withheld", "translate.row.out_of_scope", 6),
        ("withheld", "translate.row.out_of_scope", 7),
        ("withheld", "translate.row.out_of_scope", 8),
    ]


def test_references_of_the_bundle_lead_from_record_to_record(shared):
    found = _by_contract(_taken(shared, "tddui-fhir", "Bundle-ExampleTDDUIBundle.json"))
    event, stay = found["appointment/1"], found["stay/1"]
    assert event["person_ref"] == stay["person_ref"] == found["person/1"]["ref"]
    assert event["professional_ref"] == found["professional/1"]["ref"]
    assert event["organisation_ref"] == stay["organisation_ref"] == found["organisation/1"]["ref"]


def test_the_missing_place_of_the_event_stays_in_extra(shared):
    event = _by_contract(_taken(shared, "tddui-fhir", "Bundle-ExampleTDDUIBundle.json"))["appointment/1"]
    (place,) = [text for name, text in event["extra"]["tddui"].items() if name.endswith("location.reference")]
    assert place == "Location/tddui-event-location-example"


def test_single_resources_are_read_alone(shared):
    names = {
        "Patient-tddui-patient-example.json": "person/1",
        "Patient-tddui-patient-ins-example.json": "person/1",
        "Encounter-tddui-encounter-sejour-example.json": "stay/1",
        "Encounter-tddui-encounter-evenement-example.json": "appointment/1",
    }
    found = {name: _taken(shared, "tddui-fhir-resource", name) for name in names}
    assert {name: [line["contract"] for line in taken.records] for name, taken in found.items()} == {
        name: [contract] for name, contract in names.items()
    }
    assert all(taken.balanced for taken in found.values())


def test_the_person_is_the_same_with_the_other_identifier_system(shared):
    names = ("Patient-tddui-patient-example.json", "Patient-tddui-patient-ins-example.json")
    refs = {_by_contract(_taken(shared, "tddui-fhir-resource", name))["person/1"]["ref"] for name in names}
    assert len(refs) == 1


def test_a_type_that_is_a_text_beside_a_reason_for_its_absence_is_kept(shared):
    event = _by_contract(_taken(shared, "tddui-fhir-resource", "Encounter-tddui-encounter-evenement-example.json"))
    extra = event["appointment/1"]["extra"]["tddui"]
    assert [text for name, text in extra.items() if name == "type.1.text"] == ["Intervention"]


def test_the_cda_export_gives_the_person_the_stay_the_event_and_both_grids(shared):
    taken = _taken(shared, "tddui-cda", "CDA_TDDUI_Exemple_v1.1.0.xml")
    assert taken.balanced
    assert [line["contract"] for line in taken.records] == [
        *("appointment/1", "stay/1", "assessment/1", "assessment/1", "person/1"),
    ]
    found = _by_contract(taken)
    assert found["stay/1"]["planned_exit_on"] == "2023-05-05"
    assert found["appointment/1"]["status"] == "attended"
    assert found["appointment/1"]["organisation_ref"] == found["stay/1"]["organisation_ref"]
    assert {fate for fate, _reason, _line in _told(taken)} == {"warning", "withheld"}
