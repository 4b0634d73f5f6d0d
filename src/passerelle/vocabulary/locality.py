"""Where a flow's supplier is at home: the zone of its local times, and the country of its numbers and addresses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Locality:
    """What a flow says of the place its supplier works in; what it does not say, the connector decides."""

    zone: str = ""
    """An IANA zone, `Indian/Reunion`: every local time of the connector is resolved in it."""
    country: str = ""
    """ISO 3166-1, two letters: of national telephone numbers, and of addresses that name no country."""


NOWHERE = Locality()
"""A flow that says nothing of its place."""
