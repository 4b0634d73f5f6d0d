"""A database as a destination, on each engine: one row a record, the same batch twice changes nothing."""

from __future__ import annotations

import json
import traceback
from dataclasses import replace
from datetime import UTC
from random import Random
from typing import ClassVar

import polars as pl
import pytest
from sqlalchemy import create_engine, event, inspect, text

from passerelle.contracts.catalogue import catalogue
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import ALL_PURPOSES, DataSubject, Sensitivity, declare_field
from passerelle.contracts.types import Amount, Coded, Count, Day, Flag, Instant, Quantity, Text
from passerelle.edges.destinations.database import DatabaseDestination
from passerelle.vocabulary.errors import FlowError, SettingsError, TransientError
from passerelle.vocabulary.outcomes import Answer, Fate
from passerelle.vocabulary.parcels import BatchKey, Delivery
from passerelle.vocabulary.withdrawals import Withdrawal

CANARY = "CANARI1850578006084"


def some(example):
    words = dict.fromkeys(("fr_title", "en_title", "fr", "en"), "x")
    return declare_field(
        **words, example=example, subject=DataSubject.NONE, sensitivity=Sensitivity.ORDINARY, purposes=ALL_PURPOSES
    )


class Older(Contract):
    about: ClassVar[ContractMeta] = ContractMeta(
        family="meal", version="1.0.0", fr_title="x", en_title="x", fr="x", en="x"
    )
    day: Day | None = some("2024-12-31")
    at: Instant | None = some("2024-12-31T08:00:00+01:00")
    price: Amount | None = some("1.00")
    weight: Quantity | None = some("1.5")
    number: Count | None = some(1)
    hot: Flag | None = some(True)
    kind: Coded | None = some({"code": "a"})


class Newer(Older):
    comment: Text | None = some("x")


MEAL = {
    "ref": "a:meal:1",
    "day": "2024-12-31",
    "at": "2024-12-31T08:00:00+01:00",
    "price": "-12.50",
    "weight": "1.75",
    "number": 3,
    "hot": True,
    "kind": {"code": "a", "original": "Déjeuner"},
    "extra": {"essai": {"Colonne": "valeur"}},
}


