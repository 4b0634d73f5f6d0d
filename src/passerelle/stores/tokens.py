"""Tokens of the live API. Of the text that its client sends only the digest is kept; names and reasons are sealed."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import field
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from passerelle.stores.api_schema import api_token
from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.trail import append_entry
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine, Row

    from passerelle.stores.seal import Seal
    from passerelle.stores.trail import AuditEntry

_TOKEN = api_token.c


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTerms:
    """What a token allows its client, and why it was made."""

    client: str
    """Who holds it: the recipient under whose name handles are made, and whom people may refuse."""
    contracts: tuple[str, ...]
    purposes: tuple[str, ...]
    recipient: str
    """The kind of recipient that the client is (`RecipientKind`)."""
    may_write: bool = False
    may_bulk: bool = False
    ends_at: datetime
    who: str = field(repr=False)
    """Who made it."""
    why: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as it is kept."""

    id: int
    terms: TokenTerms
    made_at: datetime
    ended_at: datetime | None
    """When somebody ended it before its time."""

    def is_open(self, now: datetime) -> bool:
        """Whether it is taken at a moment."""
        return self.ended_at is None and now < self.terms.ends_at


class TokenBook:
    """The part of the store of the API about tokens. Every method is one transaction."""

    _engine: Engine
    _seal: Seal

    def add_token(self, text: str, terms: TokenTerms, act: AuditEntry) -> int:
        """Add a token and its entry in the audit trail; return its number."""
        values = {
            "digest": digest_token(text),
            "client": terms.client,
            "contracts": " ".join(terms.contracts),
            "purposes": " ".join(terms.purposes),
            "recipient": terms.recipient,
            "may_write": terms.may_write,
            "may_bulk": terms.may_bulk,
            "made_at": act.at,
            "ends_at": terms.ends_at,
            "who": terms.who,
            "why": terms.why,
        }
        with open_writer(self._engine) as connection:
            number = connection.execute(insert(api_token).values(values).returning(_TOKEN.id)).scalar_one()
            append_entry(connection, self._seal, act)
        return int(number)

    def find_token(self, text: str) -> ApiToken | None:
        """Return the token of a text, open or not; None when there is none."""
        digest = digest_token(text)
        with open_reader(self._engine) as connection:
            row = connection.execute(select(api_token).where(_TOKEN.digest == digest)).first()
        # the index found it by its digest, of which a neighbour tells nothing; the last word is of constant time
        return _to_token(row) if row is not None and hmac.compare_digest(row.digest, digest) else None

    def get_token(self, number: int) -> ApiToken | None:
        """Return the token of a number, open or not; None when there is none."""
        with open_reader(self._engine) as connection:
            row = connection.execute(select(api_token).where(_TOKEN.id == number)).first()
        return None if row is None else _to_token(row)

    def list_tokens(self) -> tuple[ApiToken, ...]:
        """Return all tokens, those that ended too, in the order in which they were made."""
        with open_reader(self._engine) as connection:
            rows = connection.execute(select(api_token).order_by(_TOKEN.id)).all()
        return tuple(map(_to_token, rows))

    def end_token(self, number: int, act: AuditEntry) -> bool:
        """End a token before its time; False when there is none of that number that is open."""
        wanted = update(api_token).where(_TOKEN.id == number, _TOKEN.ended_at.is_(None), _TOKEN.ends_at > act.at)
        with open_writer(self._engine) as connection:
            is_done = connection.execute(wanted.values(ended_at=act.at)).rowcount > 0
            if is_done:
                append_entry(connection, self._seal, act)
        return is_done


def digest_token(text: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _to_token(row: Row[Any]) -> ApiToken:
    terms = TokenTerms(
        client=row.client,
        contracts=tuple(row.contracts.split()),
        purposes=tuple(row.purposes.split()),
        recipient=row.recipient,
        may_write=row.may_write,
        may_bulk=row.may_bulk,
        ends_at=row.ends_at,
        who=row.who,
        why=row.why,
    )
    return ApiToken(row.id, terms, row.made_at, row.ended_at)
