"""One row of several contracts is one row again, or is refused with what the supplier's import wants."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joined_rows import make_connector, make_head, make_home, make_joiner

from passerelle import convert as to
from passerelle.engine.adapters.row_joining import RowJoiner, find_incomplete
from passerelle.stages.translate import Table


def _join(homes, heads, **more):
    return make_joiner(**more).join({"organisation/1": homes, "professional/1": heads})


def test_a_record_and_what_refers_to_it_stand_in_one_row():
    joined = _join([make_home()], [make_head("nina")])
    (row,) = joined.rows
    assert [row.cells[name] for name in ("Nom", "Ville", "Mail", "Chef")] == ["Maison", "Albi", "nina", "Nina"]
    assert not joined.refused


def test_each_of_several_makes_a_further_row():
    joined = _join([make_home()], [make_head("nina"), make_head("rose")])
    assert [(row.cells["Nom"], row.cells["Chef"]) for row in joined.rows] == [("Maison", "Nina"), ("Maison", "Rose")]


def test_what_finds_its_columns_taken_is_refused_where_all_stand_in_one_row():
    joined = _join([make_home()], [make_head("nina"), make_head("rose")], repeats=False)
    (row,) = joined.rows
    assert row.cells["Chef"] == "Nina"
    ((key, answer),) = joined.refused.items()
    assert (key[1], answer.reason) == ("s:professional:rose", "deliver.row.taken")
    assert answer.details == {"contract": "organisation/1"}


def _join_beside(*heads):
    """Join a structure with persons in charge whose reference stands in the structure's own column."""
    whole = make_connector(repeats=False)
    names = {
        "ref": to.Ref("Nom", system="s", entity="professional"),
        "last_name": to.Text("Chef"),
        "first_name": to.Text("Prénom"),
        "organisation_ref": to.Ref("Nom", system="s", entity="organisation"),
    }
    tables = (whole.tables[0], Table(contract="professional/1", fields=names))
    joiner = RowJoiner("s", replace(whole, tables=tables), ("Nom", "Rue", "Ville", "Chef", "Prénom"))
    of = {"organisation_ref": "s:organisation:Maison"}
    return joiner.join({"organisation/1": [make_home()], "professional/1": [{**one, **of} for one in heads]})


def test_several_of_one_field_may_be_declared_as_a_tuple():
    whole = make_connector(repeats=False)
    home = replace(whole.tables[0], fields={**whole.tables[0].fields, "addresses": (to.AddressOf(lines=("Rue",)),)})
    joiner = RowJoiner("s", replace(whole, tables=(home, whole.tables[1])), ("Nom", "Rue", "Ville", "Mail", "Chef"))
    joined = joiner.join({"organisation/1": [make_home()], "professional/1": [make_head("nina"), make_head("rose")]})
    assert list(joined.refused) == [("professional/1", "s:professional:rose")]


def test_records_of_one_part_that_fill_other_columns_stand_in_one_row():
    first = {"ref": "s:professional:1", "last_name": "Nina", "first_name": None}
    joined = _join_beside(first, {"ref": "s:professional:2", "last_name": None, "first_name": "Rose"})
    (row,) = joined.rows
    assert [row.cells[name] for name in ("Nom", "Chef", "Prénom")] == ["Maison", "Nina", "Rose"]
    assert (len(row.keys), dict(joined.refused)) == (3, {})


def test_one_column_that_is_taken_is_enough_to_refuse():
    first = {"ref": "s:professional:1", "last_name": "Nina", "first_name": "Ada"}
    joined = _join_beside(first, {"ref": "s:professional:2", "last_name": "Nina", "first_name": "Rose"})
    (row,) = joined.rows
    assert row.cells["Prénom"] == "Ada"
    assert {key[1]: answer.reason for key, answer in joined.refused.items()} == {
        "s:professional:2": "deliver.row.taken"
    }


def test_what_refers_to_a_record_that_is_not_there_is_refused():
    joined = _join([make_home()], [make_head("nina", of="Ailleurs")])
    assert {key[1]: answer.reason for key, answer in joined.refused.items()} == {
        "s:professional:nina": "deliver.row.without_main"
    }


def test_a_row_without_what_the_import_wants_refuses_all_that_stands_in_it():
    joined = _join([make_home(city=None)], [make_head("nina")], needed={"Ville": ""})
    assert not joined.rows
    assert {(key[1], answer.details["column"]) for key, answer in joined.refused.items()} == {
        ("s:organisation:Maison", "Ville"),
        ("s:professional:nina", "Ville"),
    }


def test_a_record_without_its_mandatory_part_is_refused():
    joined = _join([make_home()], [], needed={"Mail": ""})
    assert [(key[1], answer.details["column"]) for key, answer in joined.refused.items()] == [
        ("s:organisation:Maison", "Mail")
    ]


def test_a_second_row_that_lacks_something_costs_its_own_part_alone():
    needed = {"Mail": r"[^@]+@[^@]+"}
    joined = _join([make_home()], [make_head("nina@x"), make_head("rose")], needed=needed)
    assert [row.cells["Mail"] for row in joined.rows] == ["nina@x"]
    assert [key[1] for key in joined.refused] == ["s:professional:rose"]


NAMES = st.sampled_from(["a", "b", "c"])


@given(st.lists(NAMES, unique=True), st.lists(st.tuples(NAMES, NAMES), unique_by=lambda pair: pair[0]))
def test_every_record_is_in_a_row_or_refused_and_never_both(homes, heads):
    joined = _join([make_home(name) for name in homes], [make_head(mail, of) for mail, of in heads])
    written = {key for row in joined.rows for key in row.keys}
    everything = {("organisation/1", f"s:organisation:{name}") for name in homes}
    everything |= {("professional/1", f"s:professional:{mail}") for mail, _of in heads}
    assert written | joined.refused.keys() == everything
    assert not written & joined.refused.keys()


@pytest.mark.parametrize(
    ("cells", "refused"), [(["a@b", ""], [1]), (["a@b", "mail"], [1]), ([" ", "  "], [0, 1]), (["a@b", "c@d"], [])]
)
def test_a_column_that_the_import_wants_has_what_it_takes(cells, refused):
    assert sorted(find_incomplete(pl.DataFrame({"Mail": cells}), {"Mail": r"[^@]+@[^@]+"})) == refused


def test_a_column_that_is_not_there_refuses_every_row():
    assert sorted(find_incomplete(pl.DataFrame({"x": ["1", "2"]}), {"Mail": ""})) == [0, 1]
