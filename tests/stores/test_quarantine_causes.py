"""Counts by cause are kept with the items: they are those of the items, and cost as much as there are causes."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from sqlalchemy import event, text

from passerelle.stores.database import open_database, open_reader, open_writer
from passerelle.stores.quarantine import Quarantine
from passerelle.stores.settlement import QuarantineState

MISSING, OUTSIDE = "validate.field.missing", "translate.row.out_of_scope"


@pytest.fixture
def settled(registered, make):
    registered.settle(make.settlement(0, items=[make.item(), make.item(), make.item(reason=OUTSIDE)]))
    return registered


def _count(quarantine, state=QuarantineState.WAITING) -> dict[str, int]:
    return {cause.reason: cause.count for cause in quarantine.list_causes(state=state)}


def test_items_of_later_batches_are_counted_with_those_of_the_same_cause(settled, quarantine, make):
    before = {cause.reason: cause.id for cause in quarantine.list_causes()}
    settled.settle(make.settlement(1, items=[make.item(), make.item(reason="validate.x")]))
    assert _count(quarantine) == {MISSING: 3, OUTSIDE: 1, "validate.x": 1}
    after = {cause.reason: cause.id for cause in quarantine.list_causes()}
    assert before.items() <= after.items()
    assert len(set(after.values())) == 3


def test_the_same_cause_of_another_flow_is_another_one(settled, quarantine, make):
    settled.register(make.parcel("a", "factures"))
    settled.settle(make.settlement(0, items=[make.item()], flow="factures"))
    assert [(cause.flow, cause.count) for cause in quarantine.list_causes()][-1] == ("visites", 1)
    assert [cause.count for cause in quarantine.list_causes(flow="factures")] == [1]
    assert len({cause.id for cause in quarantine.list_causes()}) == 3


def test_counts_follow_items_wherever_they_go(settled, quarantine, make):
    first, second, third = (row.id for row in quarantine.list_rows())
    settled.register(make.parcel("e"), kind="replay", items=[first, third])
    assert (_count(quarantine), _count(quarantine, "replaying")) == ({MISSING: 1}, {MISSING: 1, OUTSIDE: 1})
    settled.park_parcel("visites", "e" * 64, "incident.deposit.broken", make.now)
    assert _count(quarantine) == {MISSING: 2, OUTSIDE: 1}
    quarantine.move_items([second], QuarantineState.DISCARDED, make.now)
    settled.erase_items([first], make.now)
    assert (_count(quarantine), _count(quarantine, "discarded")) == ({OUTSIDE: 1}, {MISSING: 2})
    assert _count(quarantine, "") == {MISSING: 2, OUTSIDE: 1}


def test_what_a_newer_export_replaces_is_counted_as_replaced(registered, quarantine, make):
    registered.settle(make.settlement(0, items=[make.item(likeness="same")] * 2))
    registered.register(make.parcel("b"))
    registered.settle(make.settlement(0, parcel="b", items=[make.item(likeness="same")]))
    assert (_count(quarantine), _count(quarantine, "superseded")) == ({MISSING: 1}, {MISSING: 2})


def test_a_cause_is_found_by_its_number_also_when_nothing_waits_any_more(settled, quarantine, make):
    cause = next(cause for cause in quarantine.list_causes() if cause.reason == OUTSIDE)
    assert quarantine.find_cause(cause.id) == cause
    quarantine.move_items(quarantine.list_cause_ids(cause.id, limit=9), QuarantineState.DISCARDED, make.now)
    assert quarantine.find_cause(cause.id).count == 0
    assert quarantine.find_oldest(cause.id) is None
    assert quarantine.find_cause(10_000) is None


def test_the_items_of_a_cause_are_listed_page_by_page(registered, quarantine, make):
    registered.settle(make.settlement(0, items=[make.item(), make.item(reason=OUTSIDE)] * 3))
    (cause,) = (cause for cause in quarantine.list_causes() if cause.reason == MISSING)
    first = quarantine.list_cause_rows(cause.id, limit=2)
    rest = quarantine.list_cause_rows(cause.id, after=first[-1].id, limit=2)
    assert [row.id for row in (*first, *rest)] == list(quarantine.list_cause_ids(cause.id, limit=9))
    assert {row.reason for row in (*first, *rest)} == {MISSING}
    assert quarantine.find_oldest(cause.id) == make.now


def test_a_page_of_a_cause_is_read_from_the_index_without_sorting(quarantine, engine):
    if engine.dialect.name != "sqlite":
        pytest.skip("the planner of PostgreSQL chooses by how many rows there are")
    plans = []

    def explain(connection, _cursor, statement, parameters, _context, _many):
        if "quarantine.cause_id =" in statement:
            said = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append(" ".join(row[-1] for row in said))

    event.listen(engine, "before_cursor_execute", explain)
    quarantine.list_cause_rows(1, after=5, limit=50)
    quarantine.list_cause_ids(1, limit=50)
    assert len(plans) == 2
    assert all("ix_quarantine_cause" in plan and "TEMP B-TREE" not in plan for plan in plans)


def test_names_of_columns_are_sealed_where_causes_are_kept(settled, engine):
    with open_reader(engine) as connection:
        rows = connection.execute(text("SELECT column_name, example FROM quarantine_cause")).all()
    assert rows
    assert "Statut" not in json.dumps([list(row) for row in rows])
    assert "DD/MM" not in json.dumps([list(row) for row in rows])


def test_what_waited_before_there_were_counts_is_counted_by_the_migration(settled, quarantine, make, engine, seal):
    first = quarantine.list_rows()[0].id
    quarantine.move_items([first], QuarantineState.DISCARDED, make.now)
    before = [Counter(_count(quarantine, state)) for state in QuarantineState]
    with open_writer(engine) as connection:
        for change in (
            "DROP INDEX ix_quarantine_cause",
            "DROP INDEX ix_batch_settled",
            "ALTER TABLE quarantine DROP COLUMN cause_id",
            "DROP TABLE quarantine_cause",
            "UPDATE alembic_version SET version_num = '0013'",
        ):
            connection.execute(text(change))
    engine.dispose()
    is_file = engine.dialect.name == "sqlite"
    again = open_database(str(engine.url.database) if is_file else engine.url.render_as_string(hide_password=False))
    migrated = Quarantine(again, seal)
    assert [Counter(_count(migrated, state)) for state in QuarantineState] == before
    assert {cause.column for cause in migrated.list_causes()} == {"Statut"}
    again.dispose()


def test_causes_are_counted_in_the_order_of_their_numbers_so_that_whoever_discards_meanwhile_waits(
    settled, quarantine, make, engine
):
    changed: list[int] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, parameters, *_others):
        if statement.startswith("UPDATE quarantine_cause"):
            changed.extend(row["cause"] if isinstance(row, dict) else row[-1] for row in parameters)

    items = [make.item(reason=OUTSIDE), make.item()]
    for number, some in enumerate((items, items[::-1]), 1):
        changed.clear()
        settled.settle(make.settlement(number, items=some))
        assert changed == sorted(cause.id for cause in quarantine.list_causes())
