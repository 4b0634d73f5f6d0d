"""One SELECT statement is let through; whatever changes something, or comes behind it, is not."""

from __future__ import annotations

import pytest

from passerelle.edges.sources.select_statement import check_select, select_from
from passerelle.vocabulary.errors import FlowError


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        "  select * from t ; ",
        "-- ce que nous lisons\nSELECT a, b FROM t -- fin",
        "WITH x AS (SELECT 1) SELECT * FROM x;",
        "SELECT 'delete; drop' AS \"update\", `insert`, t.update FROM t /* ; */",
        "SELECT insert('abc', 1, 1, 'x'), truncate(1.5, 1), date_update FROM t",
        "SELECT $mot$ ; drop $mot$, 'l''été'",
        "SELECT debut::date, 100 % 7 FROM t WHERE nom LIKE 'A%'",
    ],
)
def test_one_select_is_let_through(statement):
    assert check_select(statement).rstrip("; \n")[:4].strip()


@pytest.mark.parametrize(
    "statement",
    [
        "",
        ";",
        "-- rien",
        "DELETE FROM t",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE t",
        "SELECT * INTO copie FROM t",
        "SELECT * FROM t FOR UPDATE",
        "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
        "SELECT 1 /*! INTO OUTFILE '/tmp/x' */",
        "SELECT 'sans fin",
        "PRAGMA table_info(t)",
        "EXPLAIN SELECT 1",
    ],
)
def test_anything_else_is_refused_before_it_runs(statement):
    with pytest.raises(FlowError) as refused:
        check_select(statement)
    assert refused.value.code == "incident.query.not_one_select"
    assert "DELETE" not in str(refused.value)


def test_a_statement_that_goes_on_has_its_place_in_a_line_of_its_own():
    told = select_from("SELECT 1 -- fin", '"id"', "?", goes_on=True)
    assert told.splitlines()[1:] == [
        "SELECT 1 -- fin",
        ') passerelle_rows WHERE ("id" >= ? OR "id" IS NULL) ORDER BY "id"',
    ]
    assert "WHERE" not in select_from("SELECT 1", '"id"', "?", goes_on=False)
