"""What is sealed stands apart from what is written often, and nothing names a segment twice."""

from __future__ import annotations

from sqlalchemy import LargeBinary

from passerelle.stores import schema, shelf_schema


def test_the_tables_of_the_shelf_are_among_those_of_the_journal():
    names = ("shelf_scope", "shelf_segment", "shelf_body", "shelf_pile", "shelf_page")
    assert [schema.metadata.tables[name] for name in names] == [getattr(shelf_schema, name) for name in names]


def test_a_mark_is_changed_without_rewriting_what_is_sealed():
    assert "body" not in shelf_schema.shelf_segment.c
    assert [column.name for column in shelf_schema.shelf_body.c if isinstance(column.type, LargeBinary)] == ["body"]


def test_a_segment_is_named_by_its_scope_and_first_number_in_both_tables():
    for table in (shelf_schema.shelf_segment, shelf_schema.shelf_body):
        assert [column.name for column in table.primary_key] == ["scope_id", "first"]


def test_no_table_whose_rows_are_large_is_kept_as_an_index():
    # SQLite reads whole rows of such a table to compare keys: a hundred microseconds a look where ten are enough
    for table in schema.metadata.tables.values():
        if table.dialect_options["sqlite"]["with_rowid"] is False:
            large = {column.name for column in table.c if isinstance(column.type, LargeBinary)}
            # a hash of a place and its state, a pseudonym and a sealed number
            assert large <= {"place", "state", "ref_key", "remote"}, table.name
