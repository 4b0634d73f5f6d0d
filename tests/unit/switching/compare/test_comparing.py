"""Two sides compared: what is the same is silent, what is not has its name and its place."""

from __future__ import annotations

import json
from copy import deepcopy
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from switching_sides import compared, named, person, visit

from passerelle import contracts
from passerelle.switching import person_worksheet
from passerelle.switching.compare import bucketed_rows
from passerelle.switching.compare.rows import RECOGNISED, list_natural_key
from passerelle.switching.decisions import AcceptedLoss, CodeReplacement, Decisions, PersonMatch
from passerelle.switching.difference_naming import Tolerance


def _both(*visits):
    origin = {"person/1": [person(1), person(2)], "visit/1": list(visits)}
    return origin, deepcopy(origin)


def test_a_record_is_recognised_by_fields_that_its_contract_has():
    for name, contract in contracts.catalogue().items():
        assert set(list_natural_key(name)) <= set(contract.list_fields()), name
    families = {contract.about.family for contract in contracts.catalogue().values()}
    assert RECOGNISED.keys() <= families


def test_the_same_on_both_sides_is_faithful(tmp_path):
    found = compared(tmp_path, *_both(visit(1), visit(2)))
    assert found.is_faithful
    assert found.expected == []
    assert found.tallies["visit/1"].matched == {"reference": 2}
    assert [row for row in found.to_json()["sums"] if row] == []


@pytest.mark.parametrize(
    ("change", "kind", "fields"),
    [
        ({"comment": "Passage 1 : repas"}, "truncated_text", ("comment",)),
        ({"comment": "Autre chose"}, "changed_text", ("comment",)),
        ({"comment": None}, "lost_attribute", ("comment",)),
        ({"team": "Nord"}, "added_value", ("team",)),
        ({"status": "missed"}, "changed_code", ("status",)),
        ({"billed_quantity": "1"}, "rounding", ("billed_quantity",)),
        ({"billed_quantity": "7.77"}, "changed_number", ("billed_quantity",)),
        ({"billed": None}, "negative_versus_unknown", ("billed",)),
        ({"confirmed_none": None}, "negative_versus_unknown", ("confirmed_none",)),
        ({"person_ref": "a:person:2"}, "changed_reference", ("person_ref",)),
        ({"person_ref": "a:person:99"}, "broken_reference", ("person_ref",)),
        (
            {"planned_start": "2024-04-02T08:05:00+02:00", "planned_end": "2024-04-02T09:20:00+02:00"},
            "shifted_month",
            ("planned_start", "planned_end"),
        ),
        (
            {"planned_start": "2024-03-02T09:05:00+01:00", "planned_end": "2024-03-02T10:20:00+01:00"},
            "wrong_time_zone",
            ("planned_start", "planned_end"),
        ),
        ({"planned_end": "2024-03-02T10:07:00+01:00"}, "changed_date", ("planned_end",)),
    ],
)
def test_a_change_of_one_record_has_its_name_and_its_place(tmp_path, change, kind, fields):
    origin, target = _both(visit(1, billed=False, confirmed_none=["tasks"]), visit(2, person_ref="a:person:2"))
    target["visit/1"][0] |= change
    found = compared(tmp_path, origin, target)
    assert named(found) == [(kind, fields, 1)]
    (finding,) = next(iter(found.first.values()))
    assert (str(finding.origin[0]), str(finding.target[0])) == ("2:1", "2:1")
    assert finding.records[0] == "a:visit:1"


def test_a_record_that_is_not_there_and_one_that_comes_from_nowhere(tmp_path):
    origin, target = _both(visit(1), visit(2))
    target["visit/1"] = [visit(1), visit(3, ref="b:visit:3", comment="Nouveau")]
    assert named(compared(tmp_path, origin, target)) == [("dropped_record", (), 1), ("extra_record", (), 1)]


@pytest.mark.parametrize("ref", ["a:visit:1", "b:visit:77"])
def test_a_record_that_is_there_twice_is_a_duplicate_whatever_its_number(tmp_path, ref):
    origin, target = _both(visit(1), visit(2))
    target["visit/1"].append(visit(1, ref=ref))
    assert named(compared(tmp_path, origin, target)) == [("duplicate", (), 1)]


