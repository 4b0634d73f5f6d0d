"""The audit trail: who opened, discarded or decided what, and why, in a chain that shows any changed entry.

h(n) = HMAC(k, h(n-1) ‖ entry(n)). The entry holds the digest of its sealed words, not the words. A chain alone does not
show that its end was cut off: heads (`number:mac`) are kept elsewhere, and `verify_chain` is handed them.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import field
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from passerelle.stores import schema
from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.instants import to_microseconds
from passerelle.stores.seal import find_place
from passerelle.stores.tenancy import lock_within
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from passerelle.stores.seal import Seal

_HEAD = re.compile(r"(?<![\w:.+-])(?:(\d{1,18}):([0-9a-f]{64})|0:)(?![0-9a-f])")
"""A head as it is printed; it may stand in a line with a date, or in a sentence."""
_BETWEEN = re.compile(r"[\s,;()\[\]«»\"']+|[.:!?](?=\s|$)")
"""What stands between the words of a sentence; no reference as converters write it holds a space."""
_AUDIT = schema.audit.c
_APPEND_LOCK = 7_061_738
"""Number of the advisory lock under which PostgreSQL appends: entries have no gaps."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry: who did what, to what, when, why and for which purpose. All that is said of it is sealed at rest."""

    entry: int
    at: datetime
    action: str
    subject: str = field(repr=False)
    why: str = field(repr=False)
    who: str = field(repr=False)
    purpose: str = ""
    """Of a flow, or of a statement; empty where an act has none."""

    def list_words(self) -> frozenset[str]:
        """Return the words of which references may be some: of one entry several persons can be the subject."""
        return frozenset(_BETWEEN.split(f"{self.subject} {self.why}"))


def append_entry(connection: Connection, seal: Seal, entry: AuditEntry) -> None:
    """Append an entry and number it, in the caller's transaction."""
    # two writers that read the same last entry would fork the chain
    lock_within(connection, _APPEND_LOCK)
    number, before = _read_last(connection)
    number += 1
    plain = json.dumps([entry.subject, entry.why, entry.who, entry.purpose]).encode()
    words = seal.seal(plain, about=_bind_entry(number))
    mac = _compute_link(seal, before, number, entry.at, entry.action, _digest_words(words))
    values = {"entry": number, "at": entry.at, "action": entry.action, "words": words, "mac": mac}
    connection.execute(insert(schema.audit), values)


def read_head(connection: Connection) -> str:
    """Return the end of the chain as `number:mac`, to be kept elsewhere."""
    number, mac = _read_last(connection)
    return f"{number}:{mac.hex()}"


def find_heads(text: str) -> dict[int, str]:
    """Return the heads that stand in a text, by number of the entry; the one of an empty trail is 0 and empty."""
    return {int(match[1] or 0): match[2] or "" for match in _HEAD.finditer(text)}


def verify_chain(connection: Connection, seal: Seal, anchor: str = "") -> int:
    """Verify the chain, and that it contains every head in the text `anchor`; return its length.

    Raises FatalError: `incident.audit.broken` with the number of the first entry that does not match,
    `incident.audit.truncated` when entries that a head has seen are gone.
    """
    heads = find_heads(anchor)
    before, count = b"", 0
    for count, row in enumerate(connection.execute(select(schema.audit).order_by(_AUDIT.entry)), 1):
        mac = _compute_link(seal, before, count, row.at, row.action, row.digest or _digest_words(row.words))
        # whoever has the key can write another chain, but not one that ends in the same head
        if row.entry != count or row.mac != mac or heads.get(count, mac.hex()) != mac.hex():
            raise FatalError("incident.audit.broken", entry=str(count))
        before = mac
    if heads and max(heads) > count:
        raise FatalError("incident.audit.truncated", count=str(count), anchored=str(max(heads)))
    return count


def list_entries(connection: Connection, seal: Seal) -> tuple[AuditEntry, ...]:
    """Return all entries, oldest first, opened."""
    return tuple(
        AuditEntry(row.entry, row.at, row.action, *_open_words(seal, row.entry, row.words))
        for row in connection.execute(select(schema.audit).order_by(_AUDIT.entry))
    )


