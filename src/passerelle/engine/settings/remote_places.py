"""What `passerelle.toml` says of folders of other machines that are reached over the web."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from passerelle.engine.settings.place_settings import (
    FileDestinationSettings,
    FileSourceSettings,
    RemotePlaceSettings,
    check_remote_path,
)
from passerelle.engine.settings.setting_values import Address, Name, SecretReference, SettingsTable

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def _check_bucket(text: str) -> str:
    if not _BUCKET.fullmatch(text):
        raise PydanticCustomError("bucket", "no bucket")
    return text


Bucket = Annotated[str, AfterValidator(_check_bucket)]
Prefix = Annotated[str, AfterValidator(check_remote_path)]


class WebDavSettings(SettingsTable, RemotePlaceSettings):
    """A folder of a server that speaks WebDAV, and how we log in."""

    kind: Literal["webdav"]
    base_url: Address
    """The folder itself."""
    user: Name | None = None
    password: SecretReference | None = None
    token: SecretReference | None = None
    allow_private: StrictBool = False

    @model_validator(mode="after")
    def _check_login(self) -> Self:
        by_password = self.user is not None and self.password is not None
        is_half = (self.user is None) != (self.password is None)
        if is_half or by_password == (self.token is not None):
            details = {"scheme": "webdav", "needed": "user, password / token"}
            raise PydanticCustomError("credentials_incomplete", "credentials", details)
        return self

    @property
    def server(self) -> str:
        """Return the server's name."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def references(self) -> tuple[str | None, ...]:
        """Return the references to our password and token."""
        return self.password, self.token

    @property
    def spot(self) -> tuple[str, ...]:
        """Return the folder."""
        parts = urlsplit(self.base_url)
        return "webdav", parts.netloc.lower(), parts.path.rstrip("/")

    @property
    def account(self) -> str:
        """Return the server, and the account where it is named."""
        return f"webdav://{self.user}@{self.server}" if self.user else f"webdav://{self.server}"


class S3Settings(SettingsTable, RemotePlaceSettings):
    """Objects of a bucket below a prefix, in a store that speaks S3, and the key that opens it."""

    kind: Literal["s3"]
    base_url: Address
    """Of the store, without the bucket."""
    region: Name = "us-east-1"
    """What stores without regions expect."""
    bucket: Bucket
    prefix: Prefix = ""
    access_key: SecretReference
    secret_key: SecretReference
    allow_private: StrictBool = False

    @property
    def server(self) -> str:
        """Return the store's name."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def references(self) -> tuple[str | None, ...]:
        """Return the references to both halves of the key."""
        return self.access_key, self.secret_key

    @property
    def spot(self) -> tuple[str, ...]:
        """Return the bucket and the prefix."""
        return "s3", urlsplit(self.base_url).netloc.lower(), self.bucket, self.prefix.strip("/")

    @property
    def account(self) -> str:
        """Return the bucket: whoever may read it receives."""
        return f"s3://{self.server}/{self.bucket}"


class WebDavSourceSettings(FileSourceSettings, WebDavSettings):
    """Files that somebody drops into a folder of a WebDAV server."""


class WebDavDestinationSettings(FileDestinationSettings, WebDavSettings):
    """Files written into a folder of a WebDAV server."""


class S3SourceSettings(FileSourceSettings, S3Settings):
    """Files that somebody drops into a bucket."""


class S3DestinationSettings(FileDestinationSettings, S3Settings):
    """Files written into a bucket."""
