"""What people were told: faults that last, and the messages that tell their begin and their end.

A fault is told in one message and its end in another, whatever happens in between: what is found, the faults that are
marked as told, and the message itself are written in one transaction. A message stays until every channel has taken
it. Sending cannot be part of a transaction: what was sent when the process died is sent again under the same number.
"""

from __future__ import annotations

import json
from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from passerelle.stores import schema
from passerelle.stores.database import insert_into, open_reader, open_writer
from passerelle.stores.instants import from_microseconds, to_microseconds
from passerelle.stores.sole_writer import WriterLock, open_sole_writer
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

_INCIDENT = schema.alert.c
_MESSAGE = schema.alert_message.c
_SENDING = schema.incident_sending.c


@dataclass(frozen=True, slots=True)
class Incident:
    """A fault of a flow, or of the installation when it names none. `details` fill the sentence of its code."""

    flow: str
    code: str
    since: datetime
    details: Mapping[str, str] = field(default_factory=dict)
    wait: timedelta = timedelta()
    """How long it must last before somebody is told."""
    lasts: bool = False
    """Whether its end was not looked at: it is kept as it is, and not begun anew."""

    @property
    def key(self) -> tuple[str, str]:
        """Return what names it: one of each code for a flow."""
        return self.flow, self.code


@dataclass(frozen=True, slots=True)
class IncidentMessage:
    """A message: what began and what is over, and the channels that have not taken it yet."""

    number: int
    made_at: datetime
    begun: tuple[Incident, ...]
    over: tuple[Incident, ...]
    channels: tuple[str, ...]


class IncidentBook:
    """The part of the journal that keeps what people were told. Every method is one transaction."""

    _engine: Engine

    def list_incidents(self) -> tuple[Incident, ...]:
        """List the faults that last, told or not."""
        with open_reader(self._engine) as connection:
            return tuple(_to_incident(row) for row in _read_incidents(connection))

    def note_told(self, alert: Incident) -> None:
        """Note a fault that was told while the journal could not be opened: its end is told from here."""
        row = {"flow": alert.flow, "code": alert.code, "since": alert.since, "told_at": alert.since}
        with open_writer(self._engine) as connection:
            told = insert_into(connection, schema.alert).values({**row, "details": _write_details(alert.details)})
            connection.execute(told.on_conflict_do_nothing())

    def compare_incidents(self, found: Sequence[Incident], channels: Sequence[str], now: datetime) -> int:
        """Compare what is found with what was told, and write the message about the difference.

        Returns the number of the message, 0 when there is nothing to tell.
        """
        with open_sole_writer(self._engine, WriterLock.INCIDENTS) as connection:
            before = {(row.flow, row.code): row for row in _read_incidents(connection)}
            wanted = {alert.key: alert for alert in found}
            begun = []
            for key, alert in wanted.items():
                row = before.get(key)
                since = row.since if row is not None else alert.since
                is_due = not alert.lasts and now - since >= alert.wait
                is_told = row is not None and row.told_at is not None
                if is_due and not is_told:
                    begun.append(Incident(alert.flow, alert.code, since, alert.details))
                _keep_incident(connection, alert, since, now if is_due and not is_told else None)
            gone = [row for key, row in before.items() if key not in wanted]
            for row in gone:
                connection.execute(delete(schema.alert).where(_INCIDENT.flow == row.flow, _INCIDENT.code == row.code))
            # what nobody was told of is over without a word
            over = [_to_incident(row) for row in gone if row.told_at is not None]
            return _write_message(connection, begun, over, channels, now) if begun or over else 0

    def list_unsent(self) -> tuple[IncidentMessage, ...]:
        """List the messages that some channel has not taken, the oldest first."""
        with open_reader(self._engine) as connection:
            pending: dict[int, list[str]] = {}
            for row in connection.execute(select(schema.incident_sending).order_by(_SENDING.channel)):
                pending.setdefault(row.message_id, []).append(row.channel)
            messages = connection.execute(select(schema.alert_message).order_by(_MESSAGE.id)).all()
        return tuple(_to_message(row, pending[row.id]) for row in messages if row.id in pending)

    def mark_sent(self, number: int, channel: str) -> None:
        """Note that a channel has taken a message; one that all have taken is forgotten."""
        with open_sole_writer(self._engine, WriterLock.INCIDENTS) as connection:
            connection.execute(
                delete(schema.incident_sending).where(_SENDING.message_id == number, _SENDING.channel == channel)
            )
            left = connection.execute(select(_SENDING.channel).where(_SENDING.message_id == number).limit(1)).first()
            if left is None:
                connection.execute(delete(schema.alert_message).where(_MESSAGE.id == number))

    def drop_channels(self, channels: Sequence[str]) -> None:
        """Forget what was to be sent over channels that the settings no longer have."""
        with open_writer(self._engine) as connection:
            connection.execute(delete(schema.incident_sending).where(_SENDING.channel.not_in(list(channels))))


def _read_incidents(connection: Connection) -> Sequence[Any]:
    return connection.execute(select(schema.alert).order_by(_INCIDENT.since, _INCIDENT.flow, _INCIDENT.code)).all()


def _keep_incident(connection: Connection, alert: Incident, since: datetime, told_at: datetime | None) -> None:
    """Write a fault with its latest facts; one that was told stays told."""
    fresh: dict[str, Any] = {"details": _write_details(alert.details)}
    fresh |= {"told_at": told_at} if told_at is not None else {}
    values = {"flow": alert.flow, "code": alert.code, "since": since, "told_at": told_at}
    kept = insert_into(connection, schema.alert).values({**values, **fresh})
    connection.execute(kept.on_conflict_do_update(index_elements=["flow", "code"], set_=fresh))


def _write_message(
    connection: Connection, begun: Sequence[Incident], over: Sequence[Incident], channels: Sequence[str], now: datetime
) -> int:
    facts = {"begun": [_to_content(alert) for alert in begun], "over": [_to_content(alert) for alert in over]}
    row = {"made_at": now, "facts": json.dumps(facts, ensure_ascii=False)}
    number = int(connection.execute(insert(schema.alert_message).values(row).returning(_MESSAGE.id)).scalar_one())
    for channel in channels:
        connection.execute(insert(schema.incident_sending).values(message_id=number, channel=channel))
    return number


def _to_content(alert: Incident) -> dict[str, Any]:
    since = to_microseconds(alert.since)
    return {"flow": alert.flow, "code": alert.code, "since": since, "details": dict(alert.details)}


def _read_content(content: Mapping[str, Any]) -> Incident:
    since = from_microseconds(content["since"])
    return Incident(content["flow"], content["code"], since, content["details"])


def _to_message(row: Any, channels: Sequence[str]) -> IncidentMessage:
    facts = json.loads(row.facts)
    begun, over = (tuple(map(_read_content, facts[part])) for part in ("begun", "over"))
    return IncidentMessage(row.id, row.made_at, begun, over, tuple(channels))


def _to_incident(row: Any) -> Incident:
    return Incident(row.flow, row.code, row.since, json.loads(row.details or "{}"))


def _write_details(details: Mapping[str, str]) -> str:
    return json.dumps(dict(details), ensure_ascii=False, sort_keys=True)
