"""What is no longer needed goes, when the settings say so and not before."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from old_software import PLUGINS, settle_in

from passerelle.engine.assembly import open_workspace
from passerelle.engine.housekeeping import tidy
from passerelle.engine.settings import load_settings
from passerelle.vocabulary.parcels import Parcel

CLOSED = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Stopped:
    """A clock that stands still."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.mark.parametrize(("settings", "days"), [("", 30), ("received_days = 400\n", 400)])
def test_what_was_received_is_kept_as_long_as_the_settings_say(tmp_path, settings, days):
    path = settle_in(tmp_path, f'[passerelle]\nstate = "etat"\n{settings}')
    with open_workspace(load_settings(path), plugins=PLUGINS) as house:
        deposit = house.depot.put(io.BytesIO(b"a;b\n"), name="export.csv")
        house.journal.register(Parcel(deposit.digest, "visites", deposit.size, CLOSED, "export.csv", 1024, 1))
        house.journal.close_parcel("visites", deposit.digest, 0, CLOSED)
        kept = []
        for later in (days, days + 1):
            tidy(replace(house, clock=Stopped(CLOSED + timedelta(days=later))))
            kept.append(house.depot.has(deposit.digest))
    assert kept == [True, False]
