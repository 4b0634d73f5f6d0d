"""What clients handed in: by receipt, with the key that makes a repetition the same, and the parcel that it became.

A key is first seen, repeated with the same body (the same receipt), repeated with another body, repeated while the
first is under way, or so old that it counts as new: what Stripe's API says of it, whose header it is.
"""

from __future__ import annotations

from dataclasses import field
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from passerelle.stores.api_schema import handing
from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.sole_writer import WriterLock, open_sole_writer
from passerelle.stores.trail import append_entry
from passerelle.stores.writing_schema import written_record
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row

    from passerelle.stores.seal import Seal
    from passerelle.stores.trail import AuditEntry

KEY_TIME = timedelta(days=1)
"""How long a key stands for what was sent with it."""
RECEIPT_TIME = timedelta(days=30)
_UNDER_WAY = timedelta(minutes=2)
"""After which a handing in that did not end was cut off, and the same key begins anew."""
_HANDING, _WRITTEN = handing.c, written_record.c


class KeyState(Enum):
    """What a key is when it comes."""

    FIRST = "first"
    REPEATED = "repeated"
    OTHER = "other"
    RUNNING = "running"
    OVERTAKEN = "overtaken"
    """First seen, while somebody else wrote the same record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHanding:
    """What a client hands in."""

    token: int
    key: bytes
    """The digest of the key."""
    body: bytes
    """The digest of what came with it."""
    receipt: str
    flow: str
    contract: str
    ref_keys: Sequence[bytes] = field(repr=False)
    """The journal's pseudonyms of the references of its records."""
    follows: int | None = None
    """The number of the last write of its one record that its client can know of; None: whatever was written."""


@dataclass(frozen=True, slots=True)
class Handing:
    """Records that were handed in together."""

    receipt: str
    flow: str
    parcel: str
    """The key of the parcel; empty while it is being registered."""
    contract: str
    at: datetime


class HandingBook:
    """The part of the store of the API about what was handed in. Every method is one transaction."""

    _engine: Engine
    _seal: Seal

    def find_key(self, token: int, key: bytes, body: bytes, now: datetime) -> tuple[KeyState, str]:
        """Return what a key is when it comes with a body, and the receipt of what came with it first."""
        own = (_HANDING.token_id == token, _HANDING.key == key, _HANDING.at >= now - KEY_TIME)
        with open_reader(self._engine) as connection:
            found = connection.execute(select(handing).where(*own)).first()
        if found is None or (not found.parcel and found.at < now - _UNDER_WAY):
            return KeyState.FIRST, ""
        return _judge_key(found, body), found.receipt

    def begin_handing(self, new: NewHanding, act: AuditEntry) -> tuple[KeyState, str]:
        """Note that records are being handed in under a key; return what the key is, and its receipt.

        With the first, its entry in the audit trail is written, before anything is registered.
        """
        now, own = act.at, (_HANDING.token_id == new.token, _HANDING.key == new.key)
        with open_sole_writer(self._engine, WriterLock.HANDINGS) as connection:
            connection.execute(delete(handing).where(_HANDING.at < now - RECEIPT_TIME))
            connection.execute(delete(written_record).where(_WRITTEN.at < now - RECEIPT_TIME))
            # a key that is too old stands for nothing more; its receipt stays
            old = (*own, _HANDING.at < now - KEY_TIME)
            connection.execute(update(handing).where(*old).values(key=_HANDING.receipt_key))
            cut = (*own, _HANDING.parcel == "", _HANDING.at < now - _UNDER_WAY)
            connection.execute(delete(handing).where(*cut))
            found = connection.execute(select(handing).where(*own)).first()
            if found is not None:
                return _judge_key(found, new.body), found.receipt
            if new.follows is not None and new.follows != _find_last(connection, new.contract, new.ref_keys[0]):
                return KeyState.OVERTAKEN, ""
            row = {
                "receipt": new.receipt,
                "token_id": new.token,
                "key": new.key,
                "receipt_key": new.receipt.encode(),
                "body": new.body,
                "flow": new.flow,
                "parcel": "",
                "contract": new.contract,
                "at": now,
            }
            connection.execute(insert(handing).values(row))
            written = [
                {"contract": new.contract, "ref_key": key, "receipt": new.receipt, "at": now} for key in new.ref_keys
            ]
            connection.execute(insert(written_record), written)
            append_entry(connection, self._seal, act)
        return KeyState.FIRST, new.receipt

    def end_handing(self, receipt: str, parcel: str) -> None:
        """Note which parcel was registered; an empty one takes the handing in back: nothing was registered."""
        own = _HANDING.receipt == receipt
        with open_writer(self._engine) as connection:
            if parcel:
                connection.execute(update(handing).where(own).values(parcel=parcel))
            else:
                connection.execute(delete(handing).where(own))
                connection.execute(delete(written_record).where(_WRITTEN.receipt == receipt))

    def find_writes(self, contract: str, ref_key: bytes, now: datetime) -> tuple[int, tuple[Handing, ...]]:
        """Return the number of the last write of a record, 0 when there was none, and what it came with, every time.

        What was cut off before it was registered is none.
        """
        joined = written_record.join(handing, _WRITTEN.receipt == _HANDING.receipt)
        is_one = (_HANDING.parcel != "") | (_HANDING.at >= now - _UNDER_WAY)
        wanted = select(handing).select_from(joined).where(_WRITTEN.contract == contract, _WRITTEN.ref_key == ref_key)
        with open_reader(self._engine) as connection:
            last = _find_last(connection, contract, ref_key)
            rows = connection.execute(wanted.where(is_one)).all()
        return last, tuple(_to_handing(row) for row in rows)

    def find_handing(self, token: int, receipt: str) -> Handing | None:
        """Return what a token handed in under a receipt; None when it has no such receipt."""
        wanted = select(handing).where(_HANDING.token_id == token, _HANDING.receipt == receipt, _HANDING.parcel != "")
        with open_reader(self._engine) as connection:
            row = connection.execute(wanted).first()
        return None if row is None else _to_handing(row)


def _find_last(connection: Connection, contract: str, ref_key: bytes) -> int:
    wanted = select(func.max(_WRITTEN.id)).where(_WRITTEN.contract == contract, _WRITTEN.ref_key == ref_key)
    return int(connection.execute(wanted).scalar_one() or 0)


def _judge_key(found: Row[Any], body: bytes) -> KeyState:
    if found.body != body:
        return KeyState.OTHER
    return KeyState.REPEATED if found.parcel else KeyState.RUNNING


def _to_handing(row: Row[Any]) -> Handing:
    return Handing(row.receipt, row.flow, row.parcel, row.contract, row.at)
