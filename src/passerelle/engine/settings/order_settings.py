"""What the settings of a flow say of which state of a record is the newer."""

from __future__ import annotations

from typing import Self

from pydantic import StrictBool, model_validator
from pydantic_core import PydanticCustomError

from passerelle.engine.settings.setting_values import Name, SettingsTable


class OrderSettings(SettingsTable):
    """What says which of two states of a record is the newer: a column, or the date in the file's name."""

    column: Name | None = None
    formats: tuple[Name, ...] = ()
    """How the column is written; none: ISO 8601 with an offset."""
    zone: Name = "Europe/Paris"
    file_name: StrictBool = False

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if self.file_name == bool(self.column):
            raise PydanticCustomError("order_unclear", "order")
        return self
