"""Readable views beside the tables, on real databases: objects are columns, lists are rows, rights stay the table's."""

from __future__ import annotations

import json
from typing import ClassVar

import polars as pl
import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.dialects import mssql, oracle
from sqlalchemy.exc import DBAPIError

from passerelle.contracts.catalogue import catalogue, get
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import ALL_PURPOSES, DataSubject, Sensitivity, declare_field
from passerelle.contracts.types import Coded, Text
from passerelle.edges.destinations.database import DatabaseDestination
from passerelle.edges.destinations.readable_views import list_views, write_view
from passerelle.vocabulary.parcels import BatchKey, Delivery


def some(example):
    words = dict.fromkeys(("fr_title", "en_title", "fr", "en"), "x")
    return declare_field(
        **words, example=example, subject=DataSubject.NONE, sensitivity=Sensitivity.ORDINARY, purposes=ALL_PURPOSES
    )


class OlderMeal(Contract):
    about: ClassVar[ContractMeta] = ContractMeta(
        family="meal", version="1.0.0", fr_title="x", en_title="x", fr="x", en="x"
    )
    kind: Coded | None = some({"code": "a"})
    guests: list[Coded] = some([{"code": "a"}])
    dishes: list[Text] = some(["x"])


class NewerMeal(OlderMeal):
    drink: Coded | None = some({"code": "a"})


MEAL = {
    "ref": "a:meal:1",
    "kind": {"code": "midi", "original": "Déjeuner d'été"},
    "guests": [{"code": "un"}, {"code": "deux", "original": 'Deux "2"'}],
    "dishes": ["Soupe", "Pâtes à l'ail"],
}


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def place(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'records.db'}"
    return request.getfixturevalue(f"{request.param}_url")


def deliver(place, contract, *records, number=0):
    destination = DatabaseDestination(place, views=True, contract=lambda _id: contract)
    destination.try_out()
    bodies = [json.dumps(record).encode() for record in records]
    frame = pl.DataFrame({"ref": [record["ref"] for record in records]})
    keys = [f"k{number}{nth}" for nth in range(len(records))]
    destination.deliver(
        Delivery("nuit", "meal/1", BatchKey("ab" * 32, number), frame, bodies, keys, (1,) * len(records))
    )
    destination.close()


def read(place, query):
    engine = create_engine(place)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return rows


def test_objects_are_columns_and_lists_are_rows(place):
    deliver(place, OlderMeal, MEAL, {"ref": "a:meal:2"})
    query = "SELECT ref, kind_code, kind_original FROM passerelle_meal_1_lisible ORDER BY ref"
    assert read(place, query) == [("a:meal:1", "midi", "Déjeuner d'été"), ("a:meal:2", None, None)]
    guests = "SELECT ref, rang, code, original FROM passerelle_meal_1_guests_lisible ORDER BY rang"
    assert read(place, guests) == [("a:meal:1", 1, "un", None), ("a:meal:1", 2, "deux", 'Deux "2"')]
    dishes = "SELECT rang, dishes FROM passerelle_meal_1_dishes_lisible ORDER BY rang"
    assert read(place, dishes) == [(1, "Soupe"), (2, "Pâtes à l'ail")]


def test_a_view_grows_at_its_end_and_one_of_somebody_s_own_stays(place):
    deliver(place, OlderMeal, MEAL)
    engine = create_engine(place)
    before = [column["name"] for column in inspect(engine).get_columns("passerelle_meal_1_lisible")]
    with engine.begin() as connection:
        connection.execute(text("DROP VIEW passerelle_meal_1_dishes_lisible"))
        connection.execute(text("CREATE VIEW passerelle_meal_1_dishes_lisible AS SELECT 1 AS a_moi"))
    deliver(place, NewerMeal, MEAL | {"ref": "a:meal:3", "drink": {"code": "eau"}}, number=1)
    after = [column["name"] for column in inspect(engine).get_columns("passerelle_meal_1_lisible")]
    own = [column["name"] for column in inspect(engine).get_columns("passerelle_meal_1_dishes_lisible")]
    engine.dispose()
    assert after[: len(before)] == before
    assert set(after) - set(before) >= {"drink_code", "drink_original"}
    assert own == ["a_moi"]
    drinks = "SELECT drink_code FROM passerelle_meal_1_lisible ORDER BY ref"
    assert read(place, drinks) == [(None,), ("eau",)]


