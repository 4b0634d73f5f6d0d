"""Records beside a flow: which of them a document may tell of, to the day, and what is never read from there."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from passerelle.contracts.field_meta import Purpose, RecipientKind
from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.engine.adapters.related_records import RelatedRecords
from passerelle.engine.records.handles import Handles
from passerelle.extension.writing import Related
from passerelle.stages.gate.gating import find_refused
from passerelle.stores.seal import Seal
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from passerelle.engine.adapters.related_records import FindRefused
    from passerelle.stages.gate.gating import ConsentRule

PLAN = Related(
    contract="funded_plan/1", by="plan_ref", match=("person_ref", "service"), during=("retained_start", "planned_start")
)
PERSON = Related(contract="person/1", by="person_ref")


def write(path: Path, *records: dict[str, Any]) -> Path:
    lines = [json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in records]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def plan(number: int, start: str | None = None, end: str | None = None, **more: Any) -> dict[str, Any]:
    days = {name: day for name, day in (("start_on", start), ("end_on", end)) if day}
    return {"ref": f"s:funded_plan:{number}", "person_ref": "s:person:1", "service": {"code": "lever"}, **days, **more}


def visit(**more: Any) -> dict[str, Any]:
    return {"ref": "s:visit:1", "person_ref": "s:person:1", "service": {"code": "lever"}, **more}


def find(path: Path, record: dict[str, Any], *wanted: Related, purpose: Purpose = Purpose.BILLING) -> dict[str, Any]:
    (found,) = RelatedRecords((path,), purpose).find_related([record], wanted)
    return dict(found)


@pytest.mark.parametrize(
    ("day", "covered"),
    [("2024-04-30", False), ("2024-05-01", True), ("2024-05-15", True), ("2024-05-31", True), ("2024-06-01", False)],
)
def test_a_plan_covers_its_first_day_its_last_day_and_no_other(tmp_path, day, covered):
    path = write(tmp_path / "plans.ndjson", plan(1, "2024-05-01", "2024-05-31"))
    record = visit(planned_start=f"{day}T08:00:00+02:00")
    found = find(path, record, PLAN)
    assert ("plan_ref" in found) is covered
    assert record.get("plan_ref") == ("s:funded_plan:1" if covered else None)


@pytest.mark.parametrize(
    ("start", "end", "day"),
    [(None, "2024-05-31", "1999-01-01"), ("2024-05-01", None, "2099-12-31"), (None, None, "2024-05-15")],
)
def test_a_plan_without_a_first_or_a_last_day_is_open_on_that_side(tmp_path, start, end, day):
    path = write(tmp_path / "plans.ndjson", plan(1, start, end))
    assert find(path, visit(planned_start=f"{day}T08:00:00+02:00"), PLAN)["plan_ref"]["ref"] == "s:funded_plan:1"


def test_the_first_moment_that_is_filled_says_the_day(tmp_path):
    path = write(tmp_path / "plans.ndjson", plan(1, "2024-05-01", "2024-05-31"))
    record = visit(retained_start="2024-05-31T08:00:00+02:00", planned_start="2024-06-01T08:00:00+02:00")
    assert "plan_ref" in find(path, record, PLAN)
    assert "plan_ref" in find(path, visit(), PLAN), "a visit of no day is not held against the plan"


def test_two_plans_that_cover_the_day_are_no_answer_and_a_third_that_does_not_is_no_rival(tmp_path):
    may, june = plan(1, "2024-05-01", "2024-05-31"), plan(2, "2024-06-01", "2024-06-30")
    record = visit(planned_start="2024-05-31T08:00:00+02:00")
    assert find(write(tmp_path / "a", may, june), dict(record), PLAN)["plan_ref"]["ref"] == "s:funded_plan:1"
    assert find(write(tmp_path / "b", may, plan(3, "2024-05-31")), dict(record), PLAN) == {}


def test_a_plan_of_another_person_or_service_does_not_match(tmp_path):
    others = (plan(1, person_ref="s:person:2"), plan(2, service={"code": "repas"}))
    path = write(tmp_path / "plans.ndjson", *others)
    assert find(path, visit(planned_start="2024-05-15T08:00:00+02:00"), PLAN) == {}


def test_what_a_record_refers_to_is_never_guessed_anew(tmp_path):
    path = write(tmp_path / "plans.ndjson", plan(1), plan(7, person_ref="s:person:2"))
    record = visit(plan_ref="s:funded_plan:7")
    assert find(path, record, PLAN)["plan_ref"]["ref"] == "s:funded_plan:7"
    assert record["plan_ref"] == "s:funded_plan:7"
    assert find(path, visit(plan_ref="s:funded_plan:9"), PLAN) == {}


def test_of_one_reference_the_last_line_counts_however_its_members_are_ordered(tmp_path):
    old, new = {"ref": "s:person:1", "birth_name": "AVANT"}, {"birth_name": "APRES", "ref": "s:person:1"}
    assert find(write(tmp_path / "a", old, new), visit(), PERSON)["person_ref"]["birth_name"] == "APRES"
    assert find(write(tmp_path / "b", new, old), visit(), PERSON)["person_ref"]["birth_name"] == "AVANT"


def test_files_are_read_in_the_order_of_their_names(tmp_path):
    write(tmp_path / "p-2.ndjson", {"ref": "s:person:1", "birth_name": "APRES"})
    write(tmp_path / "p-1.ndjson", {"ref": "s:person:1", "birth_name": "AVANT"})
    assert find(tmp_path / "p-*.ndjson", visit(), PERSON)["person_ref"]["birth_name"] == "APRES"


def test_what_the_purpose_does_not_need_is_not_read_from_beside_either(tmp_path):
    path = write(tmp_path / "plans.ndjson", plan(1, hours="10", unheard_of="x"))
    kept = find(path, visit(), PLAN, purpose=Purpose.BILLING)["plan_ref"]
    assert kept["hours"] == "10"
    assert "unheard_of" not in kept
    person = write(tmp_path / "p", {"ref": "s:person:1", "birth_name": "NOM", "birth_date": "1940-01-01"})
    assert "birth_name" not in find(person, visit(), PERSON, purpose=Purpose.STEERING)["person_ref"]


def test_a_record_is_found_through_the_one_that_names_it(tmp_path):
    path = write(
        tmp_path / "all",
        {"ref": "s:invoice:1", "payer_ref": "s:organisation:1"},
        {"ref": "s:organisation:1", "name": "Conseil départemental"},
    )
    invoice = Related(contract="invoice/1", by="invoice_ref")
    payer = Related(contract="organisation/1", by="payer_ref", through="invoice_ref")
    found = find(path, {"ref": "s:invoice_line:1", "invoice_ref": "s:invoice:1"}, invoice, payer)
    assert found["payer_ref"]["name"] == "Conseil départemental"
    assert set(find(path, {"ref": "s:invoice_line:2"}, invoice, payer)) == set()


def test_nothing_beside_means_nothing_found_and_one_answer_a_record(tmp_path):
    assert RelatedRecords((), Purpose.BILLING).find_related([visit(), visit()], (PERSON,)) == [{}, {}]
    path = write(tmp_path / "p", {"ref": "s:person:2", "birth_name": "X"})
    assert RelatedRecords((path,), Purpose.BILLING).find_related([visit(), visit()], (PERSON,)) == [{}, {}]


@pytest.mark.parametrize("content", ["pas du JSON\n", '["s:person:1"]\n', '{"ref":"s:person:1", cassé\n'])
def test_a_file_that_is_not_in_contract_form_stops_the_flow_without_its_words(tmp_path, content):
    path = tmp_path / "p.ndjson"
    path.write_text(content, "utf-8")
    with pytest.raises(FlowError) as stopped:
        find(path, visit(), PERSON)
    assert stopped.value.code == "settings.related.unreadable"
    assert "cassé" not in str(stopped.value)


def test_an_empty_line_is_no_fault(tmp_path):
    path = tmp_path / "p.ndjson"
    path.write_text('\n{"ref":"s:person:1","birth_name":"NOM"}\n\n', "utf-8")
    assert "person_ref" in find(path, visit(), PERSON)


def test_files_that_are_not_there_stop_the_flow_by_the_pattern_that_found_none(tmp_path):
    (tmp_path / "p-folder").mkdir()
    with pytest.raises(FlowError) as stopped:
        find(tmp_path / "p-*", visit(), PERSON)
    assert (stopped.value.code, stopped.value.details) == ("settings.related.absent", {"pattern": "p-*"})


HANDLES = Handles(seal=Seal(bytes(range(32))), recipient="payeur", purpose=Purpose.BILLING)


@pytest.mark.parametrize("written", [False, True], ids=["keys beside", "handles beside"])
def test_records_beside_are_found_by_handles_whether_their_file_holds_keys_or_handles(tmp_path, written):
    beside = [plan(1), {"ref": "s:person:1", "usual_name": "Dupont"}]
    contracts = ("funded_plan/1", "person/1")
    outside = [dict(HANDLES.replace_in_record(one, name)) for one, name in zip(beside, contracts, strict=True)]
    path = write(tmp_path / "a.ndjson", *(outside if written else beside))
    record = dict(HANDLES.replace_in_record(visit(), "visit/1"))
    (found,) = RelatedRecords((path,), Purpose.BILLING, HANDLES).find_related([record], (PERSON, PLAN))
    assert found["person_ref"]["usual_name"] == "Dupont"
    assert record["plan_ref"] == outside[0]["ref"]
    assert found["plan_ref"]["person_ref"] == record["person_ref"] == outside[1]["ref"]
    assert "s:person:1" not in json.dumps([record, found])


def test_records_beside_that_were_written_for_another_recipient_are_not_found(tmp_path):
    other = Handles(seal=HANDLES.seal, recipient="autre", purpose=Purpose.BILLING)
    path = write(tmp_path / "a.ndjson", dict(other.replace_in_record({"ref": "s:person:1"}, "person/1")))
    record = dict(HANDLES.replace_in_record(visit(), "visit/1"))
    assert RelatedRecords((path,), Purpose.BILLING, HANDLES).find_related([record], (PERSON,)) == [{}]


def test_records_beside_follow_what_the_flow_declares_of_recipient_and_ground(tmp_path):
    beside = {"ref": "s:person:1", "usual_name": "Dupont", "gir": {"code": "GIR2"}}
    path, open_policy = write(tmp_path / "p.ndjson", beside), ReleasePolicy.of_purpose(Purpose.BILLING)
    for change, kept in (
        ({}, {"ref", "usual_name", "gir"}),
        ({"has_ground": False}, {"ref", "usual_name"}),
        ({"recipient_kind": RecipientKind.PARTNER}, set()),
    ):
        related = RelatedRecords((path,), Purpose.BILLING, release=replace(open_policy, **change))
        assert set(related.find_related([visit()], (PERSON,))[0]["person_ref"]) == kept


def test_traces_in_records_beside_stay_whatever_consultation_the_flow_declares(tmp_path):
    path = write(tmp_path / "v.ndjson", {"ref": "s:visit:2", "status": "done", "stamped_start": "2024-05-01T08:00:00Z"})
    release = replace(ReleasePolicy.of_purpose(Purpose.EFFECTIVITY), is_consulted=True)
    wanted = Related(contract="visit/1", by="visit_ref")
    related = RelatedRecords((path,), Purpose.EFFECTIVITY, release=release)
    (found,) = related.find_related([{"visit_ref": "s:visit:2"}], (wanted,))
    assert found["visit_ref"] == {"ref": "s:visit:2", "status": "done"}


def _refused_by(refused: set[str], consent: ConsentRule = "opposition", *, may_object: bool = True) -> FindRefused:
    def answer(refs: Sequence[str]) -> dict[str, bool]:
        return {ref: False for ref in refs if ref in refused}

    return partial(find_refused, consent=consent, answers=answer, may_object=may_object)


WORKER = Related(contract="professional/1", by="professional_ref")


@pytest.mark.parametrize("handles", [None, HANDLES], ids=["keys outside", "handles outside"])
@pytest.mark.parametrize(
    ("refused", "may_object", "found"),
    [
        ("s:professional:7", True, {"person_ref", "plan_ref"}),
        ("s:professional:7", False, {"person_ref", "plan_ref", "professional_ref"}),
        ("s:person:1", True, {"professional_ref"}),
        ("s:person:9", True, {"person_ref", "plan_ref", "professional_ref"}),
    ],
)
def test_nobody_s_record_beside_leaves_against_their_refusal(tmp_path, handles, refused, may_object, found):
    worker = {"ref": "s:professional:7", "last_name": "Objectant"}
    path = write(tmp_path / "a.ndjson", plan(1), {"ref": "s:person:1", "usual_name": "Dupont"}, worker)
    record = visit(professional_ref="s:professional:7")
    record = dict(handles.replace_in_record(record, "visit/1")) if handles else record
    rule = _refused_by({refused}, may_object=may_object)
    related = RelatedRecords((path,), Purpose.BILLING, handles, find_refused=rule)
    assert set(related.find_related([record], (PERSON, PLAN, WORKER))[0]) == found


def test_where_consent_is_required_records_beside_need_it_too(tmp_path):
    path = write(tmp_path / "a.ndjson", plan(1), {"ref": "s:organisation:3", "name": "Payeur"})
    payer = Related(contract="organisation/1", by="payer_ref")
    related = RelatedRecords((path,), Purpose.BILLING, find_refused=_refused_by(set(), "required"))
    (found,) = related.find_related([visit(payer_ref="s:organisation:3")], (PLAN, payer))
    assert set(found) == {"payer_ref"}


def test_a_record_that_is_reached_through_a_refused_one_stays_too(tmp_path):
    beside = plan(1, payer_ref="s:organisation:3"), {"ref": "s:organisation:3", "name": "Payeur"}
    through = Related(contract="organisation/1", by="payer_ref", through="plan_ref")
    path = write(tmp_path / "a.ndjson", *beside)
    for refused, found in (({"s:person:1"}, set()), (set[str](), {"plan_ref", "payer_ref"})):
        related = RelatedRecords((path,), Purpose.BILLING, find_refused=_refused_by(refused))
        assert set(related.find_related([visit()], (PLAN, through))[0]) == found
