"""What the settings of a flow say of its shelf: how long it keeps what was delivered."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

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


class ShelvingSettings(SettingsTable):
    """What a flow says of its shelf: beside its destination, or in its place."""

    shelf: ShelfSettings | None = None
    """What is delivered is kept as well, to be read through the API; None: nothing is, unless the destination is one.
    """

    @model_validator(mode="after")
    def _check_shelf(self) -> Self:
        if self.shelf is not None and isinstance(self._destination, ShelfDestinationSettings):
            raise PydanticCustomError("shelf_twice", "two shelves")
        return self

    @property
    def _destination(self) -> object:
        return getattr(self, "destination", None)

    @property
    def shelf_days(self) -> int | None:
        """Return how long the flow keeps on a shelf what it delivered; None: it has no shelf."""
        shelf = self._destination if isinstance(self._destination, ShelfDestinationSettings) else self.shelf
        return None if shelf is None else shelf.days
