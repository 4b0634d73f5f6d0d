"""What a selection takes along, and what it leaves: records that refer to one another."""

from __future__ import annotations

import json

import polars as pl
import pytest

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.switching.exit_pack.pack_selection import PackSelection
from passerelle.switching.exit_pack.record_spool import Spool

SOURCE = {
    "supplier": "a",
    "connector": "a-export",
    "connector_version": "1",
    "parcel": "0" * 64,
    "row": 1,
    "received_at": "2024-12-31T08:00:00+01:00",
}
JEANNE, PAUL = "a:person:1", "a:person:2"
RECORDS = {
    "organisation/1": [
        {"ref": "a:organisation:1", "name": "Siège"},
        {"ref": "a:organisation:2", "name": "Antenne", "parent_ref": "a:organisation:1"},
        {"ref": "a:organisation:3", "name": "Ailleurs"},
    ],
    "professional/1": [
        {"ref": "a:professional:1", "organisation_ref": "a:organisation:2"},
        {"ref": "a:professional:2"},
    ],
    "person/1": [{"ref": JEANNE}, {"ref": PAUL}],
    "related_contact/1": [{"ref": "a:contact:1", "person_ref": JEANNE}, {"ref": "a:contact:2", "person_ref": PAUL}],
    "interaction/1": [
        {
            "ref": "a:interaction:1",
            "person_ref": JEANNE,
            "occurred_on": "2024-03-01",
            "professional_ref": "a:professional:1",
        },
        {
            "ref": "a:interaction:2",
            "person_ref": PAUL,
            "occurred_on": "2024-05-01",
            "professional_ref": "a:professional:2",
        },
        {"ref": "a:interaction:3", "repeat_of": "a:interaction:1", "occurred_on": "2024-06-01"},
        {"ref": "a:interaction:4", "occurred_on": "2024-06-01", "professional_ref": "a:professional:1"},
        {"ref": "a:interaction:5", "person_ref": JEANNE},
    ],
    "need/1": [
        {"ref": "a:need:1", "person_ref": JEANNE, "identified_on": "2023-01-01"},
        {"ref": "a:need:2", "person_ref": JEANNE, "identified_on": "2023-01-01", "ended_on": "2023-12-31"},
    ],
}


def _going(tmp_path, selection: PackSelection) -> dict[str, list[str]]:
    spool = Spool(tmp_path, selection)
    try:
        for contract_id, records in RECORDS.items():
            spool.add(contract_id, _frame(contract_id, records))
        spool.settle()
        return {
            name.removesuffix("/1"): [json.loads(line)["ref"].rpartition(":")[2] for line in spool_file.iter_lines()]
            for name, spool_file in spool.files.items()
            if spool_file.going_count
        }
    finally:
        spool.close()


def _frame(contract_id: str, records: list[dict]) -> pl.DataFrame:
    contract = contracts.get(contract_id)
    order = contract.list_fields()
    whole = [
        json.dumps(
            {name: (record | {"source": SOURCE})[name] for name in order if name in {*record, "source"}},
            separators=(",", ":"),
            ensure_ascii=False,
        )
        for record in records
    ]
    frame = canonical.parse(whole, contract)
    return frame.select(column for column in frame if column.null_count() < frame.height)


def test_everything_goes_when_nothing_is_named(tmp_path):
    assert _going(tmp_path, PackSelection()) == {
        name.removesuffix("/1"): [record["ref"].rpartition(":")[2] for record in records]
        for name, records in RECORDS.items()
    }


def test_for_a_person_go_its_records_those_that_refer_to_them_and_whom_they_name(tmp_path):
    assert _going(tmp_path, PackSelection(person=JEANNE)) == {
        "organisation": ["1", "2"],
        "professional": ["1"],
        "person": ["1"],
        "related_contact": ["1"],
        "interaction": ["1", "3", "5"],
        "need": ["1", "2"],
    }


def test_for_a_period_go_what_touches_it_what_says_no_day_and_the_persons_concerned(tmp_path):
    assert _going(tmp_path, PackSelection(start="2024-05-01", end="2024-05-31")) == {
        "professional": ["2"],
        "person": ["1", "2"],
        "related_contact": ["1", "2"],
        "interaction": ["2", "5"],
        "need": ["1"],
    }


@pytest.mark.parametrize(("bound", "kept"), [({"end": "2023-06-30"}, ["1", "2"]), ({"start": "2024-01-01"}, ["1"])])
def test_what_lasts_goes_when_it_touches_the_period(tmp_path, bound, kept):
    assert _going(tmp_path, PackSelection(**bound))["need"] == kept


def test_person_and_period_together_take_what_is_in_both(tmp_path):
    found = _going(tmp_path, PackSelection(person=JEANNE, start="2024-04-01"))
    assert found["interaction"] == ["5"]
    assert found["need"] == ["1"]
    assert found["person"] == ["1"]


def test_of_the_same_record_the_latest_state_goes_and_one_of_another_connector_too(tmp_path):
    spool = Spool(tmp_path, PackSelection())
    frame = _frame("person/1", [{"ref": JEANNE}])
    other = frame.with_columns(pl.col("source").struct.with_fields(connector=pl.lit("b-export")))
    later = frame.with_columns(pl.col("source").struct.with_fields(row=pl.lit(9)))
    try:
        for one in (frame, other, later):
            spool.add("person/1", one)
        spool_file = spool.files["person/1"]
        sources = [json.loads(line)["source"] for line in spool_file.iter_lines()]
    finally:
        spool.close()
    assert [(one["connector"], one["row"]) for one in sources] == [("b-export", 1), ("a-export", 9)]
    assert spool_file.replaced == 1
