"""What `passerelle.toml` says of a mailbox to which files are sent."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from passerelle.engine.settings.place_settings import LockedFileSettings, PlaceSettings, RemotePlaceSettings
from passerelle.engine.settings.setting_values import Name, NameDate, SecretReference, Whole
from passerelle.engine.settings.whole_settings import SourceSettings

_SENDER = re.compile(r"[^@\s<>,;]*@[^@\s<>,;]+\.[^@\s<>,;]+\Z")


def _check_senders(senders: tuple[str, ...]) -> tuple[str, ...]:
    """Accept addresses, or domains with their `@`; never everybody."""
    if not all(map(_SENDER.match, senders)):
        raise PydanticCustomError("mail_sender", "no sender")
    return senders


Senders = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_check_senders)]


class MailboxSourceSettings(PlaceSettings, LockedFileSettings, SourceSettings, RemotePlaceSettings):
    """Attachments of the mails that known senders send to a mailbox."""

    kind: Literal["mailbox"]
    host: Name
    port: Annotated[Whole, Field(ge=1, le=65_535)] = 993
    user: Name
    password: SecretReference
    folder: Name = "INBOX"
    senders: Senders
    """Addresses, or domains with their `@`: mails of all others are left as they are."""
    glob: Name = "*"
    after: Literal["archive", "delete"] = "archive"
    done: Annotated[Name, Field(validate_default=True)] = "Passerelle"
    """The folder of the mailbox into which a mail goes whose attachments are registered."""
    name_date: NameDate = ""
    allow_private: StrictBool = False

    @field_validator("done")
    @classmethod
    def _check_done(cls, done: str, facts: ValidationInfo) -> str:
        # put away into the folder that is looked at, a mail is taken again at each run, for ever
        looked_at = facts.data.get("folder", "")
        is_inbox = done.casefold() == looked_at.casefold() == "inbox"  # RFC 9051 §5.1: in any case of letters
        if facts.data.get("after") == "archive" and (done == looked_at or is_inbox):
            raise PydanticCustomError("mail_done", "the same folder")
        return done

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
