"""The keyring: the data keys of all that is sealed at rest, in a small store kept apart from what they open.

An envelope in the state holds the place of its key and no key. So a copy of the state alone opens nothing, a copy of
both opens what was there, and what is destroyed here is closed in every copy of the state, also in those made before.
Keys come in blocks: one write makes the keys of a whole batch, and each of them can be destroyed by itself.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    BigInteger,
    Column,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    or_,
    select,
    text,
    update,
)

from passerelle.stores.data_keys import ITEM, KEY_BYTES, DataKeys
from passerelle.stores.database import (
    insert_into,
    open_autocommit,
    open_reader,
    open_sqlite,
    open_writer,
    truncate_wal,
)
from passerelle.stores.disk import make_private_folder, translate_disk_errors
from passerelle.stores.tenancy import lock_within
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.failpoints import hit_failpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Engine

FILE = "cles.sqlite3"
_NONCE_BYTES = 12
_NAME = "name"
LOCK = 7_061_739
"""Number of the advisory lock under which the keyring of one organisation is written on PostgreSQL."""
_CACHED = 64
"""Blocks kept in memory, opened: a batch of the journal has one."""

metadata = MetaData()
_about = Table(
    "about", metadata, Column("word", Text, primary_key=True), Column("content", LargeBinary, nullable=False)
)
_block = Table(
    "key_block",
    metadata,
    # drawn by chance: a keyring that was restored never gives a number again that the state knows
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
_retired = Table(
    "retired",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("indexes", LargeBinary, nullable=False),
)
_BLOCK, _RETIRED = _block.c, _retired.c


class Keyring:
    """The data keys of one installation, wrapped under a key derived from the master key."""

    def __init__(self, engine: Engine, wrapping_key: bytes) -> None:
        self._engine = engine
        self._wrapping = AESGCM(wrapping_key)
        self._opened: dict[int, bytes] = {}
        self.name = self._read_name()

    @classmethod
    def open(cls, folder: Path, wrapping_key: bytes, *, create: bool) -> Self:
        """Open the keyring of a folder; with `create`, make one where there is none.

        Raises FatalError `incident.keyring.missing`, or `incident.keyring.locked` when the master key is not its own.
        """
        path = folder / FILE
        with translate_disk_errors():
            if not create and not (path.is_file() and path.stat().st_size):
                raise FatalError("incident.keyring.missing")
            make_private_folder(folder)
        engine = open_sqlite(path)
        try:
            with open_writer(engine) as connection:
                metadata.create_all(connection)
            return cls(engine, wrapping_key)
        except BaseException:
            engine.dispose()
            raise

    @contextmanager
    def _open_writer(self) -> Iterator[Connection]:
        """Yield a connection that writes while no other process does: blocks are read, changed and written whole."""
        with open_writer(self._engine) as connection:
            lock_within(connection, LOCK)
            yield connection

    def destroy_all(self) -> int:
        """Destroy every key, with all that is kept beside them, and return how many blocks there were."""
        with self._open_writer() as connection:
            count = connection.execute(delete(_block)).rowcount
            connection.execute(delete(_retired))
            connection.execute(delete(_about))
        self._forget()
        return int(count)

    def copy_into(self, folder: Path) -> None:
        """Copy every key into a new keyring in a folder: what is done there leaves this one as it is."""
        engine = open_sqlite(folder / FILE)
        try:
            with open_writer(engine) as connection:
                metadata.create_all(connection)
                self.carry_keys(connection)
        finally:
            engine.dispose()

    def carry_keys(self, connection: Connection) -> None:
        """Copy every key into the empty tables of another keyring, in the caller's transaction."""
        from passerelle.stores.journal_transfer import carry_tables, open_snapshot  # noqa: PLC0415  seldom

        with open_snapshot(self._engine) as own:
            carry_tables(own, connection, list(metadata.sorted_tables))

    def close(self) -> None:
        """Release the file."""
        truncate_wal(self._engine)
        self._engine.dispose()

    def make_keys(self, count: int, now: int, kind: str = ITEM) -> DataKeys:
        """Make so many keys, durably, before anything is sealed with them; `now` in microseconds since 1970."""
        number, content = secrets.randbits(63), os.urandom(KEY_BYTES * count)
        row = {"number": number, "kind": kind, "made_at": now, "wrapped": self._wrap(number, content)}
        with self._open_writer() as connection:
            # A process that was there before the master key was changed would lock keys that nobody opens again.
            self._open_word(
                _NAME, connection.execute(select(_about.c.content).where(_about.c.word == _NAME)).scalar_one()
            )
            connection.execute(insert(_block), row)
        return DataKeys(number, content)

    def find_key(self, block: int, index: int) -> bytes | None:
        """Return a data key; None when it was destroyed.

        Raises FatalError `incident.keyring.older` for a block that the keyring never had, `incident.keyring.broken`.
        """
        if block not in self._opened:
            with open_reader(self._engine) as connection:
                wrapped = connection.execute(select(_BLOCK.wrapped).where(_BLOCK.number == block)).scalar()
            if wrapped is None:
                raise FatalError("incident.keyring.older")
            if len(self._opened) >= _CACHED:
                self._opened.clear()
            self._opened[block] = self._unwrap(block, wrapped)
        key = self._opened[block][index * KEY_BYTES : (index + 1) * KEY_BYTES]
        return key if any(key) else None

    def destroy(self, places: Iterable[tuple[int, int]]) -> int:
        """Destroy keys, given as (block, index), and return how many there were; the others of a block stay."""
        indexes: dict[int, list[int]] = {}
        for block, index in places:
            indexes.setdefault(block, []).append(index)
        with self._open_writer() as connection:
            destroyed = sum(
                self._clear_keys(connection, block, np.array(some)) for block, some in sorted(indexes.items())
            )
        self._forget()
        return destroyed

    def retire(self, block: int, now: int) -> None:
        """Retire the keys of a block that nothing names any more: the next sweeps destroy them in their time."""
        with self._open_writer() as connection:
            wrapped = connection.execute(select(_BLOCK.wrapped).where(_BLOCK.number == block)).scalar()
            indexes = np.arange(len(self._unwrap(block, wrapped or b"")) // KEY_BYTES).astype("<i8").tobytes()
            fresh = insert_into(connection, _retired).values(number=block, at=now, indexes=indexes)
            connection.execute(fresh.on_conflict_do_nothing())

    def retire_unused(
        self, living: Mapping[int, NDArray[np.int64]], kind: str, *, before: int, now: int, deadline: int
    ) -> int:
        """Retire the keys of a kind, made before a moment, that are not among the `living` (indexes by block).

        Destroys those that were retired by `deadline`, and returns how many these are: until then a copy of the state
        can be put back. A key that is named again is retired no more. The caller makes sure that nobody is about to
        use a key that nothing names yet. All moments in microseconds since 1970.
        """
        destroyed = 0
        # what was retired by name is nobody's, however young it is
        is_old = or_(_BLOCK.made_at <= before, _BLOCK.number.in_(select(_RETIRED.number)))
        wanted = select(_BLOCK.number).where(_BLOCK.kind == kind, is_old, _BLOCK.wrapped != b"")
        with self._open_writer() as connection:
            for number in connection.execute(wanted).scalars().all():
                due = self._retire(connection, number, living.get(number, _NONE), now, deadline)
                destroyed += self._clear_keys(connection, number, due) if len(due) else 0
        if destroyed:  # most nights nothing is: what the log then holds is as it is in the file
            self._forget()
        return destroyed

    def _retire(
        self, connection: Connection, number: int, living: NDArray[np.int64], now: int, deadline: int
    ) -> NDArray[np.int64]:
        """Note which keys of a block are retired, and return the indexes of those that are due."""
        wrapped = connection.execute(select(_BLOCK.wrapped).where(_BLOCK.number == number)).scalar_one()
        is_unused = np.asarray(_to_rows(self._unwrap(number, wrapped)).any(axis=1))
        is_unused[living] = False
        unused = np.flatnonzero(is_unused)
        earlier = connection.execute(select(_RETIRED.at, _RETIRED.indexes).where(_RETIRED.number == number)).all()
        if not len(unused) and not earlier:
            return _NONE
        since = {at: np.intersect1d(np.frombuffer(indexes, "<i8"), unused) for at, indexes in earlier}
        since[now] = np.setdiff1d(unused, np.concatenate([_NONE, *since.values()]))
        connection.execute(delete(_retired).where(_RETIRED.number == number))
        later = [
            {"number": number, "at": at, "indexes": some.astype("<i8").tobytes()}
            for at, some in since.items()
            if at > deadline and len(some)
        ]
        if later:
            connection.execute(insert(_retired), later)
        return np.concatenate([_NONE, *(some for at, some in since.items() if at <= deadline)])

    def list_blocks(self, kind: str = ITEM) -> tuple[int, ...]:
        """Return the numbers of the blocks that still hold a key."""
        with open_reader(self._engine) as connection:
            return tuple(
                connection.execute(select(_BLOCK.number).where(_BLOCK.kind == kind, _BLOCK.wrapped != b"")).scalars()
            )

    def read_word(self, word: str) -> bytes:
        """Return what the keyring keeps under a word of our own, opened; empty for nothing."""
        with open_reader(self._engine) as connection:
            sealed = connection.execute(select(_about.c.content).where(_about.c.word == word)).scalar()
        return b"" if sealed is None else self._open_word(word, sealed)

    def keep_word(self, word: str, content: bytes) -> None:
        """Keep something under a word of our own, wrapped as the keys are."""
        with self._open_writer() as connection:
            self._keep(connection, word, content)

    def wrap_again(self, wrapping_key: bytes, words: Mapping[str, bytes]) -> int:
        """Wrap all keys under another key, and keep these words, in one transaction; return how many blocks.

        Killed before its end, the keyring is as before.
        """
        other = Keyring.__new__(Keyring)
        other._wrapping = AESGCM(wrapping_key)  # noqa: SLF001  one of our own, of which only the wrapping is used
        count = 0
        with self._open_writer() as connection:
            for word, sealed in connection.execute(select(_about.c.word, _about.c.content)).all():
                other._keep(connection, word, self._open_word(word, sealed))  # noqa: SLF001  see above
            for word, content in words.items():
                other._keep(connection, word, content)  # noqa: SLF001  see above
            for number in connection.execute(select(_BLOCK.number)).scalars().all():
                wrapped = connection.execute(select(_BLOCK.wrapped).where(_BLOCK.number == number)).scalar_one()
                content = self._unwrap(number, wrapped)
                again = other._wrap(number, content) if content else b""  # noqa: SLF001  see above
                connection.execute(update(_block).where(_BLOCK.number == number).values(wrapped=again))
                count += 1
            hit_failpoint("rotate.wrapped")
        self._wrapping = other._wrapping  # noqa: SLF001  see above
        self._forget()
        return count

    def _clear_keys(self, connection: Connection, number: int, indexes: NDArray[np.int64]) -> int:
        wrapped = connection.execute(select(_BLOCK.wrapped).where(_BLOCK.number == number)).scalar()
        if wrapped is None:
            return 0
        keys = _to_rows(self._unwrap(number, wrapped)).copy()
        indexes = np.unique(indexes[indexes < len(keys)])
        destroyed = int(keys[indexes].any(axis=1).sum())
        keys[indexes] = 0
        # An empty block stays: what was destroyed is told from what the keyring never had.
        again = self._wrap(number, keys.tobytes()) if keys.any() else b""
        connection.execute(update(_block).where(_BLOCK.number == number).values(wrapped=again))
        return destroyed

    def _forget(self) -> None:
        """Drop what is in memory and in the log, where destroyed keys would stay readable."""
        self._opened.clear()
        truncate_wal(self._engine)
        if self._engine.dialect.name == "postgresql":
            with open_autocommit(self._engine) as connection:
                connection.execute(text(f"VACUUM {_block.name}"))

    def _read_name(self) -> str:
        with open_reader(self._engine) as connection:
            sealed = connection.execute(select(_about.c.content).where(_about.c.word == _NAME)).scalar()
        if sealed is not None:
            return self._open_word(_NAME, sealed).hex()
        with self._open_writer() as connection:
            sealed = connection.execute(select(_about.c.content).where(_about.c.word == _NAME)).scalar()
            if sealed is None:  # or another process was faster
                self._keep(connection, _NAME, os.urandom(16))
                sealed = connection.execute(select(_about.c.content).where(_about.c.word == _NAME)).scalar_one()
        return self._open_word(_NAME, sealed).hex()

    def _keep(self, connection: Connection, word: str, content: bytes) -> None:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._wrapping.encrypt(nonce, content, b"word/" + word.encode())
        fresh = insert_into(connection, _about).values(word=word, content=sealed)
        connection.execute(fresh.on_conflict_do_update(index_elements=["word"], set_={"content": sealed}))

    def _open_word(self, word: str, sealed: bytes) -> bytes:
        try:
            return self._wrapping.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], b"word/" + word.encode())
        except (InvalidTag, ValueError):
            raise FatalError("incident.keyring.locked") from None

    def _wrap(self, number: int, content: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, content, b"block/%d" % number)

    def _unwrap(self, number: int, wrapped: bytes) -> bytes:
        if not wrapped:
            return b""
        try:
            return self._wrapping.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], b"block/%d" % number)
        except (InvalidTag, ValueError):
            raise FatalError("incident.keyring.broken") from None


_NONE = np.zeros(0, dtype=np.int64)


def _to_rows(content: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(content, dtype=np.uint8).reshape(-1, KEY_BYTES)


def has_keyring(folder: Path) -> bool:
    """Whether there is a keyring in a folder."""
    return (folder / FILE).is_file() and (folder / FILE).stat().st_size > 0
