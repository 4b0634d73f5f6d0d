"""Rows that are wrong in the same way are judged once, and what is found of each is what the model path finds of it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.field_types import list_columns
from passerelle.stages.validate import row_findings
from passerelle.stages.validate.doubts import NO_SETTING
from passerelle.stages.validate.fast_path import RowChecks, check_rows
from passerelle.stages.validate.model_path import judge
from passerelle.vocabulary.place import ROW

VISIT = contracts.get("visit/1")
RIGHT = {
    "ref": "compani:visit:1",
    "person_ref": "compani:person:1",
    "status": "done",
    "planned_start": "2024-12-31T08:00:00+01:00",
    "comment": "Clé sous le pot",
}
WRONG_KEY = [{"system": "nir", "value": "255081416802539", "use": None}]
NO_KEY = [{"system": "compani", "value": "12", "use": None}]


def make_frame(*changes: dict[str, Any], leave_out: str = "") -> pl.DataFrame:
    known = list_columns(VISIT)
    names = [name for name in (*RIGHT, "planned_end", "travel_minutes", "identifiers") if name != leave_out]
    rows = [{name: (RIGHT | change).get(name) for name in names} for change in changes]
    frame = pl.DataFrame(rows, schema={name: known[name] for name in names})
    return frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW), pl.all())


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The records that were judged."""
    records: list[dict[str, Any]] = []

    def watch(record: dict[str, Any], *given: Any, **named: Any) -> Any:
        records.append(record)
        return judge(record, *given, **named)

    monkeypatch.setattr(row_findings, "judge", watch)
    return records


def find(frame: pl.DataFrame, *, fast_path: bool = True) -> list[Any]:
    checks = check_rows(frame, VISIT)
    return row_findings.find_in_rows(frame, VISIT, checks, setting=NO_SETTING, strict=(), fast_path=fast_path)


def test_rows_that_lack_the_same_field_are_judged_once(judged):
    frame = make_frame(*[{"person_ref": None, "comment": f"nº {nth}"} for nth in range(50)])
    found = find(frame)
    assert len(judged) == 1
    assert found == [judge(record, VISIT) for record in canonical.to_records(frame, VISIT)]
    assert {finding.reason for findings in found for finding in findings} == {"validate.field.missing"}


def test_rows_that_lack_other_fields_are_others(judged):
    changes = [{"person_ref": None}, {"status": None}, {"person_ref": None, "status": None}] * 20
    frame = make_frame(*changes)
    found = find(frame)
    assert len(judged) == 3
    assert found == [judge(record, VISIT) for record in canonical.to_records(frame, VISIT)]
    assert [finding.field for finding in found[2]] == ["person_ref", "status"]


def test_a_column_that_is_not_there_at_all_is_lacking(judged):
    frame = make_frame(*[{}] * 20, leave_out="person_ref")
    found = find(frame)
    assert len(judged) == 1
    assert [finding.field for finding in found[19]] == ["person_ref"]


@pytest.mark.parametrize(
    "more",
    [
        {"travel_minutes": -1},
        {"comment": "a\x07"},
        {"status": "Realised"},
        {"identifiers": [{"system": "", "value": "1", "use": None}]},
        {"planned_end": "2024-12-31T25:00:00+01:00"},
    ],
)
def test_what_lacks_a_field_and_is_wrong_elsewhere_is_judged_by_itself(judged, more):
    frame = make_frame(*[{"person_ref": None}] * 5, *[{"person_ref": None} | more] * 3)
    found = find(frame)
    assert len(judged) == 4
    assert found == [judge(record, VISIT) for record in canonical.to_records(frame, VISIT)]
    assert len(found[-1]) == 2


def test_a_doubt_beside_a_lacking_field_is_not_told_as_the_model_path_does_not(judged):
    found = find(make_frame({"person_ref": None}, {"person_ref": None, "identifiers": WRONG_KEY}))
    assert found[0] == found[1]
    assert len(judged) == 1


def test_of_a_row_with_a_doubtful_number_no_other_field_is_read(judged):
    frame = make_frame({"identifiers": WRONG_KEY}, {"identifiers": NO_KEY})
    found = find(frame)
    assert [set(record) for record in judged] == [{"identifiers"}] * 2
    assert found == [judge(record, VISIT) for record in canonical.to_records(frame, VISIT)]
    assert [finding.reason for finding in found[0]] == ["validate.identifier.wrong_key"]


def test_without_the_fast_path_each_row_is_judged(judged):
    frame = make_frame(*[{"person_ref": None}] * 5)
    nothing = pl.repeat(False, 5, dtype=pl.Boolean, eager=True)
    checks = RowChecks(nothing, nothing, nothing)
    found = row_findings.find_in_rows(frame, VISIT, checks, setting=NO_SETTING, strict=(), fast_path=False)
    assert len(judged) == 5
    assert len(set(map(str, found))) == 1


def test_a_wrong_row_among_doubtful_ones_is_still_found_wrong():
    frame = make_frame({"identifiers": WRONG_KEY}, {"person_ref": None}, {"status": "Realised"}, {"comment": "a\x07"})
    found = find(frame)
    assert found == [judge(record, VISIT) for record in canonical.to_records(frame, VISIT)]
    assert [any(not finding.warns for finding in findings) for findings in found] == [False, True, True, True]
