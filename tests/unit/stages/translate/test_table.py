"""Tables of a connector: what is assumed of one that says nothing, and what is named for its columns."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.stages.translate import OutOfScope, Table, Text, Where
from passerelle.stages.translate.table import covers

NAME = st.text("ab./#*2", min_size=1, max_size=5)


def test_a_table_that_says_no_more_takes_every_row_of_the_only_member_and_reports_every_column():
    table = Table(contract="person/1", fields={"birth_name": Text("nom")})
    assert (table.member, table.where, table.required, table.optional, table.carried) == ("", (), (), (), ())
    assert dict(table.waived) == {}


def test_what_one_table_waives_is_no_other_s():
    waived = Table(contract="person/1", fields={}).waived
    with pytest.raises(TypeError):
        waived["âge"] = "derived"  # type: ignore[index]  # that it cannot be is the point
    with pytest.raises(FrozenInstanceError):
        Where("a", ("b",)).column = "c"  # type: ignore[misc]  # likewise


def test_why_rows_are_left_out_is_said_in_both_languages():
    with pytest.raises(TypeError, match="en"):
        OutOfScope(fr="Trajet.")  # type: ignore[call-arg]  # a developer who forgets it is told at once


@given(NAME)
def test_a_name_stands_for_itself_and_without_a_star_for_nothing_else(name):
    assert covers(name, name)
    assert name.endswith(("/*", ".*")) or not covers(name, f"{name}x")


@given(NAME, NAME)
def test_a_family_begins_where_its_stem_ends_with_a_step(stem, rest):
    assert covers(f"{stem}.*", f"{stem}.{rest}")
    assert covers(f"{stem}/*", f"{stem}/{rest}")
    assert covers(f"{stem}/*", f"{stem}#2/{rest}")
    assert not covers(f"{stem}.*", f"{stem}a{rest}")
