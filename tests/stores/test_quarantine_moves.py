"""Items move from one state to the next in one statement each, and nothing moves that is elsewhere."""

from __future__ import annotations

from sqlalchemy import event

from passerelle.stores import schema
from passerelle.stores.database import open_writer
from passerelle.stores.quarantine_moves import move_ids, move_where
from passerelle.stores.settlement import QuarantineState


def test_only_items_in_the_state_before_move_and_are_counted(registered, quarantine, make, engine):
    registered.settle(make.settlement(0, items=[make.item()] * 3))
    with open_writer(engine) as connection:
        assert move_ids(connection, QuarantineState.REPLAYING, None, [1, 2, 2, 99]) == 2
        assert move_ids(connection, QuarantineState.REPLAYING, None, [1, 2]) == 0
        assert move_ids(connection, QuarantineState.DISCARDED, make.now, [1, 3]) == 1
        all_of_them, before = schema.quarantine.c.id > 0, QuarantineState.REPLAYING
        assert move_where(connection, QuarantineState.DISCARDED, make.now, all_of_them, before=before) == 2
    assert {row.state for row in quarantine.list_rows(state="")} == {QuarantineState.DISCARDED}
    assert quarantine.open_payloads([1, 2, 3]) == {}


def test_a_move_that_finds_nothing_writes_nothing(registered, engine):
    written = []
    event.listen(
        engine, "before_cursor_execute", lambda _c, _u, said, *_rest: written.append(said) if "UPDATE" in said else None
    )
    if engine.dialect.name == "sqlite":
        with open_writer(engine) as connection:
            assert move_ids(connection, QuarantineState.REPLAYING, None, [1]) == 0
        assert written == []
