"""The keys of the organisations of a shared journal, each wrapped by the key of the installation.

What is wrapped is the master key of an organisation's seal. Without it nothing that the organisation sealed opens,
wherever a copy of it is: destroying these bytes is destroying everything.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text, update

from passerelle.stores.data_keys import KEY_BYTES
from passerelle.stores.database import insert_into, open_autocommit, open_reader, open_writer
from passerelle.stores.organisation_schema import organisation as register
from passerelle.stores.tenancy import see_everybody
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row

    from passerelle.stores.seal import Seal

_OWN = register.c


@dataclass(frozen=True, slots=True)
class OrganisationKey:
    """The master key of an organisation, opened."""

    master: bytes
    is_new: bool
    """Whether it was made just now: nothing was sealed with it yet."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """The master key of an organisation as its row has it: wrapped by the key of the installation."""

    organisation: str
    number: int
    wrapped: bytes

    def to_json(self) -> dict[str, str | int]:
        """Return it as it stands in a backup."""
        return {"organisation": self.organisation, "number": self.number, "wrapped": self.wrapped.hex()}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> WrappedKey:
        """Read it from a backup. Raises ValueError, KeyError, TypeError."""
        return cls(str(content["organisation"]), int(content["number"]), bytes.fromhex(content["wrapped"]))


def read_wrapped(engine: Engine, organisation: str) -> WrappedKey | None:
    """Return the wrapped key of an organisation; None before its first run.

    Raises FatalError `incident.key.shredded` when it was destroyed.
    """
    row = _read_row(engine, organisation)
    if row is not None and row.key_wrapped is None:
        raise FatalError("incident.key.shredded", organisation=organisation)
    return WrappedKey(organisation, row.key_number, bytes(row.key_wrapped)) if row is not None else None


def open_wrapped(installation: Seal, key: WrappedKey) -> bytes:
    """Open a wrapped key. Raises FatalError `incident.key.other` when another key of an installation wrapped it."""
    try:
        return installation.unwrap(key.wrapped, about=_bind(key.organisation, key.number))
    except FatalError:
        raise FatalError("incident.key.other") from None


def has_organisations(engine: Engine) -> bool:
    """Whether the key of the installation has wrapped the key of some organisation already."""
    with open_reader(engine) as connection:
        see_everybody(connection)
        return connection.execute(select(_OWN.organisation).limit(1)).first() is not None


def has_key(engine: Engine, organisation: str) -> bool:
    """Whether an organisation has a key in the journal, or had one."""
    return _read_row(engine, organisation) is not None


def is_wrapped_by(engine: Engine, installation: Seal) -> bool:
    """Whether this key of an installation opens the keys of its organisations; where there are none, it does."""
    with open_reader(engine) as connection:
        see_everybody(connection)
        row = connection.execute(select(register).where(_OWN.key_wrapped.is_not(None)).limit(1)).first()
    try:
        return row is None or bool(_unwrap(installation, row))
    except FatalError:
        return False


def open_key(engine: Engine, installation: Seal, organisation: str, now: datetime) -> OrganisationKey:
    """Open the key of the organisation of a database, made the first time.

    Raises FatalError `incident.key.other` when another key of an installation wrapped it, or those of all others,
    `incident.key.shredded` when it was destroyed.
    """
    row = _read_row(engine, organisation)
    is_new = row is None
    if row is None:
        row = keep_key(engine, installation, organisation, os.urandom(KEY_BYTES), now)
    if row.key_wrapped is None:
        raise FatalError("incident.key.shredded", organisation=organisation)
    return OrganisationKey(_unwrap(installation, row), is_new)


def keep_key(engine: Engine, installation: Seal, organisation: str, master: bytes, now: datetime) -> Row[tuple[()]]:
    """Keep the key of an organisation that has none, and return its row; one that is there stays.

    Raises FatalError `incident.key.other` when the keys of other organisations are wrapped by another key.
    """
    with open_writer(engine) as connection:
        see_everybody(connection)
        for other in connection.execute(select(register).where(_OWN.key_wrapped.is_not(None)).limit(1)):
            _unwrap(installation, other)
        values = {"key_wrapped": installation.wrap(master, about=_bind(organisation, 1)), "key_number": 1}
        fresh = insert_into(connection, register).values(organisation=organisation, created_at=now, **values)
        connection.execute(fresh.on_conflict_do_nothing())
        return connection.execute(select(register).where(_OWN.organisation == organisation)).one()


def is_shredded(engine: Engine, organisation: str) -> bool:
    """Whether the key of an organisation was destroyed."""
    row = _read_row(engine, organisation)
    return row is not None and row.key_wrapped is None


def shred_key(engine: Engine, installation: Seal, organisation: str, *, why: str, who: str, now: datetime) -> None:
    """Destroy the key of an organisation; who did it and why stays, sealed by the key of the installation."""
    words = installation.seal(json.dumps([who, why]).encode(), about=_bind(organisation, 0))
    with open_writer(engine) as connection:
        own = update(register).where(_OWN.organisation == organisation)
        connection.execute(own.values(key_wrapped=None, shredded_at=now, words=words))
    # written anew without what was there before: a page would keep the old row
    with open_autocommit(engine) as connection:
        connection.execute(text("VACUUM (FULL) organisation"))


def read_shredding(engine: Engine, installation: Seal, organisation: str) -> tuple[str, str]:
    """Return who destroyed the key of an organisation, and why. Raises FatalError when the words do not open."""
    row = _read_row(engine, organisation)
    if row is None or row.words is None:
        return "", ""
    who, why = json.loads(installation.open(row.words, about=_bind(organisation, 0)))
    return who, why


def wrap_all_again(engine: Engine, installation: Seal, following: Seal) -> int:
    """Wrap the keys of all organisations by another key of the installation, in one transaction; return how many.

    What the other one wrapped already, before a kill, stays. Raises FatalError `incident.key.other`.
    """
    with open_writer(engine) as connection:
        see_everybody(connection)
        rows = connection.execute(select(register).with_for_update()).all()
        for row in rows:
            _wrap_row_again(connection, row, installation, following)
    with open_autocommit(engine) as connection:
        connection.execute(text("VACUUM (FULL) organisation"))
    return sum(row.key_wrapped is not None for row in rows)


def count_organisations(engine: Engine) -> tuple[int, int]:
    """Count the organisations of a shared journal: those that open, and those whose key was destroyed."""
    with open_reader(engine) as connection:
        see_everybody(connection)
        total, living = connection.execute(
            select(func.count(), func.count(_OWN.key_wrapped)).select_from(register)
        ).one()
    return int(living), int(total - living)


def _wrap_row_again(connection: Connection, row: Row[tuple[()]], installation: Seal, following: Seal) -> None:
    values: dict[str, object] = {}
    if row.key_wrapped is not None:
        number = row.key_number + 1
        values = {"key_wrapped": following.wrap(_unwrap(installation, row), about=_bind(row.organisation, number))}
        values["key_number"] = number
    elif row.words is not None:
        about = _bind(row.organisation, 0)
        values = {"words": following.seal(installation.open(row.words, about=about), about=about)}
    if values:
        connection.execute(update(register).where(_OWN.organisation == row.organisation).values(values))


def _read_row(engine: Engine, organisation: str) -> Row[tuple[()]] | None:
    with open_reader(engine) as connection:
        return connection.execute(select(register).where(_OWN.organisation == organisation)).first()


def _unwrap(installation: Seal, row: Row[tuple[()]]) -> bytes:
    try:
        return installation.unwrap(row.key_wrapped, about=_bind(row.organisation, row.key_number))
    except FatalError:
        raise FatalError("incident.key.other") from None


def _bind(organisation: str, number: int) -> bytes:
    return f"{organisation}|{number}".encode()
