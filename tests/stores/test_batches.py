"""The books of a batch are written once, with the count of every reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from passerelle.stores import schema
from passerelle.stores.batches import insert_batch, insert_reasons
from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.settlement import WARNING, ReasonKey
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.outcomes import Balance, Fate

FLOW = "visites"


@pytest.fixture
def parcel_id(registered):
    return registered.get_parcel_number(FLOW, "a" * 64)


def test_a_batch_is_settled_once_and_the_first_books_stay(engine, parcel_id, make):
    with open_writer(engine) as connection:
        insert_batch(connection, parcel_id, make.settlement(3, delivered=5))
    with pytest.raises(FatalError) as caught, open_writer(engine) as connection:
        insert_batch(connection, parcel_id, make.settlement(3, delivered=7, run=1))
    assert (caught.value.code, caught.value.batch) == ("incident.batch.settled", 3)
    with open_reader(engine) as connection:
        assert connection.execute(select(schema.batch.c.number, schema.batch.c.received)).all() == [(3, 5)]


def test_every_number_of_a_balance_has_its_column(engine, parcel_id, make):
    fates = {fate: 2**index for index, fate in enumerate(Fate)}
    balance = Balance(sum(fates.values()), fates, withheld_values=101, warnings=102, vanished=103, withdrawn=104)
    with open_writer(engine) as connection:
        insert_batch(connection, parcel_id, replace(make.settlement(0), balance=balance))
    with open_reader(engine) as connection:
        row = connection.execute(select(schema.batch)).one()._mapping
    assert {fate: row[fate.value] for fate in Fate} == fates
    assert [row[key] for key in ("withheld_values", "warnings", "vanished", "withdrawn")] == [101, 102, 103, 104]


def test_reasons_are_counted_apart_and_none_writes_nothing(engine, parcel_id, make):
    warned = ReasonKey("visit/1", "", "validate.field.missing", "Statut", "status", WARNING)
    reasons = {warned: 2, replace(warned, fate="rejected"): 3}
    with open_writer(engine) as connection:
        insert_batch(connection, parcel_id, make.settlement(0))
        insert_reasons(connection, parcel_id, 0, {})
        assert connection.execute(select(func.count()).select_from(schema.batch_reason)).scalar() == 0
        insert_reasons(connection, parcel_id, 0, reasons)
    with open_reader(engine) as connection:
        counted = connection.execute(select(schema.batch_reason.c.fate, schema.batch_reason.c["count"])).all()
    assert sorted(counted) == [("rejected", 3), (WARNING, 2)]
