"""The contacts that the supplier's API holds: invented from a seed, with the accidents that such logs have."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

_CHANNELS = ("TEL", "ACC", "RDV", "MEL", "CPT", "COU")
_MOTIVES = (("IJ", "Indemnités journalières"), ("C2S", "Complémentaire santé"), ("ATMP", "Accident du travail"))
_OUTCOMES = ("RES", "TRF", "RAP", "INF")
_FIRST = datetime(2024, 10, 1, 7, 30, tzinfo=UTC)


def invent(seed: int, count: int) -> list[dict[str, Any]]:
    """Invent contacts, oldest first; `revision` counts changes from 1."""
    draw = random.Random(seed)  # noqa: S311  invented data, nothing secret
    return [_contact(draw, number) for number in range(1, count + 1)]


def _contact(draw: random.Random, number: int) -> dict[str, Any]:
    at = _FIRST + timedelta(minutes=97 * number)
    code, label = draw.choice(_MOTIVES)
    outcome = draw.choice(_OUTCOMES)
    return {
        "id": f"C-{number:06d}",
        "revision": number,
        "created_at": at.isoformat().replace("+00:00", "Z"),
        "channel": _channel(draw, number),
        "direction": draw.choice("EES"),
        "motive": {"code": code, "label": label},
        "outcome": outcome,
        "repeat_of": f"C-{number - 3:06d}" if number % 9 == 0 else None,
        "call_back_on": (at + timedelta(days=2)).date().isoformat() if outcome == "RAP" else None,
        "duration_minutes": draw.randrange(1, 31),
        "insured": {"id": f"A{draw.randrange(1, 40):05d}", "fund": "CPAM 99"},
        "agent": {"id": f"G{draw.randrange(1, 9):03d}", "team": "Plateforme de services"},
        "comment": draw.choice((None, "Pièces reçues, dossier à jour.", "Rappel demandé\nle matin de préférence.")),
    }


def _channel(draw: random.Random, number: int) -> str | None:
    """Every fortieth contact has lost its channel, every twenty-fifth has one that nobody documented."""
    if number % 40 == 0:
        return None
    return "CHAT" if number % 25 == 0 else draw.choice(_CHANNELS)
