"""The bell that an arrival rings where workers take turns: a push, a request, rows that go on their way again.

What came is registered before. A bell that cannot be rung loses nothing: the flow is looked at when it is due anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.stores.bells import ring_on
from passerelle.stores.database import open_writer
from passerelle.stores.fleet_counts import has_queue
from passerelle.stores.tenancy import find_organisation
from passerelle.stores.turns import mark_due, read_now
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.turns import FlowKey

if TYPE_CHECKING:
    from sqlalchemy import Engine


def ring_arrival(engine: Engine, flow: str) -> bool:
    """Note that a flow is due, and ring for it where there is a queue. Return whether that could be done.

    Where machines share no journal, nobody waits for a bell.
    """
    organisation = find_organisation(engine)
    if not organisation:
        return False
    key = FlowKey(organisation, flow)
    try:
        is_rung = has_queue(engine)
        with open_writer(engine) as connection:
            mark_due(connection, key, read_now(connection))
            if is_rung:
                ring_on(connection, key)
    except PasserelleError:
        return False
    return True
