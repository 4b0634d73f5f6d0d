"""What is reported of the paths of validation is what they do."""

from __future__ import annotations

import polars as pl
import pytest

from passerelle import contracts
from passerelle.contracts.field_types import list_columns
from passerelle.stages.validate.paths import ValidationPath, count_doubtful, list_paths
from passerelle.stages.validate.validation import validate
from passerelle.vocabulary.guarantees import Guarantee, Guarantees
from passerelle.vocabulary.parcels import Records, TextTable
from passerelle.vocabulary.place import ROW

VISIT = contracts.get("visit/1")
GOOD = {
    "ref": "a:visit:1",
    "person_ref": "a:person:1",
    "status": "done",
    "planned_start": "2024-12-31T08:00:00+01:00",
    "identifiers": [{"system": "nir", "value": "255081416802538", "use": None}],
}


def records(*changes: dict[str, object], guarantees: Guarantees | None = None) -> Records:
    rows = [{ROW: nth, **GOOD, **change} for nth, change in enumerate(changes)]
    layout = {name: list_columns(VISIT)[name] for name in rows[0] if name != ROW}
    return Records("visit/1", pl.DataFrame(rows, schema={ROW: pl.UInt32, **layout}), guarantees=guarantees)


def judged(given: Records):
    height = given.frame.height
    table = TextTable("", pl.DataFrame({"A": ["x"] * height}), pl.Series(range(2, height + 2), dtype=pl.UInt32))
    return validate(given, table=table, explain_paths=True).paths


def test_each_row_that_needs_a_verdict_is_counted_where_it_fails():
    wrong = [{"system": "nir", "value": "255081416802539", "use": None}]
    paths = judged(records({}, {"person_ref": None}, {"identifiers": wrong}, {"planned_start": None}))
    assert (paths.fast_path, paths.model_path) == (1, 3)
    assert paths.doubtful == {"person_ref": 1, "identifiers": 1, "validate.record.undated": 1}


def test_without_doubt_nothing_is_counted():
    assert judged(records({}, {})).doubtful == {}
    assert count_doubtful(records({}).frame.clear(), VISIT) == {}


@pytest.mark.parametrize(
    ("guarantee", "path"), [(Guarantee("urn"), ValidationPath.GUARANTEED), (Guarantee("text", 9), ValidationPath.FAST)]
)
def test_a_field_is_guaranteed_when_the_contract_asks_for_no_more(guarantee, path):
    fields = {"person_ref": list_columns(VISIT)["person_ref"]}
    assert list_paths(VISIT, Guarantees({"person_ref": guarantee}), fields)["person_ref"] is path


def test_every_rule_is_told_by_its_code():
    found = list_paths(VISIT, Guarantees({}), {})
    assert set(found) == {rule.code for rule in VISIT.rules}
    assert set(found.values()) == {ValidationPath.FAST}
