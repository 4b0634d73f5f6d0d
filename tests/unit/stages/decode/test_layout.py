"""Another layout than the declared one is taken where it gives every needed name, and said."""

from __future__ import annotations

import pytest

from passerelle.stages.decode.dialects import Csv

NEEDED = Csv(needed={"": ("id", "nom")})


@pytest.mark.parametrize("separator", [",", "\t", "|"])
def test_another_separator_is_taken_when_it_gives_all_needed_names(outcome, separator):
    found = outcome("id;nom;cp\n1;A;2\n".replace(";", separator).encode(), NEEDED)
    assert found.columns == ["id", "nom", "cp"]
    assert found.rows == [("1", "A", "2")]
    assert [(item.reason, item.place.line) for item in found.warned] == [("decode.separator.other", 1)]


@pytest.mark.parametrize("data", [b"id,prenom\n1,A\n", b"id\n1\n", b"a,b\n1,2\n"])
def test_a_separator_that_does_not_give_all_of_them_is_not_taken(outcome, data):
    found = outcome(data, NEEDED)
    assert len(found.columns) == 1
    assert not found.warned


def test_without_needed_names_a_dialect_is_what_it_declares(outcome):
    assert outcome(b"id,nom\n1,A\n", Csv()).columns == ["id,nom"]


def test_the_declared_separator_wins_where_both_would_do(outcome):
    found = outcome(b"id;nom;id,nom\n1;A;x\n", NEEDED)
    assert found.columns == ["id", "nom", "id,nom"]
    assert not found.warned


@pytest.mark.parametrize(("line", "separator", "told"), [("sep=;", ";", 0), ('"sep=,"', ",", 1), ("SEP=\t", "\t", 1)])
@pytest.mark.parametrize("dialect", [Csv(), NEEDED])
def test_a_line_that_says_the_separator_is_obeyed_and_is_no_header(outcome, line, separator, told, dialect):
    data = f"\ufeff{line}\r\nid;nom\r\n1;A\r\n".replace("id;nom", f"id{separator}nom").replace("1;A", f"1{separator}A")
    found = outcome(data.encode(), dialect)
    assert found.columns == ["id", "nom"]
    assert found.rows == [("1", "A")]
    assert found.lines == [3]
    assert len(found.warned) == told


@pytest.mark.parametrize("notice", ["Export du 01/02/2024\n", "Liste;des;personnes\n\n", '"Structure ; X"\n\n\n'])
@pytest.mark.parametrize("separator", [";", ","])
def test_notices_before_the_names_are_skipped_and_said(outcome, notice, separator):
    table = "id;nom\n1;A\n".replace(";", separator)
    found = outcome((notice + table).encode(), NEEDED)
    assert found.rows == [("1", "A")]
    assert found.lines == [2 + notice.count("\n")]
    assert {item.reason for item in found.warned} == {"decode.header.late"} | (
        {"decode.separator.other"} if separator == "," else set()
    )


def test_names_with_other_capitals_and_spaces_are_found_behind_notices(outcome):
    assert outcome("Export\nID ;Nom\u00a0\n1;A\n".encode(), NEEDED).columns == ["ID", "Nom"]


@pytest.mark.parametrize("codec", ["utf-8", "cp1252", "cp850"])
def test_lines_that_end_with_a_return_alone_are_lines(outcome, codec):
    found = outcome('id;nom\r1;"Hélène"\r2;Aïcha\r'.encode(codec), Csv(encoding=codec))
    assert found.rows == [("1", "Hélène"), ("2", "Aïcha")]
    assert found.lines == [2, 3]


def test_a_lone_return_among_line_feeds_is_still_no_line_end(outcome):
    assert outcome(b"a;b\n1;2\r3;4\n5;6\n", Csv()).faults == [("decode.row.lone_return", 2, 0)]
