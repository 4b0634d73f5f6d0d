"""Groups of figures: no combination of what goes stands in records of fewer people than it must."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.gate.grouping import form_groups

LEAST = {"status": 5, "gir": 11, "day": 5}


def form(rows, required=()):
    frame = pl.DataFrame(rows, schema={"ref": pl.String, "status": pl.String, "gir": pl.String, "day": pl.String})
    # `7/2` is the second record of person 7
    people = frame["ref"].str.extract(r"^([^/]*)")
    going, emptied, goes = form_groups(frame, LEAST, required, people)
    return going, {column.name: int(column.filter(goes).sum()) for column in emptied}, int((~goes).sum())


def test_what_enough_records_share_goes_as_it_is():
    rows = [{"ref": str(row), "status": "done", "gir": None, "day": "2024-12-30"} for row in range(5)]
    going, emptied, too_few = form(rows)
    assert (going["status"].to_list(), emptied, too_few) == (["done"] * 5, {}, 0)


def test_a_rare_value_is_emptied_and_counted_and_the_rest_of_its_record_stays():
    rows = [{"ref": str(row), "status": "done", "gir": None, "day": "2024-12-30"} for row in range(9)]
    rows[0]["day"] = "2024-01-01"
    rows[1]["day"] = "2024-01-08"
    rows += [{"ref": f"n{row}", "status": "done", "gir": None, "day": None} for row in range(3)]
    going, emptied, too_few = form(rows)
    assert emptied == {"day": 2}
    assert going.filter(pl.col("day").is_null()).height == 5
    assert too_few == 0


def test_a_special_category_needs_a_larger_group():
    ten = [{"ref": str(row), "status": "done", "gir": "2", "day": None} for row in range(10)]
    going, emptied, _too_few = form(ten)
    assert (going["gir"].null_count(), emptied) == (10, {"gir": 10})
    going, emptied, _too_few = form([*ten, {"ref": "10", "status": "done", "gir": "2", "day": None}])
    assert (going["gir"].to_list(), emptied) == (["2"] * 11, {})


def test_a_record_that_nobody_is_like_does_not_go_and_an_obligatory_column_is_never_emptied():
    rows = [{"ref": str(row), "status": "done", "gir": None, "day": None} for row in range(6)]
    rows.append({"ref": "6", "status": "cancelled", "gir": None, "day": None})
    going, emptied, too_few = form(rows, required={"status"})
    assert (going["ref"].to_list(), emptied, too_few) == ([str(row) for row in range(6)], {}, 1)


def test_a_frame_without_any_such_column_passes():
    frame = pl.DataFrame({"ref": ["a"]})
    assert form_groups(frame, LEAST, (), frame["ref"])[0].equals(frame)


def test_many_records_of_one_person_are_no_group():
    alone = [{"ref": f"0/{row}", "status": "done", "gir": "2", "day": "2024-12-30"} for row in range(40)]
    going, emptied, too_few = form(alone)
    assert (going.height, emptied, too_few) == (0, {}, 40)
    among = [*alone, *({"ref": str(row), "status": "done", "gir": None, "day": None} for row in range(1, 5))]
    going, _emptied, too_few = form(among)
    assert (too_few, set(going["status"]), going["gir"].null_count()) == (0, {"done"}, 44)


values = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["done", "planned"]),
        "gir": st.sampled_from([None, "1", "2"]),
        "day": st.sampled_from([None, "2024-12-23", "2024-12-30"]),
    }
)


@given(st.lists(values, max_size=120), st.sampled_from([(), ("status",)]), st.sampled_from([3, 12, 30, 120]))
def test_no_group_of_what_goes_is_smaller_than_it_must_be_and_nothing_is_made_up(drawn, required, persons):
    rows = [{"ref": f"{place % persons}/{place}", **row} for place, row in enumerate(drawn)]
    going, emptied, too_few = form(rows, required)
    assert going.height + too_few == len(rows)
    who = pl.col("ref").str.extract(r"^([^/]*)").n_unique()
    for group in going.group_by("status", "gir", "day").agg(who).iter_rows(named=True):
        assert group["ref"] >= (11 if group["gir"] else 5)
    before = {row["ref"]: row for row in rows}
    lost = {
        name: sum(row[name] is None and before[row["ref"]][name] is not None for row in going.iter_rows(named=True))
        for name in LEAST
    }
    assert {name: count for name, count in lost.items() if count} == {name: n for name, n in emptied.items() if n}
    for row in going.iter_rows(named=True):
        assert all(row[name] in (None, before[row["ref"]][name]) for name in LEAST)
        assert all(row[name] == before[row["ref"]][name] for name in required)