def test_the_rights_that_the_docs_name_are_enough_night_after_night_on_mariadb(mariadb_url):
    admin, name = create_engine(mariadb_url), mariadb_url.rpartition("/")[2]
    rights = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, CREATE VIEW"
    with admin.begin() as connection:
        connection.execute(text(f"CREATE USER {name} IDENTIFIED BY 'le-sien'"))
        connection.execute(text(f"GRANT {rights} ON {name}.* TO {name}"))
    own = mariadb_url.replace("admin:le-bon", f"{name}:le-sien")
    deliver(own, OlderMeal, MEAL)
    deliver(own, OlderMeal, MEAL | {"ref": "a:meal:2"}, number=1)
    with admin.begin() as connection:
        connection.execute(text(f"GRANT DROP ON {name}.passerelle_meal_1_lisible TO {name}"))
    deliver(own, NewerMeal, MEAL | {"ref": "a:meal:3", "drink": {"code": "eau"}}, number=2)
    query = "SELECT ref, drink_code FROM passerelle_meal_1_lisible ORDER BY ref"
    assert read(own, query) == [("a:meal:1", None), ("a:meal:2", None), ("a:meal:3", "eau")]
    with admin.begin() as connection:
        connection.execute(text(f"DROP USER {name}"))
    admin.dispose()


def test_without_being_asked_for_there_is_none(place):
    destination = DatabaseDestination(place, contract=lambda _id: OlderMeal)
    frame = pl.DataFrame({"ref": ["a:meal:1"]})
    body = json.dumps(MEAL).encode()
    destination.deliver(Delivery("nuit", "meal/1", BatchKey("ab" * 32, 0), frame, (body,), ("k",), (1,)))
    destination.close()
    engine = create_engine(place)
    assert inspect(engine).get_view_names() == []
    engine.dispose()


def test_every_contract_has_views_that_can_be_read(place):
    destination = DatabaseDestination(place, views=True)
    for contract in catalogue():
        frame = pl.DataFrame({"ref": ["a:b:1"]})
        body = (b'{"ref": "a:b:1"}',)
        destination.deliver(Delivery("nuit", contract, BatchKey("ab" * 32, 0), frame, body, ("k",), (1,)))
    destination.close()
    for contract in catalogue():
        views = list_views(get(contract), f"passerelle_{contract.replace('/', '_')}")
        assert read(place, f"SELECT ref FROM {views[0].name}") == [("a:b:1",)]  # noqa: S608  our own names
        assert all(read(place, f"SELECT ref FROM {view.name}") == [] for view in views[1:])  # noqa: S608  see above


def test_who_may_not_read_the_table_reads_nothing_in_the_view(postgresql_url):
    deliver(postgresql_url, OlderMeal, MEAL)
    engine = create_engine(postgresql_url)
    role = f"r{id(engine)}"
    with engine.begin() as connection:
        if connection.dialect.server_version_info < (15,):
            pytest.skip("PostgreSQL before 15 has no views with the rights of whoever looks")
        connection.execute(text(f"CREATE ROLE {role}"))
        connection.execute(text(f"GRANT SELECT ON passerelle_meal_1_lisible TO {role}"))
    with engine.connect() as connection:
        connection.execute(text(f"SET ROLE {role}"))
        with pytest.raises(DBAPIError):
            connection.execute(text("SELECT ref FROM passerelle_meal_1_lisible"))
    engine.dispose()


@pytest.mark.parametrize("contract", catalogue())
def test_names_are_each_there_once_and_every_database_takes_them(contract):
    seen = set()
    for view in list_views(get(contract), "p" * 30 + contract.replace("/", "_")):
        names = [*(["ref", "rang"] if view.entries else []), *(name for name, _path in view.columns)]
        assert len(set(names)) == len(names)
        assert all(len(name) <= 63 for name in [view.name, *names])
        seen.add(view.name)
    assert len(seen) == len(list_views(get(contract), "x"))


@pytest.mark.parametrize(
    ("dialect", "words"),
    [
        (mssql.dialect(), ("CREATE OR ALTER VIEW", "JSON_VALUE(t.kind, '$.code')", "CROSS APPLY OPENJSON(t.guests) e")),
        (oracle.dialect(), ("CREATE OR REPLACE VIEW", "JSON_VALUE(t.kind, '$.code')", "JSON_TABLE(t.guests, '$[*]'")),
    ],
)
def test_what_servers_that_no_test_can_start_would_be_told(dialect, words):
    said = " ".join(one for view in list_views(OlderMeal, "repas") for one in write_view(view, dialect))
    assert all(word in said for word in words), said
