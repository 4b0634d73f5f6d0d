"""The table `[web]` of `passerelle.toml`: who may come to the workbench, and how."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from passerelle.engine.settings.oidc_settings import OidcSettings
from passerelle.engine.settings.setting_values import SettingsTable


class WebSettings(SettingsTable):
    """The workbench: by default it is for whoever sits at this machine, and nothing is open to others."""

    sign_in: Literal["local", "accounts"] = "local"
    """By a link that is written where it was started, or with accounts."""
    public_url: Annotated[str, Field(pattern=r"^https://[a-z0-9.-]+(?::\d{1,5})?$", max_length=200)] | None = None
    """Under which name browsers ask for it; in front of it stands a server that speaks TLS."""
    public_check: StrictBool = False
    """Whether files may be checked without an account, by suppliers."""
    checks_at_once: Annotated[int, Field(ge=1, le=16)] = 2
    """Files that people drop and that are read at the same time; each takes a processor and the memory of a batch."""
    studies_at_once: Annotated[int, Field(ge=1, le=8)] = 1
    """Plans that are weighed and softwares that are compared at the same time; they read whole exports."""
    four_eyes: StrictBool = False
    """Whether a correction of one row is released by somebody else than who wrote it."""

    passkeys: StrictBool = False
    """Whether people may sign in with passkeys that they add to their account."""
    passkey_domain: Annotated[str, Field(pattern=r"^[a-z0-9-]+(?:\.[a-z0-9-]+)*$", max_length=200)] | None = None
    """For which name passkeys are made, when that is not the whole name of `public_url`."""
    oidc: OidcSettings | None = None
    """The provider of identities through which people may sign in."""

    @model_validator(mode="after")
    def _check_ways(self) -> Self:
        if self.sign_in != "accounts" and (self.passkeys or self.oidc is not None):
            raise PydanticCustomError("ways_without_accounts", "no accounts")
        name = self.host.partition(":")[0] or "localhost"
        if self.passkey_domain is not None and not f".{name}".endswith(f".{self.passkey_domain}"):
            raise PydanticCustomError("passkey_domain", "another name")
        return self

    @property
    def passkey_name(self) -> str:
        """Return the name for which passkeys are made; on this machine alone, browsers take no address of numbers."""
        return self.passkey_domain or self.host.partition(":")[0] or "localhost"

    @property
    def host(self) -> str:
        """Return the name of the public address; empty without one."""
        return (self.public_url or "").removeprefix("https://")
