"""Foreign words at rest: names of columns and sheets, and details of reasons, are sealed in every table.

Others wrote them: a heading may be the name of a person. The same word gives the same sealed text, so that equality,
grouping and keys work as with the word itself, and no query knows of it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import Text, TypeDecorator, and_, bindparam, event, or_, select, type_coerce, update

from passerelle.stores.seal import SEALED_WORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Column, ColumnElement, Connection, Dialect, Engine, Row, Table

    from passerelle.stores.seal import Seal

_TOGETHER = 5_000
"""Rows of an earlier version that are in memory at a time."""
_OPTION = "seal_of_words"


class _SealsAtHand(threading.local):
    """The seal of the statement that this thread sent last to each database.

    A column's type is told its dialect and nothing else of where it is, and organisations of one database share it.
    """

    def __init__(self) -> None:
        self.seals: WeakKeyDictionary[Dialect, Seal] = WeakKeyDictionary()


_AT_HAND = _SealsAtHand()


class WordType(TypeDecorator[str]):
    """A foreign word, or several as JSON; sealed unless empty."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the sealed word. Raises KeyError where the database was given no seal: nothing is written in clear."""
        return _AT_HAND.seals[dialect].seal_word(value) if value else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the word. Raises FatalError `incident.seal.broken`."""
        return _AT_HAND.seals[dialect].open_word(value) if value else value


def attach_seal(engine: Engine, seal: Seal) -> None:
    """Seal and open words with this seal from here on: those of the database, or of one organisation on a lent engine.

    Rows of two organisations are not read by turns in one thread: what the other's seal closed, opens with no seal.
    """
    if not event.contains(engine, "before_execute", _take_seal):
        event.listen(engine, "before_execute", _take_seal)
    engine.update_execution_options(**{_OPTION: seal})


def _take_seal(connection: Connection, *_statement: object) -> None:
    """Have the seal of a connection at hand before what it sends is bound; one without a seal changes nothing."""
    seal = connection.get_execution_options().get(_OPTION)
    if seal is not None:
        _AT_HAND.seals[connection.dialect] = seal


def seal_older_words(connection: Connection, table: Table) -> None:
    """Seal the words that an earlier version wrote in clear, in the caller's transaction."""
    words = [column for column in table.columns if isinstance(column.type, WordType)]
    keys = list(table.primary_key.columns)
    if not words:
        return
    change = update(table).where(*(_read_raw(key) == bindparam(f"old_{key.name}") for key in keys))
    change = change.values({word.name: bindparam(f"new_{word.name}", type_=word.type) for word in words})
    for rows in _iter_clear_rows(connection, keys, words):
        old = [{f"old_{key.name}": row[place] for place, key in enumerate(keys)} for row in rows]
        new = [{f"new_{word.name}": row[place] for place, word in enumerate(words, len(keys))} for row in rows]
        connection.execute(change, [before | after for before, after in zip(old, new, strict=True)])


def _iter_clear_rows(
    connection: Connection, keys: list[Column[Any]], words: list[Column[Any]]
) -> Iterator[list[Row[Any]]]:
    """Yield keys and words of the rows that have a word in clear."""
    clear = or_(*(and_(_read_raw(word) != "", _read_raw(word).not_like(f"{SEALED_WORD}%")) for word in words))
    wanted = select(*map(_read_raw, (*keys, *words))).where(clear).order_by(*map(_read_raw, keys))
    if len(keys) > 1 or isinstance(keys[0].type, Text):
        # flows, names that a flow has met, and its notices: a page of them
        if rows := list(connection.execute(wanted)):
            yield rows
        return
    last = -1
    while rows := list(connection.execute(wanted.where(keys[0] > last).limit(_TOGETHER))):
        yield rows
        last = rows[-1][0]


def _read_raw(column: Column[Any]) -> ColumnElement[Any]:
    """Return the column as it is stored."""
    return type_coerce(column, Text) if isinstance(column.type, WordType) else column
