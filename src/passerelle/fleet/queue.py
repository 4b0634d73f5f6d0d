"""The queue of procrastinate: its tables made once, its worker, which answers each bell with a turn."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING

from procrastinate import App, PsycopgConnector
from sqlalchemy import text

from passerelle.stores.bells import TASK
from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.worker_roll import make_roll
from passerelle.vocabulary.database_tls import choose_tls
from passerelle.vocabulary.turns import FlowKey

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import Engine

_LOCK = 7_061_738
"""Number of the advisory lock under which the tables are made: any, but always the same."""
_HAS_ROLL = text("SELECT to_regclass('passerelle_worker') IS NOT NULL")
_IS_THERE = text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")
QUEUE_VERSION = version("procrastinate")
POLL = 5.0
"""Seconds between two looks at the queue where nobody is told that a bell rang."""
GRACE = 7.0
"""Seconds that a turn in hand has for its batch, when a worker is asked to end."""


def make_queue(engine: Engine) -> None:
    """Make the tables of the queue where they are not there yet, safely when several workers start together."""
    with open_reader(engine) as connection:
        if all(connection.execute(there).scalar() for there in (_IS_THERE, _HAS_ROLL)):
            return
    script = files("procrastinate.sql").joinpath("schema.sql").read_text("utf-8")
    with open_writer(engine) as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        make_roll(connection)
        if not connection.execute(_IS_THERE).scalar():
            # as it is: its percent signs and colons are no parameters
            connection.connection.cursor().execute(script.encode())


def make_app(engine: Engine, answer: Callable[[FlowKey], None], turns: int) -> App:
    """Return the queue, whose only task is a turn of a flow. `turns`: how many are answered at the same time."""
    url = engine.url.set(drivername="postgresql")
    connector = PsycopgConnector(
        conninfo=url.render_as_string(hide_password=False),
        kwargs=choose_tls(url.host, url.query),
        min_size=1,
        max_size=max(2, min(turns, 4)),
        timeout=10,
    )
    app = App(connector=connector)

    @app.task(name=TASK)
    def turn(organisation: str, flow: str) -> None:
        answer(FlowKey(organisation, flow))

    return app


async def run_queue(app: App, organisations: Collection[str], turns: int, heartbeat: float, *, listens: bool) -> None:
    """Answer the bells of organisations until cancelled, or until the database is away.

    `listens`: told by the server when one rings.
    """
    async with app.open_async():
        await app.run_worker_async(
            queues=list(organisations),
            concurrency=turns,
            listen_notify=listens,
            fetch_job_polling_interval=POLL if listens else 1.0,
            # a turn that raised keeps its row, for people to see
            delete_jobs="successful",
            shutdown_graceful_timeout=GRACE,
            install_signal_handlers=False,
            update_heartbeat_interval=heartbeat,
            stalled_worker_timeout=3 * heartbeat,
        )
