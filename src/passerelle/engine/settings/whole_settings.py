"""What `passerelle.toml` says of whole exports: of which days and contracts a source sends everything."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, StrictBool

from passerelle.engine.settings.setting_values import Name, SettingsTable


class WholeSettings(SettingsTable):
    """Whether exports are whole, of which days, and for which contracts."""

    enabled: StrictBool | None = None
    """None: as the connector says."""
    within: str = ""
    """The contract field whose day places a record; empty: as the connector says."""
    per: Literal["day", "week", "month", "year"] = "day"
    """An export speaks of whole weeks, months or years, not only of the days between its first and its last record."""
    contracts: tuple[Name, ...] = ()
    """Only these contracts; empty: all."""


def _read_whole(value: object) -> object:
    if isinstance(value, bool):
        return {"enabled": value}
    return {"enabled": True, **value} if isinstance(value, dict) else value


class SourceSettings(BaseModel):
    """What every source may say of what it sends."""

    whole: Annotated[WholeSettings, BeforeValidator(_read_whole)] = Field(default_factory=WholeSettings.model_construct)
    """Written `true`, `false` or as a table."""
