"""The date of a file's name: in a usual way or as declared, the last one, and never half of something else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.vocabulary.dated_names import compile_name_date, find_name_date


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("export-2024-11-03.csv", "2024-11-03"),
        ("x20241103.csv", "2024-11-03"),
        ("03.11.2024 export.csv", "2024-11-03"),
        ("export_20241103_0830.csv", "2024-11-03 08:30"),
        ("export-2024-11-03T08-30-15.csv", "2024-11-03 08:30:15"),
        ("planning_2024-11-01_2024-11-30.csv", "2024-11-30"),
        ("export-2024-11-03-2.csv", "2024-11-03"),
        ("export-12.csv", None),
        ("export-2024-13-03.csv", None),
        ("31-11-2024.csv", None),
        ("agence-1202411031.csv", None),
    ],
)
def test_the_usual_ways_are_read(name, date):
    expected = datetime.fromisoformat(date).replace(tzinfo=UTC) if date else None
    assert find_name_date(name) == expected


def test_a_declared_form_is_the_only_one():
    assert find_name_date("2024-11-03_fait_03122024_.csv", "fait_%d%m%Y") == datetime(2024, 12, 3, tzinfo=UTC)
    assert find_name_date("2024-11-03.csv", "%d.%m.%Y") is None


@pytest.mark.parametrize("form", ["%Y-%m", "%Y-%m-%d-%d", "%Y-%m-%d %j", "jour", "%Y-%m-%d%"])
def test_a_form_that_tells_no_day_is_refused(form):
    with pytest.raises(ValueError, match="a date in a name"):
        compile_name_date(form)


@given(st.integers(631_152_000, 3_786_912_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_what_is_written_in_a_usual_way_is_read_back(moment):
    for form in ("%Y-%m-%dT%H%M%S", "%Y%m%d-%H%M%S", "%d-%m-%Y %Hh%M-%S"):
        assert find_name_date(f"export {moment.strftime(form)}.csv") == moment


@given(st.text())
def test_any_name_can_be_asked(name):
    assert find_name_date(name) is None or isinstance(find_name_date(name), datetime)
