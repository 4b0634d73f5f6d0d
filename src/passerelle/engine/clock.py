"""The clock of the machine."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


class SystemClock:
    """The machine's clock, as the `Clock` port wants it."""

    def now(self) -> datetime:
        """Return the present moment, aware, UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait a little."""
        time.sleep(seconds)


def find_local_day(moment: datetime, zone: str = "") -> date:
    """Return the day that a moment is where a supplier works; in France when nothing says where."""
    return moment.astimezone(ZoneInfo(zone or "Europe/Paris")).date()
