"""Sessions of accounts that outlast a restart: the digest of a token, whose it is, since when, last seen when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.workbench_schema import web_session
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

_SESSION = web_session.c


@dataclass(frozen=True, slots=True)
class KeptSession:
    """What is kept of a session; what it was trusted with is not."""

    account: int
    began: datetime
    seen: datetime


class WebSessionBook:
    """The part of the journal about sessions of accounts. Every method is one transaction."""

    _engine: Engine

    def keep_session(self, digest: str, account: int, now: datetime, *, oldest: datetime) -> None:
        """Keep a session that begins; those that began before `oldest` are gone with it."""
        values = {"digest": digest, "account_id": account, "began": now, "seen": now}
        with open_writer(self._engine) as connection:
            connection.execute(delete(web_session).where(_SESSION.began < oldest))
            connection.execute(insert(web_session).values(values))

    def find_kept_session(self, digest: str) -> KeptSession | None:
        """Return a session by the digest of its token; None for one that ended, or never was."""
        with open_reader(self._engine) as connection:
            row = connection.execute(select(web_session).where(_SESSION.digest == digest)).first()
        return KeptSession(row.account_id, row.began, row.seen) if row else None

    def note_session(self, digest: str, seen: datetime) -> bool:
        """Note when a session was seen last; false when it ended elsewhere, as those of an account begun anew."""
        with open_writer(self._engine) as connection:
            changed = connection.execute(update(web_session).where(_SESSION.digest == digest).values(seen=seen))
            return changed.rowcount > 0

    def drop_session(self, digest: str) -> None:
        """Forget a session."""
        with open_writer(self._engine) as connection:
            connection.execute(delete(web_session).where(_SESSION.digest == digest))
