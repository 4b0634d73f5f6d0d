"""What clients handed in: by receipt, with the key that makes a repetition the same, and the parcel that it became.

A key is first seen, repeated with the same body (the same receipt), repeated with another body, repeated while the
first is under way, or so old that it counts as new: what Stripe's API says of it, whose header it is.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from passerelle.stores.api_schema import handing
from passerelle.stores.database import open_reader, open_writer
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

KEY_TIME = timedelta(days=1)
"""How long a key stands for what was sent with it."""
RECEIPT_TIME = timedelta(days=30)
_UNDER_WAY = timedelta(minutes=2)
"""After which a handing in that did not end was cut off, and the same key begins anew."""
_HANDING = handing.c


class KeyState(Enum):
    """What a key is when it comes."""

    FIRST = "first"
    REPEATED = "repeated"
    OTHER = "other"
    RUNNING = "running"


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

    def begin_handing(  # noqa: PLR0913  whose, under which key, what and when
        self, token: int, *, key: bytes, body: bytes, receipt: str, flow: str, contract: str, now: datetime
    ) -> tuple[KeyState, str]:
        """Note that records are being handed in under a key; return what the key is, and its receipt."""
        own = (_HANDING.token_id == token, _HANDING.key == key)
        values = {"receipt": receipt, "token_id": token, "key": key, "body": body, "flow": flow, "parcel": ""}
        with open_writer(self._engine) as connection:
            connection.execute(delete(handing).where(_HANDING.at < now - RECEIPT_TIME))
            # a key that is too old stands for nothing more; its receipt stays
            old = (*own, _HANDING.at < now - KEY_TIME)
            connection.execute(update(handing).where(*old).values(key=_HANDING.receipt_key))
            cut = (*own, _HANDING.parcel == "", _HANDING.at < now - _UNDER_WAY)
            connection.execute(delete(handing).where(*cut))
            found = connection.execute(select(handing).where(*own)).first()
            if found is None:
                row = {**values, "receipt_key": receipt.encode(), "contract": contract, "at": now}
                connection.execute(insert(handing).values(row))
                return KeyState.FIRST, receipt
        if found.body != body:
            return KeyState.OTHER, found.receipt
        return (KeyState.REPEATED if found.parcel else KeyState.RUNNING), found.receipt

    def end_handing(self, receipt: str, parcel: str) -> None:
        """Note which parcel was registered; an empty one takes the handing in back: nothing was registered."""
        own = _HANDING.receipt == receipt
        with open_writer(self._engine) as connection:
            if parcel:
                connection.execute(update(handing).where(own).values(parcel=parcel))
            else:
                connection.execute(delete(handing).where(own))

    def find_handing(self, token: int, receipt: str) -> Handing | None:
        """Return what a token handed in under a receipt; None when it has no such receipt."""
        wanted = select(handing).where(_HANDING.token_id == token, _HANDING.receipt == receipt, _HANDING.parcel != "")
        with open_reader(self._engine) as connection:
            row = connection.execute(wanted).first()
        return None if row is None else Handing(row.receipt, row.flow, row.parcel, row.contract, row.at)
