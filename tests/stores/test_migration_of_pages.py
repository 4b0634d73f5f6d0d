"""Pages and segments of a shelf that an earlier version kept are found after the upgrade as before it."""

from __future__ import annotations

import sqlite3

import pytest
from shelving import ShelfRoom

from passerelle.stores.database import open_database


def _go_back(path) -> None:
    """Leave both tables as the version before kept them: without row numbers."""
    with sqlite3.connect(path) as connection:
        for table in ("shelf_segment", "shelf_page"):
            (shape,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
            connection.execute(f"ALTER TABLE {table} RENAME TO later")
            connection.execute(f"{shape} WITHOUT ROWID")
            connection.execute(f"INSERT INTO {table} SELECT * FROM later")  # noqa: S608  our own names
            connection.execute("DROP TABLE later")
        connection.execute("UPDATE alembic_version SET version_num = '0028'")
    connection.close()


def _list_shapes(path) -> dict[str, str]:
    with sqlite3.connect(path) as connection:
        shapes = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE 'shelf%'"))
    connection.close()
    return shapes


@pytest.mark.parametrize("times", [1, 2])
def test_what_an_earlier_version_put_on_the_shelf_is_found(tmp_path, times):
    path = tmp_path / "journal.db"
    room = ShelfRoom(str(path), tmp_path)
    records = {f"agenda:visit:{number}": f'{{"number":{number}}}'.encode() for number in range(900)}
    room.put(records)
    room.put(records | {"agenda:visit:7": b'{"number":0}'}, 2)
    room.close()
    made = _list_shapes(path)
    for _time in range(times):
        _go_back(path)
        assert "WITHOUT ROWID" in _list_shapes(path)["shelf_page"]
        open_database(path).dispose()
    assert _list_shapes(path) == made
    room.reopen()
    assert room.shelf.find_change(room.scope, "agenda:visit:7").record == b'{"number":0}'
    assert room.shelf.find_change(room.scope, "agenda:visit:899").record == b'{"number":899}'
    assert len(room.shelf.read_changes(room.scope, 0, 5_000)) == len(records)
    room.close()
