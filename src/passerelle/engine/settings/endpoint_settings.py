"""Sources and destinations that are no files: APIs, messages, databases, as a flow names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from passerelle.engine.settings.flow_settings import NEEDED
from passerelle.engine.settings.setting_values import (
    Address,
    Below,
    CredentialSettings,
    DatabaseUrl,
    Duration,
    Name,
    OpenSettings,
    SecretReference,
    SettingsTable,
    Whole,
)
from passerelle.engine.settings.whole_settings import SourceSettings


class ApiSourceSettings(CredentialSettings, SourceSettings):
    """An API that the connector knows how to read."""

    kind: Literal["api"]
    base_url: Address
    settings: OpenSettings = Field(default_factory=dict)
    """What the connector itself asks for; checked by its own model."""
    overlap: Duration | Annotated[int, Field(strict=True, ge=0)] | None = None
    """How far before its cursor a look begins, as `Connector.overlap`; None: as the connector says."""
    allow_private: StrictBool = False


class InboxSourceSettings(SettingsTable):
    """Messages that the supplier pushes: `passerelle listen` takes them."""

    kind: Literal["inbox"]
    secret: SecretReference
    """What both sides know, and sign with."""
    previous_secret: SecretReference | None = None
    """The secret before: still accepted while the other side changes to the new one."""


class ApiDestinationSettings(CredentialSettings):
    """An API that takes records."""

    kind: Literal["api"]
    base_url: Address
    path: Name
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    delete_path: Annotated[str, Field(pattern=r"^$|\{id\}")] = ""
    """Where a record is taken back by `DELETE`, `{id}` being the other side's own id; empty: it cannot be."""
    lot: Annotated[Whole, Field(ge=1, le=10_000)] = 1
    key_header: str = "Idempotency-Key"
    """Empty when the other side knows no keys: what got no usable answer is then settled as unknown."""
    scheme: Literal["none", "bearer", "oauth2", "basic", "header"] = "none"
    header: Name = "Authorization"
    """The header that carries the token when `scheme` is `header`."""
    token_path: str = ""
    in_flight: Annotated[Whole, Field(ge=1, le=64)] = 4
    per_second: Annotated[float, Field(gt=0, le=10_000)] = 20.0
    allow_private: StrictBool = False

    @model_validator(mode="after")
    def _check_scheme_fields(self) -> Self:
        absent = [name for name in NEEDED[self.scheme] if not getattr(self, name)]
        if absent:
            details = {"scheme": self.scheme, "needed": ", ".join(absent)}
            raise PydanticCustomError("credentials_incomplete", "credentials", details)
        return self


class SupplierDestinationSettings(CredentialSettings):
    """A supplier's API that takes records in the supplier's own words: a connector says how."""

    kind: Literal["supplier"]
    connector: Name
    base_url: Address
    fill: Mapping[str, Any] = Field(default_factory=dict)
    """What a field holds where a record has nothing for it."""
    related: tuple[Below, ...] = Field(default_factory=tuple)
    """Files of records in contract form (ndjson) that the supplier is told of as well."""
    allow_private: StrictBool = False


class DatabaseDestinationSettings(SettingsTable):
    """A table for each contract."""

    kind: Literal["database"]
    url: DatabaseUrl
    """A Path: an SQLite file. A text: the reference of a database URL, which holds a password."""
    prefix: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")] = "passerelle_"
    views: StrictBool = False
    """Whether there are readable views beside the tables."""
