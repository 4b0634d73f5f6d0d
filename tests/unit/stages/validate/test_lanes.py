"""What is said of the lanes is what they do."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle import contracts
from passerelle.contracts.layout import columns
from passerelle.stages.validate.lanes import Way, count_doubtful, ways
from passerelle.stages.validate.validation import validate
from passerelle.vocabulary.parcels import ROW, Records, TextTable
from passerelle.vocabulary.promises import Promise, Promises

VISIT = contracts.get("visit/1")
GOOD = {
    "ref": "a:visit:1",
    "person_ref": "a:person:1",
    "status": "done",
    "planned_start": "2024-12-31T08:00:00+01:00",
    "identifiers": [{"system": "nir", "value": "255081416802538", "use": None}],
}


def records(*changes: dict[str, object], promises: Promises | None = None) -> Records:
    rows = [{ROW: nth, **GOOD, **change} for nth, change in enumerate(changes)]
    layout = {name: columns(VISIT)[name] for name in rows[0] if name != ROW}
    return Records("visit/1", pl.DataFrame(rows, schema={ROW: pl.UInt32, **layout}), promises=promises)


def judged(given: Records):
    height = given.frame.height
    table = TextTable("", pl.DataFrame({"A": ["x"] * height}), pl.Series(range(2, height + 2), dtype=pl.UInt32))
    return validate(given, table=table, explain_lanes=True).lanes


def test_each_row_that_needs_a_verdict_is_counted_where_it_fails():
    wrong = [{"system": "nir", "value": "255081416802539", "use": None}]
    lanes = judged(records({}, {"person_ref": None}, {"identifiers": wrong}, {"planned_start": None}))
    assert (lanes.express, lanes.verdict) == (1, 3)
    assert lanes.doubted == {"person_ref": 1, "identifiers": 1, "validate.record.undated": 1}


def test_without_doubt_nothing_is_counted():
    assert judged(records({}, {})).doubted == {}
    assert count_doubtful(records({}).frame.clear(), VISIT) == {}


@pytest.mark.parametrize(("promise", "way"), [(Promise("urn"), Way.PROMISED), (Promise("text", 9), Way.EXPRESS)])
def test_a_field_is_promised_when_the_contract_asks_for_no_more(promise, way):
    fields = {"person_ref": columns(VISIT)["person_ref"]}
    assert ways(VISIT, Promises({"person_ref": promise}), fields)["person_ref"] is way


def test_every_rule_is_told_by_its_code():
    found = ways(VISIT, Promises({}), {})
    assert set(found) == {rule.code for rule in VISIT.rules}
    assert set(found.values()) == {Way.EXPRESS}
