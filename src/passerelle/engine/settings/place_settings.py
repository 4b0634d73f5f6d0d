"""What `passerelle.toml` says of places with files: folders of this machine, and folders reached over SFTP."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from passerelle.edges.places.host_keys import read_host_key
from passerelle.engine.settings.file_name_template import check_template
from passerelle.engine.settings.setting_values import Below, Name, NameDate, SecretReference, SettingsTable, Whole
from passerelle.engine.settings.whole_settings import SourceSettings
from passerelle.vocabulary.safe_files import GROUP, OWNER

_FORMATS = ("ndjson", "parquet", "csv", "xlsx")
AWAY_DAYS = 7
"""Longer than any closure during which nobody mends a share (a bridge over a holiday is five days)."""


def _check_host_key(text: str) -> str:
    try:
        read_host_key(text)
    except ValueError:
        raise PydanticCustomError("host_key", "no host key") from None
    return text


def check_remote_path(text: str) -> str:
    """Accept a path of another machine, absolute or from where the login leads, that nowhere goes up."""
    if ".." in PurePosixPath(text).parts or "\0" in text:
        raise PydanticCustomError("remote_path", "remote path")
    return text


FileName = Annotated[str, AfterValidator(check_template)]
HostKey = Annotated[str, AfterValidator(_check_host_key)]
RemotePath = Annotated[str, Field(min_length=1), AfterValidator(check_remote_path)]
HostKeys = Annotated[tuple[HostKey, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]
"""One text or a list: while a server changes its key, both are pinned."""


class PlaceSettings(SettingsTable):
    """What every place with files may say."""

    away_days: Annotated[Whole, Field(ge=0, le=365)] = AWAY_DAYS
    """Days for which a place may be away before the flow is suspended; it goes on by itself in either case."""


class RemotePlaceSettings(ABC):
    """A folder of another machine, whatever is spoken with it. No table by itself: it adds no key."""

    @property
    @abstractmethod
    def server(self) -> str:
        """The machine's name, as people are told it."""

    @property
    @abstractmethod
    def references(self) -> tuple[str | None, ...]:
        """The references to its secrets."""

    @property
    @abstractmethod
    def spot(self) -> tuple[str, ...]:
        """What folders are compared by: equal for the same one; the last part is the folder's own name or path."""

    @property
    @abstractmethod
    def account(self) -> str:
        """A stable name of who receives there: whose account it is, not by which port or folder."""


class SftpSettings(SettingsTable, RemotePlaceSettings):
    """A folder of another machine: where it is, which key that machine has, and how we log in."""

    kind: Literal["sftp"]
    host: Name
    port: Annotated[Whole, Field(ge=1, le=65_535)] = 22
    user: Name
    host_key: HostKeys = ()
    """The fingerprint or public key of the server; without it nothing is sent, and it is told which key was seen."""
    key: SecretReference | None = None
    """Our private key, without a passphrase."""
    password: SecretReference | None = None
    path: RemotePath

    @model_validator(mode="after")
    def _check_login(self) -> Self:
        if (self.key is None) == (self.password is None):
            details = {"scheme": "sftp", "needed": "key / password"}
            raise PydanticCustomError("credentials_incomplete", "credentials", details)
        return self

    @property
    def server(self) -> str:
        """Return the server's name."""
        return self.host

    @property
    def references(self) -> tuple[str | None, ...]:
        """Return the references to our key and password."""
        return self.key, self.password

    @property
    def spot(self) -> tuple[str, ...]:
        """Return the folder, whoever logs in."""
        return "sftp", self.host.casefold(), str(self.port), str(PurePosixPath(self.path))

    @property
    def account(self) -> str:
        """Return the account; the port is a matter of the network."""
        return f"sftp://{self.user}@{self.host.lower()}"


class FtpsSettings(SettingsTable, RemotePlaceSettings):
    """A folder of a server that speaks FTP over TLS, and how we log in."""

    kind: Literal["ftps"]
    host: Name
    port: Annotated[Whole, Field(ge=1, le=65_535)] = 21
    user: Name
    password: SecretReference
    path: RemotePath
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
        """Return the folder, whoever logs in."""
        return "ftps", self.host.casefold(), str(self.port), str(PurePosixPath(self.path))

    @property
    def account(self) -> str:
        """Return the account; the port is a matter of the network."""
        return f"ftps://{self.user}@{self.host.lower()}"


