"""The table `[notify]` of `passerelle.toml`: who is told of faults, and how."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from passerelle.engine.settings.setting_values import Duration, Name, SecretReference, SettingsTable, Share, Whole

Mailbox = Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$", max_length=254)]
"""An address without a display name: `informatique@exemple.fr`."""


class MailSettings(SettingsTable):
    """E-mail over SMTP with TLS; the certificate of the server is verified."""

    server: Name
    port: Annotated[Whole, Field(ge=1, le=65_535)] = 587
    tls: Literal["starttls", "tls"] = "starttls"
    sender: Mailbox
    to: Annotated[tuple[Mailbox, ...], Field(min_length=1)]
    username: SecretReference | None = None
    password: SecretReference | None = None

    @model_validator(mode="after")
    def _check_pair(self) -> Self:
        if (self.username is None) != (self.password is None):
            details = {"scheme": "mail", "needed": "username, password"}
            raise PydanticCustomError("credentials_incomplete", "credentials", details)
        return self


class WebhookSettings(SettingsTable):
    """An address to which each message is posted; it holds a secret in most products, so a reference names it."""

    url: SecretReference
    form: Literal["json", "teams", "mattermost"] = "json"
    allow_private: StrictBool = False


class CommandSettings(SettingsTable):
    """A program of this machine, which gets each message on its standard input."""

    run: Annotated[tuple[Name, ...], Field(min_length=1)]


class NotifySettings(SettingsTable):
    """Who is told, and when."""

    after: Duration = Field(default=timedelta(days=1))
    """How long a flow must wait (code 75) before somebody is told."""
    most_aside: Share = 0.2
    """Share of the rows of a run, of at least twenty, beyond which a quarantine is said to grow."""
    mail: MailSettings | None = None
    webhook: WebhookSettings | None = None
    command: CommandSettings | None = None

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the names of the channels that are set."""
        return tuple(name for name in ("mail", "webhook", "command") if getattr(self, name) is not None)
