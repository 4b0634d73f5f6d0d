"""The table `[api]` of `passerelle.toml`: where the live API answers, and how much of it one client may have."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from passerelle.engine.settings.setting_values import SettingsTable, Whole

_PORTS = 65_535


def _check_place(text: str) -> str:
    """Refuse what is no address of a machine with a port: a name would be looked up, and may change."""
    host, _colon, port = text.rpartition(":")
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        is_port = port.isdecimal() and port.isascii() and int(port) <= _PORTS
    except ValueError:
        is_port = False
    if not is_port:
        raise PydanticCustomError("api_address", "no address with a port")
    return text


class HandedSourceSettings(SettingsTable):
    """Records that programs hand in through the live API, with a token that may write."""

    kind: Literal["handed"]


class ApiSettings(SettingsTable):
    """The live API; without this table it does not answer at all."""

    address: Annotated[str, Field(max_length=60), AfterValidator(_check_place)] = "127.0.0.1:8486"
    public_url: Annotated[str, Field(pattern=r"^https://[a-z0-9.-]+(?::\d{1,5})?$", max_length=200)] | None = None
    """Under which name clients ask for it; in front of it stands a server that speaks TLS."""
    per_second: Annotated[Whole, Field(ge=1, le=10_000)] = 20
    """Requests of one token; twice as many at once."""

    @model_validator(mode="after")
    def _check_open(self) -> Self:
        # tokens and records in clear on a network: only to a proxy that is stated
        if not ipaddress.ip_address(self.host).is_loopback and self.public_url is None:
            raise PydanticCustomError("api_open", "in clear")
        return self

    @property
    def host(self) -> str:
        """Return the address to listen at."""
        return self.address.rpartition(":")[0].removeprefix("[").removesuffix("]")

    @property
    def port(self) -> int:
        """Return the port to listen at; 0: any that is free."""
        return int(self.address.rpartition(":")[2])
