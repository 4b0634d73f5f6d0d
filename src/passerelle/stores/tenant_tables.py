"""What keeps the rows of organisations apart in the tables of one PostgreSQL: a column, a check, keys and a policy.

The catalogue is what is looked at, not the history of migrations: a table that a later migration adds is guarded like
the first. A migration that adds a foreign key to a guarded table names the organisation in it on PostgreSQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import inspect, text
from sqlalchemy.dialects import postgresql

from passerelle.stores.tenancy import EVERYBODY, SETTING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sqlalchemy import Connection, Inspector

COLUMN = "organisation"
_OWN = f"{COLUMN} = current_setting('{SETTING}')"
_REGISTER = "organisation"
"""The table of organisations."""
_TURNS = "turn"
"""The table of turns: whoever works for several organisations reads when the flows of all of them are due."""


class TenantInsert(postgresql.Insert):
    """An INSERT whose conflicts are looked for among the rows of one organisation, as all keys are."""

    inherit_cache = True

    def on_conflict_do_update(
        self,
        constraint: Any = None,
        index_elements: Any = None,
        index_where: Any = None,
        set_: Any = None,
        where: Any = None,
    ) -> Self:
        """Add what updates the row that is there."""
        return super().on_conflict_do_update(constraint, _put_first(index_elements), index_where, set_, where)

    def on_conflict_do_nothing(
        self, constraint: Any = None, index_elements: Any = None, index_where: Any = None
    ) -> Self:
        """Add what leaves the row that is there."""
        return super().on_conflict_do_nothing(constraint, _put_first(index_elements), index_where)


def _put_first(names: Iterable[str] | None) -> list[str] | None:
    return None if names is None else [COLUMN, *(name for name in names if name != COLUMN)]


def lift_guards(connection: Connection, names: Iterable[str]) -> None:
    """Let the owner of the tables see all rows until `guard_tables`: a migration changes those of everybody."""
    for name in names:
        connection.execute(text(f'ALTER TABLE "{name}" NO FORCE ROW LEVEL SECURITY'))


def guard_tables(connection: Connection, names: Collection[str]) -> None:
    """Add to every table of these the column, the check, the policy, and the organisation to its keys.

    What has them keeps them. Rows from before belong to the organisation of the transaction.
    """
    there = inspect(connection)
    own = sorted(set(names) & set(there.get_table_names()))
    foreign = {name: list(_iter_foreign_keys(there, name)) for name in own}
    for name in own:
        for key, _columns, _target, _targets in foreign[name]:
            connection.execute(text(f'ALTER TABLE "{name}" DROP CONSTRAINT "{key}"'))
    for name in own:
        _add_column(connection, there, name)
        _put_first_in_keys(connection, there, name)
    for name in own:
        for key, columns, target, targets in foreign[name]:
            clause = f'FOREIGN KEY ({_join(columns)}) REFERENCES "{target}" ({_join(targets)})'
            connection.execute(text(f'ALTER TABLE "{name}" ADD CONSTRAINT "{key}" {clause}'))
        _add_policy(connection, name)


def _join(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in (COLUMN, *columns))


def _iter_foreign_keys(there: Inspector, name: str) -> Iterator[tuple[str, list[str], str, list[str]]]:
    """Yield name, columns, table and columns there of the foreign keys that the organisation does not lead."""
    for key in there.get_foreign_keys(name):
        if key["constrained_columns"][0] != COLUMN:
            yield str(key["name"]), key["constrained_columns"], key["referred_table"], key["referred_columns"]


def _add_column(connection: Connection, there: Inspector, name: str) -> None:
    default = f"DEFAULT current_setting('{SETTING}')"
    if COLUMN not in {column["name"] for column in there.get_columns(name)}:
        connection.execute(text(f'ALTER TABLE "{name}" ADD COLUMN {COLUMN} text NOT NULL {default}'))
    check = f"ck_{name}_organisation"
    if check not in {constraint["name"] for constraint in there.get_check_constraints(name)}:
        # after a transaction the setting is left as an empty text, not as none
        connection.execute(text(f"ALTER TABLE \"{name}\" ADD CONSTRAINT {check} CHECK ({COLUMN} <> '')"))


def _put_first_in_keys(connection: Connection, there: Inspector, name: str) -> None:
    """Put the organisation before the columns of primary key, unique keys and indexes."""
    primary = there.get_pk_constraint(name)
    keys = [("PRIMARY KEY", primary["name"], primary["constrained_columns"])]
    keys += [("UNIQUE", key["name"], key["column_names"]) for key in there.get_unique_constraints(name)]
    for kind, key, columns in keys:
        if columns and columns[0] != COLUMN:
            made = f'ADD CONSTRAINT "{key}" {kind} ({_join(columns)})'
            connection.execute(text(f'ALTER TABLE "{name}" DROP CONSTRAINT "{key}", {made}'))
    for index in there.get_indexes(name):
        fields = [str(field) for field in index["column_names"]]
        if "duplicates_constraint" not in index and fields[0] != COLUMN:
            unique = "UNIQUE " if index["unique"] else ""
            connection.execute(text(f'DROP INDEX "{index["name"]}"'))
            connection.execute(text(f'CREATE {unique}INDEX "{index["name"]}" ON "{name}" ({_join(fields)})'))


def _add_policy(connection: Connection, name: str) -> None:
    """Hide the rows of all others from every account, the owner's too."""
    policy = "SELECT 1 FROM pg_policies WHERE schemaname = current_schema() AND tablename = :name"
    if connection.execute(text(policy), {"name": name}).first() is None:
        rows = f"{_OWN} OR current_setting('{SETTING}') = '{EVERYBODY}'" if name == _REGISTER else _OWN
        connection.execute(text(f'CREATE POLICY own_rows ON "{name}" USING ({rows}) WITH CHECK ({rows})'))
    if (
        name == _TURNS
        and connection.execute(text(f"{policy} AND policyname = 'due_rows'"), {"name": name}).first() is None
    ):
        every = f"FOR SELECT USING (current_setting('{SETTING}') = '{EVERYBODY}')"
        connection.execute(text(f'CREATE POLICY due_rows ON "{name}" {every}'))
    connection.execute(text(f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY'))
