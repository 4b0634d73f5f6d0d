"""Passkeys: the public half of keys that never leave a device. Names and numbers of them are sealed."""

from __future__ import annotations

import base64
from dataclasses import field
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from passerelle.stores.database import insert_into, open_reader, open_writer
from passerelle.stores.sign_in_schema import passkey
from passerelle.stores.sole_writer import WriterLock, open_sole_writer
from passerelle.stores.trail import append_entry
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine, Row, Select

    from passerelle.stores.seal import Seal
    from passerelle.stores.trail import AuditEntry

_PASSKEY = passkey.c
MOST = 20
"""Passkeys of one account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey of an account."""

    id: int = 0
    account: int
    credential: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    name: str = field(repr=False)
    handle: bytes = field(repr=False)
    """What the device knows the account by."""
    sign_count: int
    may_be_copied: bool
    is_copied: bool
    made_at: datetime
    used_at: datetime | None = None


class PasskeyBook:
    """The part of the journal about passkeys. Every method is one transaction."""

    _engine: Engine
    _seal: Seal

    def list_passkeys(self, number: int) -> tuple[Passkey, ...]:
        """Return the passkeys of an account, in the order in which they were added."""
        return self._read(select(passkey).where(_PASSKEY.account_id == number).order_by(_PASSKEY.id))

    def find_passkey(self, credential: bytes) -> Passkey | None:
        """Return the passkey that a device names; None when it is nobody's."""
        found = self._read(select(passkey).where(_PASSKEY.credential == _encode(credential)))
        return found[0] if found else None

    def keep_passkey(self, one: Passkey, act: AuditEntry) -> bool:
        """Add a passkey to an account; false when somebody has it, or the account has too many."""
        values = {
            "account_id": one.account,
            "credential": _encode(one.credential),
            "public_key": _encode(one.public_key),
            "name": one.name,
            "handle": _encode(one.handle),
            "sign_count": one.sign_count,
            "may_be_copied": one.may_be_copied,
            "is_copied": one.is_copied,
            "made_at": one.made_at,
        }
        counted = select(func.count()).where(_PASSKEY.account_id == one.account)
        with open_sole_writer(self._engine, WriterLock.ACCOUNTS) as connection:
            if connection.execute(counted).scalar_one() >= MOST:
                return False
            kept = insert_into(connection, passkey).values(values)
            added = kept.on_conflict_do_nothing(index_elements=["credential"]).returning(_PASSKEY.id)
            if connection.execute(added).first() is None:
                return False
            append_entry(connection, self._seal, act)
            return True

    def use_passkey(self, one: Passkey, *, sign_count: int, is_copied: bool, now: datetime) -> bool:
        """Note that a passkey was used; false when it was meanwhile, or is gone: what it showed serves once."""
        wanted = update(passkey).where(_PASSKEY.id == one.id, _PASSKEY.sign_count == one.sign_count)
        with open_writer(self._engine) as connection:
            changed = connection.execute(wanted.values(sign_count=sign_count, is_copied=is_copied, used_at=now))
            return changed.rowcount > 0

    def drop_passkey(self, account: int, number: int, act: AuditEntry) -> bool:
        """Remove a passkey of an account; false when it has none of this number."""
        wanted = delete(passkey).where(_PASSKEY.id == number, _PASSKEY.account_id == account)
        with open_writer(self._engine) as connection:
            if not connection.execute(wanted).rowcount:
                return False
            append_entry(connection, self._seal, act)
            return True

    def _read(self, wanted: Select[tuple[object, ...]]) -> tuple[Passkey, ...]:
        with open_reader(self._engine) as connection:
            return tuple(map(_describe, connection.execute(wanted).all()))


def _describe(row: Row[tuple[object, ...]]) -> Passkey:
    return Passkey(
        id=row.id,
        account=row.account_id,
        credential=_decode(row.credential),
        public_key=_decode(row.public_key),
        name=row.name,
        handle=_decode(row.handle),
        sign_count=row.sign_count,
        may_be_copied=row.may_be_copied,
        is_copied=row.is_copied,
        made_at=row.made_at,
        used_at=row.used_at,
    )


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text)
