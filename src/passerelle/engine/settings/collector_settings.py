"""The table `[metrics]` of `passerelle.toml`: the collector of OpenTelemetry that is told of each run."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictBool

from passerelle.engine.settings.setting_values import Address, Name, SecretReference, SettingsTable

_HEADER = r"^[A-Za-z0-9-]{1,60}$"


class CollectorSettings(SettingsTable):
    """Where the figures of flows go after each run; without an address, nowhere."""

    endpoint: Address | None = None
    """Whole address of the collector, path included: `http://127.0.0.1:4318/v1/metrics`."""
    headers: dict[Annotated[Name, Field(pattern=_HEADER)], SecretReference] = Field(default_factory=dict)
    """What the collector asks for to know us, by the name of the header: references."""
    allow_private: StrictBool = False
