"""The plan: what becomes of each field by the descriptions, and of how many records by a sample."""

from __future__ import annotations

import json

import polars as pl
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from switching_sides import person, taken, visit

from passerelle.extension.loading import load_plugins
from passerelle.switching import decision_worksheet
from passerelle.switching.decisions import AcceptedLoss, CodeReplacement, Decisions
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.switching.plan.field_places import find_places
from passerelle.switching.plan.planning import MoveVerdict, plan_move
from passerelle.switching.side import make_described_side
from passerelle.switching.simulated_target import SimulatedTarget
from passerelle.switching.snapshot import arrange_columns
from passerelle.vocabulary.errors import UsageError


@pytest.fixture(scope="module")
def plugins():
    return load_plugins(["compani", "generic_telegestion", "carnet_de_bord", "gaia_social"])


@pytest.fixture(scope="module")
def by_description(plugins):
    origin, target = (make_described_side(name, plugins) for name in ("compani", "generic-telegestion"))
    return plan_move(origin, target, SimulatedTarget(target))


def _fields(made, contract):
    (entry,) = [entry for entry in made.contracts if entry.contract == contract]
    return {one.name: one for one in entry.fields}


def test_a_field_is_carried_lost_or_only_there(by_description):
    fields = _fields(by_description, "visit/1")
    assert fields["stamped_start"].verdict is MoveVerdict.CARRIED
    assert fields["travel_mode"].verdict is MoveVerdict.LOST
    assert fields["plan_ref"].verdict is MoveVerdict.UNUSED


def test_contracts_that_the_new_side_does_not_take_are_told(by_description):
    assert {entry.contract for entry in by_description.contracts if not entry.taken} >= {"invoice/1", "funded_plan/1"}
    assert by_description.sampled is False
    assert by_description.predicted == {}


def test_references_that_a_document_cannot_be_written_without_are_needed():
    known = load_plugins(["compani", "esppadom"])
    origin, target = (make_described_side(name, known) for name in ("compani", "esppadom-delivery"))
    fields = _fields(plan_move(origin, target, SimulatedTarget(target)), "visit/1")
    needed = [name for name, one in fields.items() if one.verdict is MoveVerdict.NEEDED]
    assert needed == ["organisation_ref", "payer_ref"]


def test_references_to_what_nobody_holds_are_at_risk(by_description):
    assert {(link.field, link.why) for link in by_description.links} == {
        ("person_ref", "not_there"),
        ("professional_ref", "not_there"),
    }


def test_codes_without_equivalent_narrow_a_field(plugins):
    target = make_described_side("carnet-de-bord-beneficiaries-csv", plugins)
    made = plan_move(make_described_side("gaia-social-csv", plugins), target, SimulatedTarget(target))
    situation = _fields(made, "person/1")["occupation_status"]
    assert situation.verdict is MoveVerdict.NARROWED
    assert "retired" in situation.without_equivalent
    assert "employed" not in situation.without_equivalent


def test_a_place_says_columns_lengths_and_codes(plugins):
    place = find_places(make_described_side("carnet-de-bord-beneficiaries-csv", plugins), "person/1")
    assert place["usual_name"].max_length == 255
    assert place["occupation_status"].columns == ("Situation",)
    assert place["occupation_status"].system == "occupation-status"
    assert set(place["occupation_status"].codes) == {"job_seeker", "employed", "other"}
    assert place["occupation_status"].codes["employed"]
    assert find_places(make_described_side("compani", plugins), "person/1") == {}


@pytest.fixture
def weighed(plugins, tmp_path):
    records = [
        person(1, occupation_status={"code": "retired", "original": "RET"}, minor_children=0, first_names="Odile"),
        person(2, occupation_status={"code": "employed", "original": "ACT"}, minor_children=2, first_names="Rosa"),
        person(3, first_names="Zoé", household="Seule"),
    ]
    origin, sample = taken(tmp_path, "old", {"person/1": records, "visit/1": [visit(1), visit(2)]})
    target = make_described_side("carnet-de-bord-beneficiaries-csv", plugins)
    return lambda decisions=None: plan_move(origin, target, SimulatedTarget(target, decisions or Decisions()), sample)


def test_each_loss_is_weighed_by_the_records_it_concerns(weighed):
    made = weighed()
    assert dict(made.predicted) == {
        ("person/1", "minor_children", DifferenceKind.NEGATIVE): 1,
        ("person/1", "minor_children", DifferenceKind.LOST): 1,
        ("person/1", "household", DifferenceKind.LOST): 1,
        ("person/1", "occupation_status", DifferenceKind.CODE): 1,
        ("visit/1", "", DifferenceKind.NOT_TAKEN): 2,
    }
    situation = _fields(made, "person/1")["occupation_status"]
    assert (situation.filled, dict(situation.codes)) == (2, {"retired": 1})


