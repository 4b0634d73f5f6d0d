"""The table `[fleet]`: how several workers share the flows. One machine without a server needs none of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from passerelle.engine.settings.setting_values import SettingsTable, Whole


class FleetSettings(SettingsTable):
    """How workers share the flows. Times are in seconds."""

    slice_batches: Annotated[Whole, Field(ge=1, le=10_000)] = 64
    """Most batches of a flow in one turn."""
    slice_seconds: Annotated[Whole, Field(ge=1, le=3_600)] = 30
    """After so long a turn begins no further batch."""
    heartbeat: Annotated[Whole, Field(ge=1, le=300)] = 10
    """Time between two signs of life; after three without one a worker is taken for dead."""
    look_every: Annotated[Whole, Field(ge=10, le=86_400)] = 900
    """Time between two looks at a flow without a schedule."""
    spread: Annotated[Whole, Field(ge=0, le=86_400)] = 600
    """Within so long after its hour a flow with a schedule is due, each at a moment of its own."""
    sweep_every: Annotated[Whole, Field(ge=1, le=3_600)] = 60
    """Time between two sweeps of each worker."""
    per_organisation: Annotated[Whole, Field(ge=0, le=1_000)] = 2
    """Most turns of one organisation at the same time; 0: no limit."""
