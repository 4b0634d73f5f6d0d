"""Pages tell moments in words, where the organisation works."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from passerelle.faces.web.local_moments import set_place, tell_moment
from passerelle.vocabulary.language import set_language

WHEN = datetime(2026, 11, 30, 21, 9, tzinfo=UTC)


@dataclass
class PlacedFlow:
    zone: str = ""


@dataclass
class PlacedSettings:
    flows: dict[str, PlacedFlow] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("zones", "told"),
    [
        ([], "30 novembre 2026 à 22 h 09"),
        (["Indian/Reunion"] * 2, "1er décembre 2026 à 1 h 09"),
        (["Indian/Reunion", ""], "30 novembre 2026 à 22 h 09"),
    ],
)
def test_a_moment_is_told_where_the_flows_are(zones, told):
    set_language("fr")
    set_place(PlacedSettings({str(nth): PlacedFlow(zone) for nth, zone in enumerate(zones)}))
    assert tell_moment(WHEN).replace("\u00a0", " ").replace("\u202f", " ") == told


def test_no_moment_is_a_dash():
    assert tell_moment(None) == "–"
