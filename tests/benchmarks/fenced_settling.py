"""What the rules of a shared journal cost: the same batches settled without policies, with them, and under a fence.

python fenced_settling.py [--batches 40] [--times 7]

On PostgreSQL, three organisations that settle alike and by turns; that of the first ratio stands in a database whose
policies are switched off. Wall time, for most of the work is the server's; the medians of several rounds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text

sys.path.insert(0, str(Path(__file__).parents[1]))

from fleets import RestartedServer

from passerelle.stores.database import open_database
from passerelle.stores.journal import Journal
from passerelle.stores.organisation_schema import metadata
from passerelle.stores.quarantine import Quarantine
from passerelle.stores.seal import Seal
from passerelle.stores.settlement import DeliveredRecords, QuarantineItem, Settlement
from passerelle.stores.turns import Turns
from passerelle.vocabulary.outcomes import Balance, Fate, SetAside
from passerelle.vocabulary.parcels import BatchKey, Parcel
from passerelle.vocabulary.place import Place
from passerelle.vocabulary.turns import FlowKey

if TYPE_CHECKING:
    from sqlalchemy import Engine

LIMIT = 1.1
_NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
_FLOW = "visites"
_RECORDS, _ASIDE = 2_000, 20


class Settling:
    """One organisation that settles batches, each of new records and some that are set aside."""

    def __init__(self, engine: Engine, organisation: str, *, is_fenced: bool) -> None:
        self._engine, self._organisation = engine, organisation
        seal = Seal(organisation.encode().ljust(32, b"."))
        self._journal = Journal(engine, seal)
        Quarantine(engine, seal)
        self._is_fenced, self._rounds = is_fenced, 0

    def settle(self, batches: int) -> float:
        """Settle so many batches of a new parcel, and return the seconds that it took."""
        key = f"{self._rounds:064x}"
        self._rounds += 1
        self._journal.register(Parcel(key, _FLOW, 1, _NOW, "", 1, 1))
        run = self._journal.begin_run([_FLOW], _NOW)
        made = [self._make(key, number, run) for number in range(batches)]
        fence = Turns(self._engine, "bench").take(FlowKey(self._organisation, _FLOW)) if self._is_fenced else None
        with self._journal.hold_fence(fence) if fence else nullcontext():
            begun = time.perf_counter()
            for settlement in made:
                self._journal.settle(settlement)
            taken = time.perf_counter() - begun
        if self._is_fenced:
            if fence is None:
                raise ValueError("the turn was not free")
            self._forget_turn()
        return taken

    def _forget_turn(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(text("DELETE FROM turn"))

    def _make(self, key: str, number: int, run: int) -> Settlement:
        start = (self._rounds * 1_000 + number) * _RECORDS
        keys = b"".join((start + nth).to_bytes(16, "big") for nth in range(_RECORDS))
        known = DeliveredRecords("visit/1", keys, keys, (1,) * _RECORDS, ())
        aside = SetAside(Fate.REJECTED, "validate.field.missing", Place(1, column="Statut"), contract="visit/1")
        items = tuple(QuarantineItem(aside, b"{}", _NOW + timedelta(days=90)) for _ in range(_ASIDE))
        books = Balance(_RECORDS + _ASIDE, {Fate.DELIVERED: _RECORDS, Fate.REJECTED: _ASIDE})
        batch = BatchKey(key, number)
        return Settlement(_FLOW, run, batch, books, _NOW, quarantined=items, delivered=(known,))


def measure(server: RestartedServer, batches: int, times: int) -> dict[str, float]:
    """Return the ratios of policies to none, and of a fence with policies to policies alone and to neither."""
    server.make_database().dispose()
    bare_url = server.url.replace("/passerelle?", "/sans_regles?")
    everything = server.open_everything()
    with everything.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS sans_regles WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE sans_regles OWNER passerelle"))
    everything.dispose()
    bare = open_database(bare_url, "a")
    _switch_policies_off(server)
    ruled, fenced = (open_database(server.url, name) for name in ("b", "c"))
    forms = {
        "bare": Settling(bare, "a", is_fenced=False),
        "ruled": Settling(ruled, "b", is_fenced=False),
        "fenced": Settling(fenced, "c", is_fenced=True),
    }
    found: dict[str, list[float]] = {name: [] for name in forms}
    for turn in range(times + 1):
        for name, form in forms.items():
            taken = form.settle(batches)
            if turn:  # in the first round statements are compiled, and files of the server made
                found[name].append(taken)
    for engine in (bare, ruled, fenced):
        engine.dispose()
    middle = {name: statistics.median(taken) for name, taken in found.items()}
    return {
        "policies / none": middle["ruled"] / middle["bare"],
        "fence / none, both with policies": middle["fenced"] / middle["ruled"],
        "fence and policies / neither": middle["fenced"] / middle["bare"],
    }


def _switch_policies_off(server: RestartedServer) -> None:
    owner = create_engine(f"postgresql+psycopg://postgres@/sans_regles?host={server.folder}")
    with owner.begin() as connection:
        for name in metadata.tables:
            connection.execute(text(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"))
    owner.dispose()


def main() -> None:
    """Write the ratios."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--batches", type=int, default=40)
    options.add_argument("--times", type=int, default=7)
    asked = options.parse_args()
    with RestartedServer.start() as server:
        for name, ratio in measure(server, asked.batches, asked.times).items():
            print(f"settle, {name}: {ratio:.2f} (limit {LIMIT})")  # noqa: T201  its answer


if __name__ == "__main__":
    main()
