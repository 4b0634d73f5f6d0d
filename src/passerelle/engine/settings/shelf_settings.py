"""What the settings of a flow say of its shelf: how long it keeps what was delivered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from passerelle.engine.settings.setting_values import SettingsTable, Whole


class ShelfSettings(SettingsTable):
    """A shelf beside the destination of a flow."""

    days: Annotated[Whole, Field(ge=1, le=36_500)]
    """How long a record is kept after its last change, and a removal after it was told."""


class ShelfDestinationSettings(ShelfSettings):
    """A shelf in place of any other destination: what is delivered is read through the API alone."""

    kind: Literal["shelf"]

    @property
    def account(self) -> str:
        """Return the name under which figures get their handles: who reads the rest has handles of their own."""
        return "shelf"
