"""Subscriptions: each has one position on the shelf, which moves in the transaction that notes that it was taken."""

from __future__ import annotations

import json
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.subscription_schema import subscription, subscription_attempt
from passerelle.stores.trail import append_entry
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Engine, Row

    from passerelle.stores.seal import Seal
    from passerelle.stores.trail import AuditEntry

_SUBSCRIPTION, _ATTEMPT = subscription.c, subscription_attempt.c


class SubscriptionState(StrEnum):
    """Whether a subscription is told of changes."""

    NEW = "new"
    """Its receiver has not shown yet that it wants them."""
    ACTIVE = "active"
    PAUSED = "paused"
    """By somebody, or after too many attempts: `code` says why."""
    ENDED = "ended"
    """Its receiver wants no more, or its token ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionTerms:
    """What a receiver is told, and where."""

    token: int
    url: str = field(repr=False)
    purpose: str
    contracts: tuple[str, ...]
    tells_refs: bool = False
    """Whether events name records as the token reads them; otherwise by a pseudonym of the subscription."""
    allows_private: bool = False
    """Whether the address may be in a private network."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as it is kept."""

    id: int
    terms: SubscriptionTerms
    state: SubscriptionState
    code: str
    secrets: tuple[str, ...] = field(repr=False)
    positions: Mapping[str, str] = field(repr=False)
    """By contract the cursor up to which everything was taken."""
    message: int
    """Number of its next message."""
    failures: int
    """Attempts in a row that were not taken."""
    next_at: datetime | None
    taken_at: datetime | None
    made_at: datetime
    told: int = 0
    """Events that were taken."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to tell a receiver."""

    at: datetime
    message: int
    events: int
    outcome: str
    """A status of HTTP, or a reason code."""
    milliseconds: int


