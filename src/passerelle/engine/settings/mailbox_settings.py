"""What `passerelle.toml` says of a mailbox to which files are sent."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool
from pydantic_core import PydanticCustomError

from passerelle.engine.settings.place_settings import LockedFileSettings, PlaceSettings, RemotePlaceSettings
from passerelle.engine.settings.setting_values import Name, NameDate, SecretReference, Whole
from passerelle.engine.settings.whole_settings import SourceSettings

_SENDER = re.compile(r"[^@\s<>,;]*@[^@\s<>,;]+\.[^@\s<>,;]+\Z")


def _check_sender(text: str) -> str:
    """Accept an address, or a domain with its `@`; never everybody."""
    if not _SENDER.match(text):
        raise PydanticCustomError("mail_sender", "no sender")
    return text


Sender = Annotated[str, AfterValidator(_check_sender)]


class MailboxSourceSettings(PlaceSettings, LockedFileSettings, SourceSettings, RemotePlaceSettings):
    """Attachments of the mails that known senders send to a mailbox."""

    kind: Literal["mailbox"]
    host: Name
    port: Annotated[Whole, Field(ge=1, le=65_535)] = 993
    user: Name
    password: SecretReference
    folder: Name = "INBOX"
    senders: Annotated[tuple[Sender, ...], Field(min_length=1)]
    """Addresses, or domains with their `@`: mails of all others are left as they are."""
    glob: Name = "*"
    after: Literal["archive", "delete"] = "archive"
    done: Name = "Passerelle"
    """The folder of the mailbox into which a mail goes whose attachments are registered."""
    name_date: NameDate = ""
    allow_private: StrictBool = False

    @property
    def server(self) -> str:
        """Return the server's name."""
        return self.host

    @property
    def references(self) -> tuple[str | None, ...]:
        """Return the reference to our password."""
        return (self.password,)

    @property
    def spot(self) -> tuple[str, ...]:
        """Return the folder of the mailbox."""
        return "mailbox", self.host.casefold(), self.user, self.folder

    @property
    def account(self) -> str:
        """Return the account."""
        return f"imaps://{self.user}@{self.host.lower()}"