def test_a_record_that_the_new_layout_refuses_is_told(plugins, tmp_path):
    long = visit(2, ref=f"a:visit:{'x' * 155}")
    origin, sample = taken(tmp_path, "old", {"visit/1": [visit(1), long]})
    target = make_described_side("generic-telegestion", plugins)
    made = plan_move(origin, target, SimulatedTarget(target), sample)
    (entry,) = made.contracts
    assert (entry.records, entry.refused) == (2, 1)
    assert made.predicted["visit/1", "", DifferenceKind.REFUSED] == 1


def test_decisions_change_what_is_predicted(weighed):
    decided = Decisions(codes={("person/1", "occupation_status", "retired"): CodeReplacement("", "")})
    predicted = weighed(decided).predicted
    assert ("person/1", "occupation_status", DifferenceKind.CODE) not in predicted
    assert predicted["person/1", "occupation_status", DifferenceKind.LOST] == 1


def test_the_plan_is_json_without_values(weighed):
    told = json.dumps(weighed().to_json())
    assert "Seule" not in told
    assert "retired" in told


def test_the_worksheet_is_read_back_as_what_was_decided(weighed, tmp_path):
    decided = Decisions(
        codes={
            ("person/1", "occupation_status", "retired"): CodeReplacement("other", "occupation-status"),
            ("person/1", "occupation_status", "employed"): CodeReplacement("", "occupation-status"),
        },
        accepted=(AcceptedLoss("person/1", "household", "lost_attribute", "La directrice", "Sans usage", 10),),
    )
    path = tmp_path / "decisions.xlsx"
    decision_worksheet.write_worksheet(path, weighed(), decided)
    assert decision_worksheet.read_worksheet(path) == decided
    assert path.stat().st_mode & 0o077 == 0


def test_an_empty_worksheet_decides_nothing_and_lists_everything(weighed, tmp_path):
    path = tmp_path / "decisions.xlsx"
    decision_worksheet.write_worksheet(path, weighed())
    assert decision_worksheet.read_worksheet(path) == Decisions()
    book = CalamineWorkbook.from_path(path)
    losses = book.get_sheet_by_index(2).to_python()
    assert len(losses) == 1 + len(weighed().predicted)
    codes = {row[0] for row in book.get_sheet_by_index(0).to_python()[1:]}
    assert "person/1 | occupation_status | retired" in codes


@pytest.mark.parametrize("sheets", [[], [["id"]], [["other"] * 9] * 3])
def test_another_workbook_is_refused(tmp_path, sheets):
    path = tmp_path / "decisions.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for header in sheets or [[]]:
            book.add_worksheet().write_row(0, 0, header)
    with pytest.raises(UsageError) as caught:
        decision_worksheet.read_worksheet(path)
    assert caught.value.code == "usage.worksheet.invalid"


def test_decisions_replace_codes_and_fill_what_is_empty():
    rows = [visit(1, service={"original": "Repas"}), visit(2, service={"code": "X"}), visit(3)]
    frame = arrange_columns(pl.DataFrame(rows, strict=False, infer_schema_length=None), "visit/1")
    decided = Decisions(
        codes={
            ("visit/1", "service", "Repas"): CodeReplacement("S1", "nouveau"),
            ("visit/1", "service", "X"): CodeReplacement(""),
        },
        defaults={("visit/1", "service"): "S9", ("visit/1", "team"): "Nord", ("visit/1", "billed"): "true"},
    )
    done = decided.apply(frame, "visit/1")
    assert [one["code"] for one in done.get_column("service").to_list()] == ["S1", "S9", "S9"]
    assert done.get_column("team").to_list() == ["Nord"] * 3
    assert done.get_column("billed").to_list() == [True] * 3
    assert done.schema == frame.schema
    assert Decisions().apply(frame, "visit/1") is frame


def test_a_code_in_a_list_is_replaced_in_its_place():
    frame = pl.DataFrame({"ref": ["a"], "motives": [[{"code": "A"}, {"code": "B"}, {"code": "C"}]]})
    frame = arrange_columns(frame.with_columns(pl.col("motives").cast(_MOTIVES)), "interaction/1")
    codes = {
        ("interaction/1", "motives", "B"): CodeReplacement("Z"),
        ("interaction/1", "motives", "C"): CodeReplacement(""),
    }
    done = Decisions(codes=codes).apply(frame, "interaction/1")
    assert [one["code"] for one in done.get_column("motives").to_list()[0]] == ["A", "Z"]


_MOTIVES = pl.List(pl.Struct({"code": pl.String}))


def test_a_loss_is_accepted_up_to_what_was_said():
    decided = Decisions(accepted=(AcceptedLoss("visit/1", "team", "lost_attribute", "Moi", "Inutile", 3),))
    assert decided.find_acceptance("visit/1", "team", "lost_attribute", 3) is not None
    assert decided.find_acceptance("visit/1", "team", "lost_attribute", 4) is None
    assert decided.find_acceptance("visit/1", "team", "changed_code", 1) is None
