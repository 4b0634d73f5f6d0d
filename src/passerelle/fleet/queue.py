"""The queue of procrastinate: its worker, which answers each bell with a turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procrastinate import App, PsycopgConnector

from passerelle.stores.bells import TASK
from passerelle.vocabulary.database_tls import choose_tls
from passerelle.vocabulary.turns import FlowKey

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import Engine

POLL = 5.0
"""Seconds between two looks at the queue where nobody is told that a bell rang."""
GRACE = 7.0
"""Seconds that a turn in hand has for its batch, when a worker is asked to end."""


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
