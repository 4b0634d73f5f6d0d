"""When a flow is due next: by its schedule, by its source, by what waits. Spread by a hash of its name.

A thousand organisations that set the same hour would all be due in the same second; each has a delay of its own, the
same every day.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.engine.schedule.due_flows import find_following
from passerelle.engine.schedule.due_words import parse_due_words

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.engine.settings.fleet_settings import FleetSettings
    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.vocabulary.turns import FlowKey


def find_delay(key: FlowKey, most: float) -> timedelta:
    """Return the delay of a flow, at most so many seconds and always the same."""
    share = int.from_bytes(hashlib.sha256(str(key).encode()).digest()[:8], "big") / 2**64
    return timedelta(seconds=share * most)


def find_first_moment(key: FlowKey, flow: Flow, rules: FleetSettings, now: datetime) -> datetime | None:
    """Return when a flow that no worker knew yet is due; None for one that is switched off."""
    if not flow.enabled:
        return None
    if flow.schedule:
        return find_next_moment(key, flow, rules, now)
    return now + find_delay(key, min(rules.look_every, rules.spread))


def find_next_moment(
    key: FlowKey, flow: Flow, rules: FleetSettings, now: datetime, waiting_until: datetime | None = None
) -> datetime | None:
    """Return when a flow is due next, of which nothing can be done now; None for one that is switched off.

    `waiting_until`: when what waits for the other side may be tried again.
    """
    if not flow.enabled:
        return None
    moments = [] if waiting_until is None else [waiting_until]
    if parse_due_words(flow.schedule) is None:
        moments.append(now + timedelta(seconds=rules.look_every))
    else:
        delay = find_delay(key, rules.spread)
        # of the moments of the schedule, each put off by the delay, the first that is still to come
        following = find_following(flow, now - delay)
        if following is not None:
            moments.append(following + delay)
    return min(moments, default=None)
