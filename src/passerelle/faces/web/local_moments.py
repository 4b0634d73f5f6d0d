"""Moments as people who read pages know them: in words, where the organisation works."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from passerelle.faces.report.field_values import format_moment_in_words
from passerelle.vocabulary.formatting import NOTHING

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.engine.settings.workspace_settings import Settings

_USUAL = "Europe/Paris"
_ZONE: ContextVar[str] = ContextVar("zone", default=_USUAL)


def set_place(settings: Settings) -> None:
    """Have moments told where the flows are, when all of them are in one place; else as in mainland France."""
    zones = {flow.zone or _USUAL for flow in settings.flows.values()}
    _ZONE.set(zones.pop() if len(zones) == 1 else _USUAL)


def tell_moment(when: datetime | None) -> str:
    """Return a moment in words, to the minute: `30 novembre 2026 à 22 h 09`; – for none."""
    return format_moment_in_words(when.astimezone(ZoneInfo(_ZONE.get())).isoformat()) if when else NOTHING