def list_latest(connection: Connection, seal: Seal, before: int, limit: int) -> tuple[AuditEntry, ...]:
    """Return so many entries before a number, the latest first, opened; from the end when it is 0."""
    wanted = select(schema.audit).order_by(_AUDIT.entry.desc()).limit(limit)
    if before:
        wanted = wanted.where(_AUDIT.entry < before)
    return tuple(
        AuditEntry(row.entry, row.at, row.action, *_open_words(seal, row.entry, row.words))
        for row in connection.execute(wanted)
    )


def erase_words(connection: Connection, entries: Iterable[int]) -> list[bytes]:
    """Erase the words of entries, in the caller's transaction, and return their envelopes; the chain goes on to hold.

    That something was done, what and when, stays: that it happened is accounted for, whom it was about is not kept.
    """
    erased = []
    for number in entries:
        row = connection.execute(select(schema.audit).where(_AUDIT.entry == number)).one()
        if row.words:
            erased.append(row.words)
            digest = row.digest or _digest_words(row.words)
            connection.execute(update(schema.audit).where(_AUDIT.entry == number).values(words=b"", digest=digest))
    return erased


def seal_words_again(connection: Connection, seal: Seal) -> int:
    """Seal the words that hold their own key anew, in the caller's transaction, and return how many these were."""
    count = 0
    for row in connection.execute(select(schema.audit)).all():
        if row.words and find_place(row.words) is None:
            about = _bind_entry(row.entry)
            values = {"words": seal.seal(seal.open(row.words, about=about), about=about)}
            digest = row.digest or _digest_words(row.words)
            connection.execute(update(schema.audit).where(_AUDIT.entry == row.entry).values(**values, digest=digest))
            count += 1
    return count


def _read_last(connection: Connection) -> tuple[int, bytes]:
    row = connection.execute(select(_AUDIT.entry, _AUDIT.mac).order_by(_AUDIT.entry.desc()).limit(1)).first()
    return (row.entry, row.mac) if row else (0, b"")


def _compute_link(seal: Seal, before: bytes, number: int, at: datetime, action: str, digest: bytes) -> bytes:
    # The digest, not the words: the chain can be verified without opening any of them, and after they were erased.
    entry = json.dumps([number, to_microseconds(at), action, digest.hex()])
    return seal.compute_mac("audit", before + entry.encode())


def _digest_words(words: bytes) -> bytes:
    return hashlib.sha256(words).digest()


def _open_words(seal: Seal, number: int, words: bytes) -> tuple[str, ...]:
    """Return subject, why, who and purpose of an entry; empty texts once they were erased."""
    if not words:
        return "", "", ""
    try:
        # an entry of an earlier version has no purpose
        return tuple(json.loads(seal.open(words, about=_bind_entry(number))))
    except FatalError as error:
        # erased since this copy of the state was made
        if error.code != "incident.seal.destroyed":
            raise
        return "", "", ""


def _bind_entry(number: int) -> bytes:
    return f"audit/{number}".encode()


class TrailBook:
    """The part of the journal that keeps the audit trail. Every method is one transaction."""

    _engine: Engine
    _seal: Seal

    def append_audit(self, action: str, subject: str, why: str, now: datetime, who: str, purpose: str = "") -> None:
        """Append an entry to the audit trail. `action` is a word of our own; the rest is sealed."""
        with open_writer(self._engine) as connection:
            append_entry(connection, self._seal, AuditEntry(0, now, action, subject, why, who, purpose))

    def list_audit_entries(self) -> tuple[AuditEntry, ...]:
        """List the entries of the audit trail, oldest first."""
        with open_reader(self._engine) as connection:
            return list_entries(connection, self._seal)

    def list_latest_entries(self, *, before: int = 0, limit: int) -> tuple[AuditEntry, ...]:
        """List the latest entries of the audit trail, those before a number when it is given, the latest first."""
        with open_reader(self._engine) as connection:
            return list_latest(connection, self._seal, before, limit)

    def get_audit_head(self) -> str:
        """Return the end of the audit trail, to be kept elsewhere and verified later."""
        with open_reader(self._engine) as connection:
            return read_head(connection)

    def verify_audit(self, anchor: str = "") -> int:
        """Verify the audit trail, and that it still contains the heads in `anchor`; return its length.

        Raises FatalError `incident.audit.broken` or `incident.audit.truncated`.
        """
        with open_reader(self._engine) as connection:
            return verify_chain(connection, self._seal, anchor)
