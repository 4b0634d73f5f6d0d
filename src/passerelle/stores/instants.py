"""Moments as the tables keep them: microseconds since 1970 UTC, the same on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000
"""Microseconds of a day."""


class InstantType(TypeDecorator[datetime]):
    """A moment, stored as microseconds since 1970 UTC: it sorts and adds up the same on both engines."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return microseconds. Raises TypeError for a naive time: its meaning depends on the machine."""
        del dialect
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the moment, aware, UTC."""
        del dialect
        return None if value is None else from_microseconds(value)


def to_microseconds(value: datetime) -> int:
    """Return microseconds since 1970 UTC. Raises TypeError for a naive time."""
    return (value - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """Return the moment, aware, UTC."""
    return _EPOCH + value * _MICROSECOND
