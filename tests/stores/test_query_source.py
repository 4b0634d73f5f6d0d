"""A query as a source, on real databases: read only, streamed, gone on from a column, silent about values."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, event, text

from passerelle.edges.databases.reading import open_reading_engine
from passerelle.edges.sources.overlapping import Overlap
from passerelle.edges.sources.query import QueryLimits, QuerySource
from passerelle.vocabulary.errors import FlowError, TransientError

CANARY = "CANARI1850578006084"
ROWS = "SELECT id, nom, modifie FROM gens"


class Still:
    def now(self):
        return datetime(2026, 3, 1, 12, tzinfo=UTC)

    def sleep(self, seconds):
        raise AssertionError(seconds)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def place(request, tmp_path) -> str:
    return (
        f"sqlite:///{tmp_path / 'métier.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue(f"{request.param}_url")
    )


@pytest.fixture
def write(place):
    engine = create_engine(place)

    def run(*statements: str):
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    moment = "TEXT" if engine.dialect.name == "sqlite" else "TIMESTAMP"
    run(
        f"CREATE TABLE gens (id INTEGER, nom TEXT, modifie {moment})",
        "INSERT INTO gens VALUES (1, 'Été', '2026-02-01 08:00:00'), (2, '', '2026-02-01 09:00:00'), "
        "(3, NULL, '2026-02-01 09:00:00')",
    )
    yield run
    engine.dispose()


def make(place, statement=ROWS, **more) -> QuerySource:
    return QuerySource(open_reading_engine(place), statement, Still(), **more)


def look(source: QuerySource, cursor: str = ""):
    """Return lines, position and marks of one look."""
    (arrival,) = list(_read(source, cursor))
    return arrival


def _read(source, cursor):
    for arrival in source.iter_arrivals(cursor):
        with arrival.open() as stream:
            content = stream.read().decode()
        yield content.splitlines(), arrival.find_cursor(), arrival.marks


def test_rows_are_text_under_the_names_of_the_query(place, write):
    lines, position, marks = look(make(place, 'SELECT id AS "Numéro", nom FROM gens ORDER BY id'))
    assert lines == ["Numéro;nom", "1;Été", '2;""', "3;"]
    assert (position, marks) == ("", look(make(place, "SELECT 1 AS x"))[2]), "the same place, whatever stands there"


def test_a_look_goes_on_from_the_greatest_value_ties_and_rows_without_one_included(place, write):
    first, position, _ = look(make(place, column="modifie"))
    assert len(first) == 4
    write("INSERT INTO gens VALUES (4, 'D', '2026-02-01 10:00:00'), (5, 'E', '2026-02-01 09:00:00'), (6, 'F', NULL)")
    lines, after, _ = look(make(place, column="modifie"), position)
    assert sorted(line[0] for line in lines[1:]) == ["2", "3", "4", "5", "6"]
    assert after > position
    assert look(make(place, column="modifie"), after)[0][1:] == [line for line in lines[1:] if line[0] in "46"]


def test_an_overlap_asks_again_for_what_may_have_come_late(place, write):
    _, position, _ = look(make(place, column="modifie", overlap=Overlap(timedelta(hours=2))))
    lines, after, _ = look(make(place, column="modifie", overlap=Overlap(timedelta(hours=2))), position)
    assert (len(lines), after) == (4, position)
    numbered = make(place, column="id", overlap=Overlap(1))
    assert look(numbered, "n:3")[0][1:] == ['2;"";' + lines[2].split(";")[2], "3;;" + lines[2].split(";")[2]]


def test_nothing_can_be_changed_whatever_the_statement_says(place, write):
    for statement in ("DELETE FROM gens", "CREATE TABLE autre (id INTEGER)", "UPDATE gens SET nom = 'x'"):
        with pytest.raises(FlowError) as refused:
            look(make(place, statement))
        assert refused.value.code in ("incident.query.refused", "incident.flow_database.file")
    assert len(look(make(place))[0]) == 4


def test_errors_hold_neither_statement_nor_values(place, write):
    write(f"INSERT INTO gens VALUES (9, '{CANARY}', NULL)")  # noqa: S608  our own words
    wrong = [
        "SELECT inconnu FROM gens WHERE nom = 'CANARI1850578006084'",
        "SELECT id FROM nulle_part_CANARI1850578006084",
    ]
    if place.startswith("postgresql"):
        wrong.append("SELECT CAST(nom AS INTEGER) FROM gens WHERE id = 9")
    for statement in wrong:
        with pytest.raises(FlowError) as refused:
            look(make(place, statement))
        assert refused.value.code == "incident.query.refused"
        told = "".join(traceback.format_exception(refused.value)) + str(refused.value.details)
        assert CANARY not in told.replace(statement, "")
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__
    assert CANARY not in repr(make(place, wrong[0]))


def test_a_column_of_bytes_is_refused_by_name(place, write):
    kind = {"sqlite": "BLOB", "mysql+pymysql": "BINARY"}.get(place.partition(":")[0], "bytea")
    with pytest.raises(FlowError) as refused:
        look(make(place, f"SELECT id, CAST(nom AS {kind}) AS photo FROM gens WHERE id = 1"))  # noqa: S608  our own words
    assert (refused.value.code, refused.value.details["column"]) == ("incident.query.untextual", "photo")


def test_a_cursor_column_that_is_not_in_the_result_is_told(place, write):
    with pytest.raises(FlowError) as refused:
        look(make(place, "SELECT id AS numero FROM gens", column="nom_qui_manque"))
    assert refused.value.code in ("incident.query.no_cursor", "incident.query.refused")


def test_too_many_rows_are_refused_and_too_long_a_query_waits(place, write):
    with pytest.raises(FlowError) as refused:
        look(make(place, limits=QueryLimits(rows=2)))
    assert refused.value.code == "incident.query.oversized"
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    if place.startswith("mysql"):
        endless = "SELECT count(*) FROM seq_1_to_100000000000 WHERE seq % 7 = 3"  # recursion ends by itself there
    with pytest.raises(TransientError) as waits:
        look(make(place, endless, limits=QueryLimits(seconds=0.3)))
    assert waits.value.code == "incident.query.slow"


def test_percent_signs_and_colons_are_the_query_s_own(place, write):
    lines, *_ = look(make(place, "SELECT id, '50 %s :x' AS nom FROM gens WHERE nom LIKE '%t%'", column="id"), "n:0")
    assert lines == ["id;nom", "1;50 %s :x"]


def test_a_file_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(FlowError) as refused:
        look(make(tmp_path / "absent.db"))
    assert refused.value.code == "incident.flow_database.file"
    assert list(tmp_path.iterdir()) == []


def test_postgresql_shows_moments_in_the_zone_and_json_as_written(postgresql_url):
    statement = (
        """SELECT timestamptz '2026-07-01 10:00+00' AS t, json '{"a": 1.10}' AS j, 12.50::numeric AS d, true AS b"""
    )
    lines, *_ = look(make(postgresql_url, statement))
    assert lines[1] == '2026-07-01T12:00:00+02:00;"{""a"": 1.10}";12.50;true'
    assert look(make(postgresql_url, statement, zone="Indian/Reunion"))[0][1].startswith("2026-07-01T14:00:00+04:00")


def test_a_large_result_is_read_a_piece_at_a_time(postgresql_url):
    source = make(postgresql_url, "SELECT n, repeat('x', 1000) AS t FROM generate_series(1, 100000) AS n")
    arrival = next(source.iter_arrivals(""))
    with arrival.open() as stream:
        assert stream.read(4) == b"n;t\n"
        assert len(stream.read(1 << 20)) == 1 << 20


def test_no_connection_stays_open_once_a_look_has_ended(postgresql_url):
    engine, opened, closed = open_reading_engine(postgresql_url), [], []
    event.listen(engine, "connect", lambda *_about: opened.append(1))
    event.listen(engine, "close", lambda *_about: closed.append(1))
    assert look(QuerySource(engine, "SELECT 1 AS n", Still()))[0] == ["n", "1"]
    assert closed == opened != []


def test_a_moment_of_mariadb_is_shown_with_its_offset_and_gone_on_from(mariadb_url):
    engine = create_engine(mariadb_url)
    with engine.begin() as connection:
        connection.execute(text("SET time_zone = '+00:00'"))
        connection.execute(text("CREATE TABLE gens (id INT, vu TIMESTAMP, cree DATETIME, duree TIME)"))
        values = "(1, '2026-03-01 07:00:00', '2026-03-01 07:00:00', '08:30:00'), (2, '2026-07-01 07:00:00', NULL, NULL)"
        connection.execute(text(f"INSERT INTO gens VALUES {values}"))  # noqa: S608  our own words
    engine.dispose()
    lines, position, _ = look(make(mariadb_url, "SELECT id, vu, cree, duree FROM gens", column="vu"))
    assert lines[1:] == ["1;2026-03-01T08:00:00+01:00;2026-03-01T07:00:00;08:30:00", "2;2026-07-01T09:00:00+02:00;;"]
    again, _, _ = look(make(mariadb_url, "SELECT id, vu FROM gens", column="vu"), position)
    assert again[1:] == ["2;2026-07-01T09:00:00+02:00"]