def test_two_records_that_exchanged_their_persons_are_one_finding(tmp_path):
    origin, target = _both(visit(1), visit(2, person_ref="a:person:2"))
    first, second = target["visit/1"]
    first["person_ref"], second["person_ref"] = second["person_ref"], first["person_ref"]
    found = compared(tmp_path, origin, target)
    assert named(found) == [("swapped_persons", ("person_ref",), 1)]
    assert found.to_json()["sums"] == []


def test_two_persons_who_become_one_are_one_finding(tmp_path):
    origin, target = _both(visit(1), visit(2, person_ref="a:person:2"), visit(3, person_ref="a:person:2"))
    target["person/1"] = [person(1)]
    for row in target["visit/1"]:
        row["person_ref"] = "a:person:1"
    assert named(compared(tmp_path, origin, target)) == [("merged_homonyms", ("visit/1.person_ref",), 1)]


def test_a_reference_that_the_new_software_keeps_whole_is_the_same_reference(tmp_path):
    origin, target = _both(visit(1))
    target["person/1"] = [person(1, ref="b:person:a%3Aperson%3A1"), person(2, ref="b:person:a%3Aperson%3A2")]
    target["visit/1"] = [visit(1, ref="b:visit:a%3Avisit%3A1", person_ref="b:person:a%3Aperson%3A1")]
    assert compared(tmp_path, origin, target).is_faithful


def test_references_are_read_in_the_words_of_the_old_side_once_their_target_is_matched_by_a_number(tmp_path):
    numbers = [{"system": "nir", "value": "269099912345678"}]
    origin = {"person/1": [person(1, identifiers=numbers)], "visit/1": [visit(1)]}
    target = {
        "person/1": [person(1, ref="b:person:501", identifiers=numbers)],
        "visit/1": [visit(1, ref="b:visit:9", person_ref="b:person:501")],
    }
    found = compared(tmp_path, origin, target)
    assert found.is_faithful
    assert found.tallies["person/1"].matched == {"identifier": 1}
    assert found.dangling == {"origin": {}, "target": {}}
    assert found.tallies["visit/1"].matched == {"content": 1}


def test_the_number_of_a_household_names_nobody(tmp_path):
    household = [{"system": "caf", "value": "1234567"}]
    one = {"person/1": [person(1, identifiers=household)]}
    other = {"person/1": [person(8, ref="b:person:8", usual_name="Autre", identifiers=household)]}
    assert named(compared(tmp_path, one, other)) == [("dropped_record", (), 1), ("extra_record", (), 1)]


def test_a_record_that_refers_to_one_of_its_own_kind_may_be_matched_before_it(tmp_path):
    contact = {"person_ref": "a:person:1", "channel": {"code": "phone"}}
    rows = [("1", "2024-01-05", None), ("2", "2024-02-05", "1")]

    def side(system):
        made = [
            {"ref": f"{system}:interaction:{n}", "occurred_on": day, "repeat_of": before} for n, day, before in rows
        ]
        for one in made:
            one["repeat_of"] = one["repeat_of"] and f"{system}:interaction:{one['repeat_of']}"
        return {"person/1": [person(1)], "interaction/1": [{**contact, **one} for one in made]}

    found = compared(tmp_path, side("a"), side("b"))
    assert found.tallies["interaction/1"].matched == {"content": 2}
    assert found.is_faithful


def test_refs_that_moving_learned_are_translated(tmp_path):
    origin = {"person/1": [person(1)], "visit/1": [visit(1)]}
    target = {
        "person/1": [person(1, ref="b:person:501")],
        "visit/1": [visit(1, ref="b:visit:9", person_ref="b:person:501")],
    }
    learned = {"b:person:501": "a:person:1", "b:visit:9": "a:visit:1"}
    found = compared(tmp_path, origin, target, translation=learned)
    assert found.is_faithful
    assert found.tallies["visit/1"].matched == {"reference": 1}