class LockedFileSettings(SettingsTable):
    """How files that are encrypted are opened."""

    zip_password: SecretReference | None = None
    """Of zips that ask for one; those that ask for none are taken as they are."""
    pgp_key: SecretReference | None = None
    """Our private key, without a passphrase, for files that are encrypted with OpenPGP."""


class FileSourceSettings(PlaceSettings, LockedFileSettings, SourceSettings):
    """Files that somebody drops, wherever."""

    glob: Name = "*"
    after: Literal["archive", "keep", "delete"] = "archive"
    quiet_seconds: Annotated[float, Field(ge=0, le=86_400)] = 30.0
    """A file that changed more recently than this is still being written."""
    order: Literal["name", "date", "time"] = "time"
    """In which order the files of one look are taken: the last one's state stays."""
    name_date: NameDate = ""
    """How the date in a file's name is written (`%Y-%m-%d`); empty: any usual way."""
    leave: tuple[Name, ...] = ()
    """Names or patterns of files that lie there and that nobody has to take."""


class FolderSourceSettings(FileSourceSettings):
    """Files that somebody drops into a folder."""

    kind: Literal["folder"]
    path: Below


class SftpSourceSettings(FileSourceSettings, SftpSettings):
    """Files that somebody drops into a folder of another machine."""


class FtpsSourceSettings(FileSourceSettings, FtpsSettings):
    """Files that somebody drops into a folder of an FTP server."""


class FileDestinationSettings(PlaceSettings):
    """Files written somewhere, one for each contract and batch."""

    format: Literal["ndjson", "parquet", "csv", "xlsx"] = "ndjson"
    formulas: Literal["quote", "keep"] | None = None  # None: quoted, but kept in a layout
    layout: str | None = None
    """A connector whose own layout is written instead of the contract's."""
    fill: Mapping[str, Any] = Field(default_factory=dict)
    """For a layout that is a document: what a field holds where a record has nothing for it."""
    related: tuple[Below, ...] = Field(default_factory=tuple)
    """For a layout that is a document: files of records in contract form (ndjson) that it tells of as well."""
    file_name: FileName = ""
    """One file a run, of this name, in which `{date}` and `{contract}` are filled; empty: a file for each batch."""
    file_holds: Literal["changes", "all"] = "changes"
    """What a run delivered, or everything that the flow delivered and did not delete."""
    when_there: Literal["wait", "number", "replace"] | None = None
    """What is done while the file of an earlier run is still there; None: changes wait, and all is replaced."""

    @property
    def rights(self) -> int:
        """Return the mode of the files; 0: as the place decides."""
        return 0

    @model_validator(mode="after")
    def _check_file_name(self) -> Self:
        ending = self.file_name.rpartition(".")[2].casefold()
        written = "csv" if self.layout else self.format
        if not self.file_name and (self.file_holds == "all" or self.when_there):
            raise PydanticCustomError("file_name_missing", "no file name")
        if ending in _FORMATS and ending != written:
            raise PydanticCustomError("file_name_ending", "another format", {"needed": written})
        return self


class FolderDestinationSettings(FileDestinationSettings):
    """Files written into a folder."""

    kind: Literal["folder"]
    path: Below
    readable_by: Literal["owner", "group"] = "owner"
    """Who of this machine may read the files: the account that runs passerelle, or its group as well."""

    @property
    def rights(self) -> int:
        """Return the mode of the files."""
        return GROUP if self.readable_by == "group" else OWNER


class SftpDestinationSettings(FileDestinationSettings, SftpSettings):
    """Files written into a folder of another machine."""

    readable_by: Literal["owner", "group", "server"] = "owner"
    """Who of that machine may read the files: our account, its group as well, or whoever the server lets."""

    @property
    def rights(self) -> int:
        """Return the mode of the files; 0: as the server decides."""
        return {"owner": OWNER, "group": GROUP, "server": 0}[self.readable_by]


class FtpsDestinationSettings(FileDestinationSettings, FtpsSettings):
    """Files written into a folder of an FTP server."""
