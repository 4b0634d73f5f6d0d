"""The table of `passerelle.toml` about the installation: its folders, keys and times."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from passerelle.engine.settings.remote_places import S3Settings
from passerelle.engine.settings.setting_values import Below, DatabaseUrl, Name, SecretReference, SettingsTable, Whole
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.organisation_names import ORGANISATION_NAME


def _check_organisation(name: str) -> str:
    if not ORGANISATION_NAME.match(name):
        raise PydanticCustomError("organisation_name", "no name of an organisation")
    return name


def _refuse_address(place: object) -> object:
    # as a path it would be a folder that nobody wants: an object store has keys of its own
    if isinstance(place, str) and "://" in place:
        raise PydanticCustomError("depot_address", "address of a depot")
    return place


DepotPlace = Annotated[
    Annotated[Below, Tag("folder")] | Annotated[S3Settings, Tag("s3")],
    Discriminator(lambda value: "s3" if isinstance(value, dict | S3Settings) else "folder"),
    BeforeValidator(_refuse_address),
]


@dataclass(frozen=True, slots=True)
class SharedPlaces:
    """What several machines keep in common; by itself, what one machine has in its state folder."""

    journal: str = ""
    """The reference of the address of a PostgreSQL; empty: a file in the state folder."""
    organisation: str = ""
    """Whose rows of that database are seen and written."""
    keyring: str = ""
    """The reference of the address of another PostgreSQL; empty: a folder of this machine."""
    depot: Path | None = None
    """The folder of received files and lists; None: the state folder, unless there is a store."""
    store: S3Settings | None = None
    """The object store of received files and lists; None: a folder has them."""


class GeneralSettings(SettingsTable):
    """The table `[passerelle]`; what each means is said at `Settings`."""

    state: Below = Field(default=Path("etat"), validate_default=True)
    language: Literal["fr", "en"] | None = None
    key_file: Below | None = None
    keyring: DatabaseUrl | None = None
    journal: SecretReference | None = None
    organisation: Annotated[str, AfterValidator(_check_organisation)] | None = None
    depot: DepotPlace | None = None
    retention_days: Annotated[Whole, Field(ge=1, le=3_650)] = 90
    received_days: Annotated[Whole, Field(ge=1, le=3_650)] = 30
    idle_days: Annotated[Whole, Field(ge=1, le=3_650)] = 31
    # before the end of a certificate somebody is told
    certificate_days: Annotated[Whole, Field(ge=0, le=365)] = 21
    subject_days: Annotated[Whole, Field(ge=1, le=3_650)] = 3_650
    # keys that nothing names any more are kept so long: a copy of the state can be put back
    backup_days: Annotated[Whole, Field(ge=0, le=365)] = 7
    plugins: tuple[str, ...] | None = None
    suppliers: tuple[Name, ...] = ()
    audit_anchor: Below | None = None

    @model_validator(mode="after")
    def _check_sharing(self) -> Self:
        if self.organisation is None and (self.journal or isinstance(self.keyring, str)):
            raise PydanticCustomError("organisation_missing", "whose rows")
        return self

    def describe_sharing(self) -> SharedPlaces:
        """Return what several machines keep in common."""
        keyring = self.keyring if isinstance(self.keyring, str) else ""
        folder, store = (None, self.depot) if isinstance(self.depot, S3Settings) else (self.depot, None)
        return SharedPlaces(self.journal or "", self.organisation or "", keyring, folder, store)

    @property
    def keyring_path(self) -> Path | None:
        """Return the folder of the keyring, where the settings name one."""
        return self.keyring if isinstance(self.keyring, Path) else None


def is_kept_inside(general: GeneralSettings) -> bool:
    """Whether the head of the audit trail would be kept beside the trail, where it proves nothing."""
    path = general.audit_anchor
    return path is not None and path.resolve().is_relative_to(general.state.resolve())


def read_settings_text(path: Path) -> str:
    """Read a settings file. Raises SettingsError when it is not there, or cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")  # editors of Windows write a byte order mark
    except FileNotFoundError:
        raise SettingsError("settings.file.missing", file=path.name) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError("settings.file.unreadable", file=path.name) from None
