"""Kinds of values of `passerelle.toml`: how each is read, and what is refused."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from passerelle.contracts.places import COUNTRIES
from passerelle.engine.settings.flow_settings import check_doubts, check_zone
from passerelle.engine.settings.secrets import is_reference
from passerelle.vocabulary.dated_names import compile_name_date

_SECRET_NAME = re.compile(r"pass(word|wd|phrase)|secret|token|api_?key|mot_de_passe|jeton", re.IGNORECASE)
_DURATION = re.compile(r"(?P<count>\d{1,4})\s*(?P<unit>[mhdw])\Z")
_UNITS = MappingProxyType({"m": "minutes", "h": "hours", "d": "days", "w": "weeks"})


class SettingsTable(BaseModel):
    """A table of `passerelle.toml`: unknown keys are refused, and no message repeats a value."""

    # Only the whole document is asked to validate, and takes the others in: building each would be for nothing.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


def _make_absolute(path: Path, info: ValidationInfo) -> Path:
    return Path(info.context or "") / path.expanduser()


def _check_reference(text: str, info: ValidationInfo) -> str:
    if not is_reference(text):
        raise PydanticCustomError("secret_literal", "literal secret")
    scheme, _colon, rest = text.partition(":")
    return f"file:{_make_absolute(Path(rest), info)}" if scheme == "file" else text


def _read_database_url(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str):
        return value
    # an address holds a password: only a reference to it may stand in the settings
    if "://" in value or is_reference(value):
        return _check_reference(value, info)
    return _make_absolute(Path(value), info)


def _refuse_secrets(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse keys that name a secret: connectors are never handed one, the core uses it for them."""
    for key, value in settings.items():
        if _SECRET_NAME.search(key):
            raise PydanticCustomError("secret_misplaced", "misplaced secret")
        if isinstance(value, dict):
            _refuse_secrets(value)
    return settings


def _check_address(text: str) -> str:
    """Accept https, and http on this machine only; nothing secret or variable in the address."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        plain = not (parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:
        raise PydanticCustomError("url_unsafe", "unsafe address") from None
    if not host or not plain or not (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))):
        raise PydanticCustomError("url_unsafe", "unsafe address")
    return text


def _read_duration(value: object) -> object:
    """Read `30m`, `12h`, `1d` or `1w`."""
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match is None or not int(match["count"]):
        raise PydanticCustomError("duration", "not a duration")
    return timedelta(**{_UNITS[match["unit"]]: int(match["count"])})


def _check_name_date(form: str) -> str:
    if form:
        try:
            compile_name_date(form)
        except ValueError:
            raise PydanticCustomError("name_date", "date in a name") from None
    return form


def _check_country(code: str) -> str:
    if code and code not in COUNTRIES:
        raise PydanticCustomError("country", "no country")
    return code


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Below = Annotated[Path, AfterValidator(_make_absolute)]
"""A path, relative to the settings file."""
SecretReference = Annotated[str, AfterValidator(_check_reference)]
Address = Annotated[str, AfterValidator(_check_address)]
Whole = Annotated[int, Field(strict=True)]
Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(min_length=1)]
NameDate = Annotated[str, AfterValidator(_check_name_date)]
Country = Annotated[str, AfterValidator(_check_country)]
"""Two letters of ISO 3166-1; empty: not said."""
Zone = Annotated[str, AfterValidator(check_zone)]
Doubts = Annotated[dict[str, Any], AfterValidator(check_doubts)]
Duration = Annotated[timedelta, BeforeValidator(_read_duration)]
DatabaseUrl = Annotated[str | Path, BeforeValidator(_read_database_url)]
OpenSettings = Annotated[Mapping[str, Any], AfterValidator(_refuse_secrets)]
"""What a connector asks for, in its own words."""


class CredentialSettings(SettingsTable):
    """References to the credentials of an API."""

    client_id: SecretReference | None = None
    client_secret: SecretReference | None = None
    token: SecretReference | None = None
    username: SecretReference | None = None
    password: SecretReference | None = None
