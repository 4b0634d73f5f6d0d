"""The part of the journal that lets one worker at a time write about a flow: claims on one machine, fences on several.

A claim is held by a process that lives. A worker on another machine may be frozen, wake up and go on: what it writes
is refused by the number of its turn, looked at in the very transaction that writes.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from passerelle.stores.claims import claim_flow
from passerelle.stores.database import open_writer
from passerelle.stores.turn_schema import turn
from passerelle.vocabulary.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import ColumnElement, Connection, Engine

    from passerelle.vocabulary.turns import Fence

_TURN = turn.c
_IDLE_MILLISECONDS = 60_000
"""How long a worker may be silent within a transaction, before the server ends it and frees the row of the turn."""


class FenceBook:
    """Who may write about flows. Without a fence nothing is looked at, and nothing is slower."""

    _engine: Engine
    _fences: dict[str, Fence]
    """Those that this journal writes under, by flow."""

    def claim(self, flow: str) -> AbstractContextManager[None]:
        """Hold a flow for this process while the context lasts; the system releases it when the process dies.

        A turn that is held is a claim already. Entering raises TransientError `incident.flow.busy` when somebody else
        holds the flow.
        """
        return nullcontext() if flow in self._fences else claim_flow(self._engine, flow)

    @contextmanager
    def hold_fence(self, fence: Fence) -> Iterator[None]:
        """Write about a flow under a fence while the context lasts.

        From here on whatever writes about the flow raises TransientError `incident.flow.overtaken`, and writes nothing,
        once somebody else has its turn.
        """
        self._fences[fence.key.flow] = fence
        try:
            yield
        finally:
            del self._fences[fence.key.flow]

    @contextmanager
    def _open_fenced(self, flow: str) -> Iterator[Connection]:
        """Yield a connection in one transaction that is rolled back when the turn was overtaken."""
        with open_writer(self._engine) as connection:
            fence = self._fences.get(flow)
            if fence is not None:
                check_fence(connection, fence)
            yield connection


def check_fence(connection: Connection, fence: Fence) -> None:
    """Raise TransientError `incident.flow.overtaken` unless the turn is held, and stays so until the transaction ends.

    A worker that is frozen in this transaction is cut off by the server: nobody waits for it.
    """
    columns: list[ColumnElement[Any]] = [_TURN.fence]
    if connection.dialect.name == "postgresql":
        # in the one statement that is needed anyway
        columns.append(func.set_config("idle_in_transaction_session_timeout", str(_IDLE_MILLISECONDS), True))
    held = select(*columns).where(_TURN.organisation == fence.key.organisation, _TURN.flow == fence.key.flow)
    if connection.execute(held.with_for_update(read=True)).scalar() != fence.number:
        raise TransientError("incident.flow.overtaken", flow=fence.key.flow)
