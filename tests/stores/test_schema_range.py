"""A program meets tables of a later one: it goes on where these were only added to, and refuses where they were not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sqlalchemy import text

from passerelle.stores import migrations
from passerelle.stores.database import open_database, open_reader, open_writer
from passerelle.stores.integrity import refuse_newer
from passerelle.stores.migrations import HEAD, OLDEST
from passerelle.stores.schema_range import RANGE, is_too_new, may_go_on, read_revision
from passerelle.vocabulary.errors import FatalError

ADDING = {"get_bind", "create_table", "create_index", "add_column"}


def _turn_later(engine, oldest: str | None) -> None:
    """Leave the tables as a program of a later version would."""
    with open_writer(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9998'"))
        said = "NULL" if oldest is None else f"'{oldest}'"
        connection.execute(text(f"COMMENT ON TABLE alembic_version IS {said}"))


@pytest.mark.parametrize(("oldest", "goes_on"), [(HEAD, True), ("0001", True), ("9998", False), (None, False)])
def test_a_program_goes_on_where_the_later_one_says_that_it_may(copied_postgresql_url, oldest, goes_on):
    engine = open_database(copied_postgresql_url, "una-35")
    _turn_later(engine, oldest)
    with open_reader(engine) as connection:
        assert read_revision(connection) == "9998"
        assert may_go_on(connection) is goes_on
        assert is_too_new(*connection.execute(RANGE).one()) is not goes_on
    engine.dispose()
    if goes_on:
        refuse_newer(again := open_database(copied_postgresql_url, "una-35"))
        with open_reader(again) as connection:
            assert read_revision(connection) == "9998"  # nothing was taken back
        again.dispose()
        return
    with pytest.raises(FatalError) as caught:
        open_database(copied_postgresql_url, "una-35")
    assert caught.value.code == "incident.database.newer"
    with pytest.raises(FatalError) as caught:
        refuse_newer(engine)
    assert caught.value.code == "incident.database.newer"
    engine.dispose()


def test_a_file_on_one_machine_knows_no_versions_side_by_side(tmp_path):
    engine = open_database(tmp_path / "journal.sqlite3")
    with open_writer(engine) as connection:
        assert may_go_on(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '9998'"))
    with open_reader(engine) as connection:
        assert not may_go_on(connection)
    engine.dispose()


def test_whoever_migrates_says_who_may_go_on(copied_postgresql_url):
    engine = open_database(copied_postgresql_url, "una-35")
    with open_reader(engine) as connection:
        said = connection.execute(text("SELECT obj_description(to_regclass('alembic_version'), 'pg_class')")).scalar()
    assert said == OLDEST
    engine.dispose()


def test_migrations_since_the_oldest_program_that_may_go_on_only_add_what_it_need_not_write():
    assert OLDEST <= HEAD
    folder = Path(migrations.__file__).parent / "versions"
    for path in sorted(folder.glob("r[0-9]*.py")):
        if path.stem[1:5] <= OLDEST:
            continue
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            name = call.func
            if isinstance(name, ast.Attribute) and isinstance(name.value, ast.Name) and name.value.id == "op":
                words = {word.arg: ast.unparse(word.value) for word in call.keywords}
                assert name.attr in ADDING, f"{path.name}: {name.attr} is more than adding: set OLDEST to HEAD"
                assert words.get("unique", "False") == "False", path.name
                if name.attr == "add_column":
                    told = ast.unparse(call)
                    assert "server_default" in told or "nullable=False" not in told, path.name