class SubscriptionBook:
    """The part of the store of the API about subscriptions. Every method is one transaction."""

    _engine: Engine
    _seal: Seal

    def add_subscription(self, terms: SubscriptionTerms, secret: str, act: AuditEntry) -> int:
        """Add a subscription that has not begun, with its entry in the audit trail; return its number."""
        values = {
            "token_id": terms.token,
            "url": terms.url,
            "secrets": json.dumps([secret]),
            "purpose": terms.purpose,
            "contracts": " ".join(terms.contracts),
            "tells_refs": terms.tells_refs,
            "allows_private": terms.allows_private,
            "state": SubscriptionState.NEW.value,
            "code": "",
            "positions": "{}",
            "message": 1,
            "failures": 0,
            "made_at": act.at,
        }
        with open_writer(self._engine) as connection:
            number = connection.execute(insert(subscription).values(values).returning(_SUBSCRIPTION.id)).scalar_one()
            append_entry(connection, self._seal, act)
        return int(number)

    def list_subscriptions(self) -> tuple[Subscription, ...]:
        """Return all subscriptions, in the order in which they were made."""
        with open_reader(self._engine) as connection:
            rows = connection.execute(select(subscription).order_by(_SUBSCRIPTION.id)).all()
        return tuple(map(_to_subscription, rows))

    def find_subscription(self, number: int) -> Subscription | None:
        """Return one subscription; None for a number that none has."""
        with open_reader(self._engine) as connection:
            row = connection.execute(select(subscription).where(_SUBSCRIPTION.id == number)).first()
        return _to_subscription(row) if row is not None else None

    def list_due_subscriptions(self, now: datetime) -> tuple[Subscription, ...]:
        """Return the active subscriptions that do not wait, the one that was served longest ago first."""
        is_due = _SUBSCRIPTION.next_at.is_(None) | (_SUBSCRIPTION.next_at <= now)
        wanted = select(subscription).where(_SUBSCRIPTION.state == SubscriptionState.ACTIVE.value, is_due)
        with open_reader(self._engine) as connection:
            order = (_SUBSCRIPTION.taken_at.nulls_first(), _SUBSCRIPTION.id)
            rows = connection.execute(wanted.order_by(*order)).all()
        return tuple(map(_to_subscription, rows))

    def note_attempt(
        self, before: Subscription, attempt: Attempt, *, positions: Mapping[str, str] | None = None, **values: Any
    ) -> bool:
        """Note an attempt, and with it the positions that were taken; false when somebody else came first.

        `before`: the subscription as it was read. What was taken has a new number, so that of two senders only one
        moves the position.
        """
        if positions is not None:
            taken = {"message": before.message + 1, "failures": 0, "next_at": None, "taken_at": attempt.at, "code": ""}
            values = {**taken, "positions": json.dumps(dict(positions), sort_keys=True), **values}
        own = (_SUBSCRIPTION.id == before.id, _SUBSCRIPTION.message == before.message)
        same = (*own, _SUBSCRIPTION.state == before.state.value)
        row = {
            "subscription_id": before.id,
            "at": attempt.at,
            "message": attempt.message,
            "events": attempt.events,
            "outcome": attempt.outcome,
            "milliseconds": attempt.milliseconds,
        }
        with open_writer(self._engine) as connection:
            connection.execute(insert(subscription_attempt).values(row))
            # an attempt alone changes nothing: only what was asked for together with it does
            return not values or connection.execute(update(subscription).where(*same).values(values)).rowcount > 0

    def move_positions(self, before: Subscription, positions: Mapping[str, str]) -> None:
        """Keep positions behind which there is nothing to tell."""
        own = (_SUBSCRIPTION.id == before.id, _SUBSCRIPTION.message == before.message)
        with open_writer(self._engine) as connection:
            kept = {"positions": json.dumps(dict(positions), sort_keys=True)}
            connection.execute(update(subscription).where(*own).values(kept))

    def change_subscription(self, number: int, act: AuditEntry, **values: Any) -> bool:
        """Change a subscription, with an entry in the audit trail; false when there is none that has not ended."""
        if "secrets" in values:
            values["secrets"] = json.dumps(list(values["secrets"]))
        own = (_SUBSCRIPTION.id == number, _SUBSCRIPTION.state != SubscriptionState.ENDED.value)
        with open_writer(self._engine) as connection:
            is_done = connection.execute(update(subscription).where(*own).values(values)).rowcount > 0
            if is_done:
                append_entry(connection, self._seal, act)
        return is_done

    def list_attempts(self, number: int, limit: int = 50) -> tuple[Attempt, ...]:
        """Return the latest attempts of a subscription, the latest first."""
        columns = (_ATTEMPT.at, _ATTEMPT.message, _ATTEMPT.events, _ATTEMPT.outcome, _ATTEMPT.milliseconds)
        wanted = select(*columns).where(_ATTEMPT.subscription_id == number)
        with open_reader(self._engine) as connection:
            rows = connection.execute(wanted.order_by(_ATTEMPT.at.desc(), _ATTEMPT.id.desc()).limit(limit)).all()
        return tuple(Attempt(*row) for row in rows)

    def forget_attempts(self, before: datetime) -> int:
        """Forget the attempts before a moment, and return how many there were."""
        with open_writer(self._engine) as connection:
            return connection.execute(delete(subscription_attempt).where(_ATTEMPT.at < before)).rowcount


def _to_subscription(row: Row[Any]) -> Subscription:
    terms = SubscriptionTerms(
        token=row.token_id,
        url=row.url,
        purpose=row.purpose,
        contracts=tuple(row.contracts.split()),
        tells_refs=row.tells_refs,
        allows_private=row.allows_private,
    )
    return Subscription(
        row.id,
        terms,
        SubscriptionState(row.state),
        row.code,
        tuple(json.loads(row.secrets)),
        json.loads(row.positions),
        row.message,
        row.failures,
        row.next_at,
        row.taken_at,
        row.made_at,
        row.told,
    )
