"""Pages of the workbench: with a thousand and a million waiting records, and for twenty people at a time.

Waiting records are copies of one that a run set aside, put into the tables directly. Both counts are measured by turns
in one run: read the ratio first, for another program on the machine slows both.
"""

from __future__ import annotations

import logging
import statistics
import sys
import threading
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parents[1]))

from workbench_room import FLOW, WRONG, open_bench

from passerelle.faces.web.rights import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine
    from workbench_room import Bench

FEW, MANY = 1_000, 1_000_000
PEOPLE, LOOKS = 20, 10
PAGES = ("/quarantaine", "/quarantaine/causes/{cause}", "/quarantaine/causes/{cause}/lignes", "/")
_COPIED = (
    *("parcel_id", "number", "state", "fate", "reason", "contract", "line", "last_line", "member", "column_name"),
    *("field", "facts", "payload", "created_at", "expires_at", "replay", "likeness", "cause_id"),
)


def fill(engine: Engine, count: int) -> None:
    """Have so many copies of the only waiting record wait beside it."""
    names = ", ".join(_COPIED)
    with engine.begin() as connection:
        connection.execute(
            text(
                f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) "  # noqa: S608  our names
                f"INSERT INTO quarantine (ordinal, {names}) SELECT 1000 + i, {names} FROM quarantine, n "
                f"WHERE quarantine.id = (SELECT min(id) FROM quarantine)"
            ),
            {"most": count - 1},
        )
        connection.execute(text("UPDATE quarantine_cause SET waiting = :count WHERE waiting > 0"), {"count": count})


def measure_pages(few: Bench, many: Bench) -> None:
    """Write the median time of each page with few and many waiting records, and their ratio."""
    clients = [bench.sign_in(Role.TRIAGER, Role.OPERATOR) for bench in (few, many)]
    for page in PAGES:
        paths = [page.format(cause=bench.find_cause()) for bench in (few, many)]
        times: list[list[float]] = [[], []]
        for _look in range(40):
            for place, (client, path) in enumerate(zip(clients, paths, strict=True)):
                times[place].append(_time(partial(client.get, path)))
        small, large = (statistics.median(some) for some in times)
        click.echo(
            f"{page:40} {FEW:>9,}: {small * 1000:7.1f} ms   {MANY:>9,}: {large * 1000:7.1f} ms   × {large / small:.2f}"
        )


def measure_people(bench: Bench) -> None:
    """Write how long nineteen of twenty pages take at most, for twenty people who look at the same time."""
    times: list[float] = []
    cause = bench.find_cause()

    def look() -> None:
        with bench.sign_in(Role.TRIAGER, Role.OPERATOR) as client:
            for nth in range(LOOKS):
                path = PAGES[nth % len(PAGES)].format(cause=cause)
                times.append(_time(partial(client.get, path)))
                # people read what they see: half a second is little
                time.sleep(0.5)

    people = [threading.Thread(target=look) for _person in range(PEOPLE)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    ninety_five = statistics.quantiles(times, n=20)[-1]
    middle = statistics.median(times)
    click.echo(f"{PEOPLE} people, {len(times)} pages: median {middle * 1000:.0f} ms, p95 {ninety_five * 1000:.0f} ms")


def _time(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def main() -> None:
    """Fill two workbenches, and measure both."""
    logging.disable()
    with (
        TemporaryDirectory() as first,
        TemporaryDirectory() as second,
        open_bench(Path(first), {FLOW: [WRONG]}) as few,
        open_bench(Path(second), {FLOW: [WRONG]}) as many,
    ):
        for bench, count in ((few, FEW), (many, MANY)):
            fill(bench.workspace.quarantine._engine, count)
        measure_pages(few, many)
        measure_people(many)


if __name__ == "__main__":
    main()
