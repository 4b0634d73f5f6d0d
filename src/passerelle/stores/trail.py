"""The audit trail: who opened, discarded or decided what, and why, in a chain that shows any changed entry.

h(n) = HMAC(k, h(n-1) ‖ entry(n)). The entry holds the digest of its sealed words, not the words. A chain alone does not
show that its end was cut off: keep the result of `read_head` elsewhere and pass it to `verify_chain`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, text

from passerelle.stores import schema
from passerelle.stores.database import open_reader, open_writer
from passerelle.vocabulary.errors import FatalError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from passerelle.stores.seal import Seal

_AUDIT = schema.audit.c
_APPEND_LOCK = 7_061_738
"""Number of the advisory lock under which PostgreSQL appends: entries have no gaps."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry: who did what, to what, when and why. Subject, why and who are sealed at rest."""

    entry: int
    at: datetime
    action: str
    subject: str = field(repr=False)
    why: str = field(repr=False)
    who: str = field(repr=False)


def append_entry(connection: Connection, seal: Seal, entry: AuditEntry) -> None:
    """Append an entry and number it, in the caller's transaction."""
    # Two writers that read the same last entry would fork the chain. On SQLite the write lock is held already.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _APPEND_LOCK})
    number, before = _read_last(connection)
    number += 1
    plain = json.dumps([entry.subject, entry.why, entry.who]).encode()
    words = seal.seal(plain, about=_bind_entry(number))
    mac = _compute_link(seal, before, number, entry.at, entry.action, words)
    values = {"entry": number, "at": entry.at, "action": entry.action, "words": words, "mac": mac}
    connection.execute(insert(schema.audit), values)


def read_head(connection: Connection) -> str:
    """Return the end of the chain as `number:mac`, to be kept elsewhere."""
    number, mac = _read_last(connection)
    return f"{number}:{mac.hex()}"


def verify_chain(connection: Connection, seal: Seal, anchor: str = "") -> int:
    """Verify the chain, and that it still contains `anchor` (an earlier `read_head`); return its length.

    Raises FatalError `incident.audit.broken` with the number of the first entry that does not match.
    """
    before, count = b"", 0
    # An anchor taken of the empty trail is in every trail.
    anchored = not anchor or anchor == f"0:{before.hex()}"
    for count, row in enumerate(connection.execute(select(schema.audit).order_by(_AUDIT.entry)), 1):
        mac = _compute_link(seal, before, count, row.at, row.action, row.words)
        if row.entry != count or row.mac != mac:
            raise FatalError("incident.audit.broken", entry=str(count))
        before = mac
        anchored = anchored or anchor == f"{count}:{mac.hex()}"
    if not anchored:
        raise FatalError("incident.audit.broken", entry=anchor.partition(":")[0])
    return count


def list_entries(connection: Connection, seal: Seal) -> tuple[AuditEntry, ...]:
    """Return all entries, oldest first, opened."""
    return tuple(
        AuditEntry(row.entry, row.at, row.action, *json.loads(seal.open(row.words, about=_bind_entry(row.entry))))
        for row in connection.execute(select(schema.audit).order_by(_AUDIT.entry))
    )


def _read_last(connection: Connection) -> tuple[int, bytes]:
    row = connection.execute(select(_AUDIT.entry, _AUDIT.mac).order_by(_AUDIT.entry.desc()).limit(1)).first()
    return (row.entry, row.mac) if row else (0, b"")


def _compute_link(seal: Seal, before: bytes, number: int, at: datetime, action: str, words: bytes) -> bytes:
    # The digest, not the words: the chain can be verified without opening any of them.
    entry = json.dumps([number, schema.to_microseconds(at), action, hashlib.sha256(words).hexdigest()])
    return seal.compute_mac("audit", before + entry.encode())


def _bind_entry(number: int) -> bytes:
    return f"audit/{number}".encode()


class TrailBook:
    """The part of the journal that keeps the audit trail. Every method is one transaction."""

    _engine: Engine
    _seal: Seal

    def append_audit(self, action: str, subject: str, why: str, now: datetime, who: str) -> None:
        """Append an entry to the audit trail. `action` is a word of our own; subject, why and who are sealed."""
        with open_writer(self._engine) as connection:
            append_entry(connection, self._seal, AuditEntry(0, now, action, subject, why, who))

    def list_audit_entries(self) -> tuple[AuditEntry, ...]:
        """List the entries of the audit trail, oldest first."""
        with open_reader(self._engine) as connection:
            return list_entries(connection, self._seal)

    def get_audit_head(self) -> str:
        """Return the end of the audit trail, to be kept elsewhere and verified later."""
        with open_reader(self._engine) as connection:
            return read_head(connection)

    def verify_audit(self, anchor: str = "") -> int:
        """Verify the audit trail, and that it still contains `anchor`; return its length.

        Raises FatalError `incident.audit.broken`.
        """
        with open_reader(self._engine) as connection:
            return verify_chain(connection, self._seal, anchor)