def ready(*records: dict, versions: tuple[int, ...] = (), number: int = 0) -> Delivery:
    bodies = tuple(json.dumps(record).encode() for record in records)
    frame = pl.DataFrame({"ref": [record["ref"] for record in records]})
    keys = tuple(f"key-{number}-{index}" for index in range(len(records)))
    return Delivery("nuit", "meal/1", BatchKey("ab" * 32, number), frame, bodies, keys, versions or (1,) * len(records))


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def place(request, tmp_path) -> str:
    """Give an empty database, on each engine in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'target' / 'records.db'}"
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def destination(place):
    made = DatabaseDestination(place, contract=lambda _id: Older)
    yield made
    made.close()


@pytest.fixture
def look(place, tmp_path):
    (tmp_path / "target").mkdir(exist_ok=True)
    engine = create_engine(place)

    def rows(query: str = "SELECT * FROM passerelle_meal_1 ORDER BY ref") -> list[dict]:
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(query)).mappings()]

    rows.engine = engine
    yield rows
    engine.dispose()


def test_a_record_becomes_a_typed_row(destination, look):
    assert destination.deliver(ready(MEAL)) == [Answer(Fate.DELIVERED)]
    (row,) = look()
    assert row["passerelle_key"] == "key-0-0"
    assert row["passerelle_version"] == 1
    if look.engine.dialect.name != "sqlite":
        assert row["day"].isoformat() == "2024-12-31"
        # MariaDB's moments know no zone: there they are those of UTC
        assert (row["at"] if row["at"].tzinfo else row["at"].replace(tzinfo=UTC)).timestamp() == 1735628400
        assert (str(row["price"]), str(row["weight"])) == ("-12.50", "1.750")
        kind = row["kind"]
        assert (json.loads(kind) if isinstance(kind, str) else kind) == MEAL["kind"]
    else:
        assert [row[name] for name in ("day", "at", "price", "weight")] == [
            MEAL[name] for name in ("day", "at", "price", "weight")
        ]
        assert json.loads(row["kind"]) == MEAL["kind"]
        assert json.loads(row["extra"]) == MEAL["extra"]
    assert (row["number"], bool(row["hot"]), row["identifiers"]) == (3, True, None)


def test_the_same_batch_twice_is_the_same_rows(destination, look, place):
    batch = ready(MEAL, MEAL | {"ref": "a:meal:2", "day": None})
    destination.deliver(batch)
    before = look()
    destination.deliver(batch)
    again = DatabaseDestination(place, contract=lambda _id: Older)
    again.deliver(batch)
    again.close()
    assert look() == before
    assert len(before) == 2


def test_a_newer_version_replaces_and_in_a_batch_the_newest_is_written_last(destination, look):
    destination.deliver(ready(MEAL | {"number": 2}, versions=(2,), number=1))
    destination.deliver(ready(MEAL | {"number": 4}, MEAL | {"number": 3}, versions=(4, 3), number=2))
    assert [(row["number"], row["passerelle_version"]) for row in look()] == [(4, 4)]


def test_a_database_that_is_ahead_takes_the_record_as_its_next_version(destination, look):
    destination.deliver(ready(MEAL | {"number": 7}, {"ref": "a:meal:2"}, versions=(7, 1), number=1))
    answers = destination.deliver(ready(MEAL | {"number": 2}, {"ref": "a:meal:2"}, versions=(2, 2), number=2))
    assert answers == [Answer(Fate.DELIVERED, version=8), Answer(Fate.DELIVERED)]
    assert [(row["number"], row["passerelle_version"]) for row in look()] == [(2, 8), (None, 2)]


def test_what_a_killed_process_wrote_over_a_database_ahead_is_written_once(destination, look):
    destination.deliver(ready(MEAL | {"number": 7}, versions=(7,), number=1))
    again = ready(MEAL | {"number": 2}, MEAL | {"number": 3}, versions=(2, 3), number=2)
    first, second = destination.deliver(again), destination.deliver(again)
    assert [answer.version for answer in first] == [8, 9]
    assert second[-1] == first[-1]
    assert [(row["number"], row["passerelle_version"]) for row in look()] == [(3, 9)]


def test_a_row_that_somebody_deleted_comes_back_with_its_next_change(destination, look):
    destination.deliver(ready(MEAL, versions=(3,)))
    with look.engine.begin() as connection:
        connection.execute(text("DELETE FROM passerelle_meal_1"))
    assert destination.deliver(ready(MEAL, versions=(4,), number=1)) == [Answer(Fate.DELIVERED)]
    assert [row["passerelle_version"] for row in look()] == [4]


def test_a_row_that_a_trigger_keeps_out_is_refused_and_not_told_as_delivered(destination, look):
    destination.deliver(ready(MEAL))
    if look.engine.dialect.name == "mysql":
        pytest.skip("no trigger of MariaDB keeps a row out without a word")
    if look.engine.dialect.name == "postgresql":
        statements = (
            "CREATE FUNCTION keep_out() RETURNS trigger AS 'BEGIN RETURN NULL; END' LANGUAGE plpgsql",
            "CREATE TRIGGER keep_out BEFORE INSERT ON passerelle_meal_1 FOR EACH ROW EXECUTE FUNCTION keep_out()",
        )
    else:
        keep_out = "CREATE TRIGGER keep_out BEFORE INSERT ON passerelle_meal_1 WHEN new.ref <> 'a:meal:1'"
        statements = (f"{keep_out} BEGIN SELECT RAISE(IGNORE); END",)
    with look.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    (answer,) = destination.deliver(ready({"ref": "a:meal:2"}, number=1))
    assert (answer.fate, answer.reason) == (Fate.REFUSED, "deliver.row.unwritten")
    assert [row["ref"] for row in look()] == ["a:meal:1"]


def test_a_row_that_a_trigger_keeps_from_being_deleted_is_refused_and_the_others_go(destination, look):
    destination.deliver(ready(MEAL, {"ref": "a:meal:2"}))
    if look.engine.dialect.name == "mysql":
        pytest.skip("no trigger of MariaDB keeps a row in without a word")
    if look.engine.dialect.name == "postgresql":
        statements = (
            (
                "CREATE FUNCTION keep_in() RETURNS trigger AS "
                "'BEGIN IF OLD.ref = ''a:meal:1'' THEN RETURN NULL; END IF; RETURN OLD; END' LANGUAGE plpgsql"
            ),
            "CREATE TRIGGER keep_in BEFORE DELETE ON passerelle_meal_1 FOR EACH ROW EXECUTE FUNCTION keep_in()",
        )
    else:
        keep_in = "CREATE TRIGGER keep_in BEFORE DELETE ON passerelle_meal_1 WHEN old.ref = 'a:meal:1'"
        statements = (f"{keep_in} BEGIN SELECT RAISE(IGNORE); END",)
    with look.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    batch = BatchKey("0" * 64, 9)
    refs = ("a:meal:1", "a:meal:2", "a:meal:3")
    gone = Withdrawal("nuit", "meal/1", batch, refs, refs, (2, 2, 2), ("", "", ""), {})
    kept, *others = destination.withdraw(gone)
    assert (kept.fate, kept.reason) == (Fate.REFUSED, "deliver.row.undeleted")
    assert others == [Answer(Fate.DELIVERED)] * 2
    assert [row["ref"] for row in look()] == ["a:meal:1"]
    assert destination.find_last_batch("nuit") == batch


def test_what_a_record_does_not_say_stays_as_it_is(destination, look):
    destination.deliver(ready(MEAL))
    partial = ready({"ref": MEAL["ref"], "number": 4}, {"ref": "a:meal:2", "hot": True}, versions=(2, 1), number=1)
    destination.deliver(replace(partial, unsaid=(("kind", "price"), ())))
    said, other = look()
    assert (said["number"], said["hot"], said["day"]) == (4, None, None)
    assert said["kind"] is not None
    assert str(said["price"]) == "-12.50"
    assert (other["hot"], other["kind"]) == (True, None)


def test_two_versions_that_say_different_things_leave_what_each_of_them_said(destination, look):
    both = ready({"ref": "a:meal:1", "number": 4}, {"ref": "a:meal:1", "hot": True}, versions=(1, 2))
    destination.deliver(replace(both, unsaid=((), ("number",))))
    assert [(row["number"], bool(row["hot"])) for row in look()] == [(4, True)]


def test_a_row_has_of_each_field_the_last_value_that_was_said(destination, look):
    chance, model = Random(7), {}  # noqa: S311  the same choices each time
    fields = {"number": [1, 2, None], "hot": [True, False, None], "weight": ["1.5", "2.5", None]}
    for number in range(30):
        records, unsaid = [], []
        for row in range(3):
            gone = tuple(name for name in sorted(fields) if chance.random() < 0.4)
            said = {name: chance.choice(values) for name, values in fields.items() if name not in gone}
            model.setdefault(f"a:meal:{row}", dict.fromkeys(fields)).update(said)
            records.append(
                {"ref": f"a:meal:{row}"} | {name: value for name, value in said.items() if value is not None}
            )
            unsaid.append(gone)
        batch = replace(ready(*records, versions=(number + 1,) * 3, number=number), unsaid=unsaid)
        assert destination.deliver(batch) == [Answer(Fate.DELIVERED)] * 3
        assert destination.deliver(batch) == [Answer(Fate.DELIVERED)] * 3, "again, after a kill"
    for row in look():
        found = {name: row[name] for name in fields}
        found["hot"] = None if found["hot"] is None else bool(found["hot"])
        found["weight"] = None if found["weight"] is None else str(found["weight"]).rstrip("0")
        assert found == model[row["ref"]]


def test_the_last_batch_of_each_flow_and_the_versions_can_be_asked_for(destination):
    assert destination.find_last_batch("nuit") is None
    assert list(destination.iter_versions("meal/1")) == []
    destination.deliver(ready(MEAL, {"ref": "a:meal:2"}, versions=(3, 1), number=5))
    assert destination.find_last_batch("nuit") == BatchKey("ab" * 32, 5)
    assert destination.find_last_batch("jour") is None
    assert list(destination.iter_versions("meal/1")) == [(["a:meal:1", "a:meal:2"], [3, 1])]


def test_a_field_that_is_gone_becomes_null(destination, look):
    destination.deliver(ready(MEAL))
    destination.deliver(ready({"ref": MEAL["ref"]}, versions=(2,)))
    assert look()[0]["kind"] is None


def test_a_contract_that_grew_adds_its_column(destination, look, place):
    destination.deliver(ready(MEAL))
    newer = DatabaseDestination(place, contract=lambda _id: Newer)
    newer.deliver(ready(MEAL | {"ref": "a:meal:2", "comment": "nouveau"}))
    newer.close()
    assert [row["comment"] for row in look()] == [None, "nouveau"]


def test_a_prefix_names_the_tables(place, look):
    made = DatabaseDestination(place, prefix="essai_", contract=lambda _id: Older)
    made.deliver(ready(MEAL))
    made.close()
    assert sorted(inspect(look.engine).get_table_names()) == ["essai_last_batch", "essai_meal_1"]


def test_every_contract_of_the_catalogue_has_a_table(place, look):
    made = DatabaseDestination(place)
    for contract in catalogue():
        body = b'{"ref": "a:b:1"}'
        made.deliver(
            Delivery("nuit", contract, BatchKey("ab" * 32, 0), pl.DataFrame({"ref": ["a:b:1"]}), (body,), ("k",), (1,))
        )
    made.close()
    tables = set(inspect(look.engine).get_table_names()) - {"passerelle_last_batch"}
    assert len(tables) == len(catalogue())


def test_a_record_against_somebody_s_constraint_is_refused_and_told_without_its_value(destination, look):
    destination.deliver(ready(MEAL))
    with look.engine.begin() as connection:
        connection.execute(text("CREATE UNIQUE INDEX own ON passerelle_meal_1 (number)"))
    answers = destination.deliver(ready(*({"ref": f"a:meal:{n}", "number": n} for n in (4, 3, 5))))
    assert [answer.fate for answer in answers] == [Fate.DELIVERED, Fate.REFUSED, Fate.DELIVERED]
    assert answers[1].reason == "deliver.row.refused"
    assert answers[1].details["sqlstate"].startswith("23")
    assert [row["number"] for row in look()] == [3, 4, 5]


def test_a_value_that_postgresql_cannot_hold_is_refused_alone(postgresql_url):
    made = DatabaseDestination(postgresql_url, contract=lambda _id: Older)
    answers = made.deliver(ready({"ref": "a:meal:1", "number": 2**70}, {"ref": f"a:meal:{CANARY}\x00"}, MEAL))
    made.close()
    assert [answer.fate for answer in answers] == [Fate.REFUSED, Fate.REFUSED, Fate.DELIVERED]
    assert CANARY not in str(answers)


def test_a_fault_in_the_middle_leaves_nothing(destination, look):
    destination.deliver(ready(MEAL))
    destination.close()

    @event.listens_for(destination._engine, "commit")
    def _die(_connection):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        destination.deliver(ready(MEAL | {"ref": "a:meal:2"}))
    event.remove(destination._engine, "commit", _die)
    destination.close()
    assert [row["ref"] for row in look()] == ["a:meal:1"]


def test_missing_rights_suspend_the_flow_without_a_value(destination, look, place):
    with look.engine.begin() as connection:
        connection.execute(text("CREATE VIEW passerelle_meal_1 AS SELECT 'x' AS ref"))
    record = MEAL | {"ref": f"a:meal:{CANARY}", "kind": {"code": CANARY}}
    with pytest.raises(FlowError) as caught:
        destination.deliver(ready(record))
    assert caught.value.code == "incident.destination.forbidden"
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_busy_or_absent_database_makes_the_batch_wait(place, look):
    kind = look.engine.dialect.name
    if kind != "sqlite":
        made = DatabaseDestination(f"{kind}://nobody:{CANARY}@127.0.0.1:1/none", contract=lambda _id: Older)
    else:
        made = DatabaseDestination(f"{place}?timeout=0.05", contract=lambda _id: Older)
        holder = look.engine.connect()
        holder.exec_driver_sql("BEGIN IMMEDIATE")
    with pytest.raises(TransientError) as caught:
        made.deliver(ready(MEAL))
    assert caught.value.code == "incident.destination.unreachable"
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    if look.engine.dialect.name == "sqlite":
        holder.close()
    made.close()


def test_an_empty_batch_creates_nothing(destination, look):
    assert destination.deliver(ready()) == []
    assert inspect(look.engine).get_table_names() == []


@pytest.mark.parametrize("bad", ["db2://h/x", "file.db", "", f"postgresql://h:{CANARY}@:bad/x", "firebird://x"])
def test_another_url_is_refused_without_being_shown(bad):
    with pytest.raises(SettingsError) as caught:
        DatabaseDestination(bad)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