def test_a_software_that_keeps_the_numbers_is_told_so(tmp_path):
    origin, target = _both(visit(1))
    kept = json.loads(json.dumps(target).replace('"a:', '"b:'))
    assert compared(tmp_path, origin, kept, same_ids=True).is_faithful


def test_persons_are_proposed_and_never_merged_until_somebody_confirms(tmp_path):
    mine = {"first_names": "Paulette", "birth_date": "1950-02-03"}
    origin = {"person/1": [person(1, usual_name="Le Goff-Moal", **mine)], "visit/1": [visit(1)]}
    target = {
        "person/1": [person(1, ref="b:person:7", usual_name="LE GOFF MOAL", **mine)],
        "visit/1": [visit(1, ref="b:visit:a%3Avisit%3A1", person_ref="b:person:7")],
    }
    found = compared(tmp_path / "before", origin, target)
    assert [(one.origin_ref, one.target_ref) for one in found.proposals] == [("a:person:1", "b:person:7")]
    # The visit is matched, and its person waits: on both sides, and where the visit leads to her.
    assert named(found) == [("waiting", (), 2), ("waiting", ("person_ref",), 1)]
    person_worksheet.write_worksheet(tmp_path / "who.xlsx", found.proposals)
    assert person_worksheet.read_worksheet(tmp_path / "who.xlsx") == ()
    decided = Decisions(matches=(PersonMatch("person/1", "a:person:1", "b:person:7"),))
    again = compared(tmp_path / "after", origin, target, decided)
    assert named(again) == [("changed_text", ("usual_name",), 1)]


def test_two_strangers_are_never_called_merged(tmp_path):
    """The old person is not there; her visits lead to a person whom nobody is matched to."""
    origin, target = _both(visit(1), visit(2))
    target["person/1"] = [person(2), person(9, birth_name="INCONNU", usual_name=None, birth_date="1931-07-08")]
    for row in target["visit/1"]:
        row["person_ref"] = "a:person:9"
    kinds = {kind for kind, _fields, _count in named(compared(tmp_path, origin, target))}
    assert "merged_homonyms" not in kinds
    assert {"dropped_record", "extra_record", "changed_reference"} <= kinds


def test_what_hangs_on_a_person_of_whom_somebody_is_asked_waits_with_her(tmp_path):
    mine = {"first_names": "Paulette", "birth_date": "1950-02-03"}
    origin = {"person/1": [person(1, usual_name="Le Goff-Moal", **mine)], "visit/1": [visit(1), visit(2)]}
    target = {
        "person/1": [person(1, ref="b:person:7", usual_name="LE GOFF MOAL", **mine)],
        "visit/1": [visit(n, ref=f"b:visit:{n}0", person_ref="b:person:7") for n in (1, 2)],
    }
    assert {kind for kind, _fields, _count in named(compared(tmp_path / "before", origin, target))} == {"waiting"}
    decided = Decisions(matches=(PersonMatch("person/1", "a:person:1", "b:person:7"),))
    assert named(compared(tmp_path / "after", origin, target, decided)) == [("changed_text", ("usual_name",), 1)]


def test_what_is_tolerated_is_not_told(tmp_path):
    origin, target = _both(visit(1))
    target["visit/1"][0] |= {
        "billed_quantity": "1.5",
        "comment": "  Passage 1 : repas  préparé, moral bon.",
        "planned_start": "2024-03-02T07:05:00+00:00",
    }
    assert len(named(compared(tmp_path / "strict", origin, target))) == 3
    tolerances = {
        ("visit/1", "billed_quantity"): Tolerance(rounding=Decimal("0.25")),
        ("visit/1", "comment"): Tolerance(trimmed=True),
        ("visit/1", "planned_start"): Tolerance(same_instant=True),
    }
    assert compared(tmp_path / "mild", origin, target, tolerances=tolerances).is_faithful


