"""Where a flow's supplier is at home: the zone of its local times, and the country of its numbers and addresses."""

from __future__ import annotations

from typing import Literal, get_args

from passerelle.vocabulary.light_dataclass import dataclass

Country = Literal[
    "", "FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "BE", "CH", "LU", "MC", "DE", "ES", "IT", "PT", "GB"
]
"""ISO 3166-1, two letters: the countries whose national numbers can be read; empty: what the connector says."""
COUNTRIES: tuple[str, ...] = get_args(Country)[1:]


@dataclass(frozen=True, slots=True)
class Locality:
    """What a flow says of the place its supplier works in; what it does not say, the connector decides."""

    zone: str = ""
    """An IANA zone, `Indian/Reunion`: every local time of the connector is resolved in it."""
    country: str = ""
    """ISO 3166-1, two letters: of national telephone numbers, and of addresses that name no country."""


NOWHERE = Locality()
"""A flow that says nothing of its place."""