def test_a_contract_that_the_new_side_has_no_place_for_is_an_expected_loss_that_somebody_accepts(tmp_path):
    origin, target = _both(visit(1))
    del target["visit/1"]
    accepted = AcceptedLoss("visit/1", "", "contract_not_taken", "La directrice", "Archivé à part")
    found = compared(tmp_path, origin, target, Decisions(accepted=(accepted,)))
    assert found.is_faithful
    assert [(loss.kind.value, loss.predicted, loss.observed, loss.accepted_by) for loss in found.expected] == [
        ("contract_not_taken", 1, 1, "La directrice")
    ]
    assert found.losses_to_accept == []


def test_a_code_that_people_changed_is_expected_and_any_other_is_not(tmp_path):
    services = [{"original": "Courses"}, {"original": "Repas"}]
    origin, target = _both(*(visit(number, service=service) for number, service in enumerate(services)))
    target["visit/1"][0]["service"] = {"code": "S1", "system": "nouveau"}
    decided = Decisions(codes={("visit/1", "service", "Courses"): CodeReplacement("S1", "nouveau")})
    found = compared(tmp_path / "as-decided", origin, target, decided)
    assert found.is_faithful
    assert [(loss.field, loss.kind.value, loss.observed) for loss in found.expected] == [("service", "changed_code", 1)]
    target["visit/1"][0]["service"] = {"code": "S2", "system": "nouveau"}
    assert named(compared(tmp_path / "otherwise", origin, target, decided)) == [("changed_code", ("service",), 1)]


def test_of_a_record_that_came_again_the_last_one_counts(tmp_path):
    origin, target = _both(visit(1, team="Sud"), visit(1, team="Nord"))
    target["visit/1"] = [visit(1, team="Nord")]
    found = compared(tmp_path, origin, target)
    assert found.is_faithful
    assert found.tallies["visit/1"].repeated == 1


def test_sums_that_differ_are_told_by_month_and_service(tmp_path):
    origin, target = _both(visit(1, service={"original": "Repas"}), visit(2, service={"original": "Repas"}))
    del target["visit/1"][1]
    rows = {row["measure"]: row for row in compared(tmp_path, origin, target).to_json()["sums"]}
    assert (rows["count"]["month"], rows["count"]["service"]) == ("2024-03", "Repas")
    assert (rows["count"]["origin"], rows["count"]["target"]) == (2, 1)
    assert (rows["planned"]["origin"], rows["billed_quantity"]["target"]) == (2.5, 1.25)


def test_references_that_lead_nowhere_are_counted_on_each_side(tmp_path):
    origin, target = _both(visit(1, person_ref="a:person:77"))
    assert [row["side"] for row in compared(tmp_path, origin, target).to_json()["broken_references"]] == [
        "origin",
        "target",
    ]


def test_no_value_is_in_the_answer_nor_in_the_list_of_findings(tmp_path):
    origin, target = _both(visit(1, comment="CANARI secret"), visit(2))
    target["visit/1"][0]["comment"] = "CANARI"
    target["person/1"][0]["usual_name"] = "CANARI"
    found = compared(tmp_path, origin, target)
    assert "CANARI" not in json.dumps(found.to_json())
    assert "CANARI" not in (tmp_path / "findings.ndjson").read_text("utf-8")
    assert (tmp_path / "values.ndjson").read_text("utf-8").count("CANARI") == 3
    assert (tmp_path / "values.ndjson").stat().st_mode & 0o077 == 0


@settings(max_examples=count_examples(5), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(0, 29)), st.sets(st.integers(0, 29)), st.integers(1, 7))
def test_how_rows_are_spread_changes_nothing(tmp_path_factory, monkeypatch, gone, hurt, rows):
    origin, target = _both(*(visit(number) for number in range(30)))
    target["visit/1"] = [
        {**row, "team": "Autre"} if number in hurt else row
        for number, row in enumerate(target["visit/1"])
        if number not in gone
    ]
    with monkeypatch.context() as patch:
        patch.setattr(bucketed_rows, "BUCKET_ROWS", rows)
        found = compared(tmp_path_factory.mktemp("spread"), origin, target)
    counts = {kind: count for kind, _fields, count in named(found)}
    assert counts.get("dropped_record", 0) == len(gone)
    assert counts.get("added_value", 0) == len(hurt - gone)
    assert sum(counts.values()) == len(gone) + len(hurt - gone)
