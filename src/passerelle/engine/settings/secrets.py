"""Resolves references to secrets, which the settings hold instead of values."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

from passerelle.vocabulary.errors import SettingsError

SCHEMES = ("env", "file", "keyring")
MASK = "•••"
_CREDENTIALS = Path("/run/credentials")
"""Where systemd puts what `LoadCredential` names, in a folder for each service."""


class Secret:
    """A secret value. Only `reveal` shows it; printing, logging and pickling do not."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value, for what needs it and nothing else."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __reduce__(self) -> NoReturn:
        message = "a secret does not travel"
        raise TypeError(message)


def is_reference(text: str) -> bool:
    """Whether a text is `env:NAME`, `file:PATH` or `keyring:service/name`."""
    scheme, colon, rest = text.partition(":")
    if not colon or scheme not in SCHEMES or not rest.strip():
        return False
    return scheme != "keyring" or all(rest.rpartition("/")[::2])


def resolve(reference: str, *, folder: Path | None = None) -> Secret:
    """Return the secret that a reference names; a relative `file:` is relative to `folder`.

    Raises SettingsError: `settings.secret.literal` for what is not a reference (the text is not echoed),
    `settings.secret.absent` when there is nothing behind it, `settings.secret.no_keyring` without that package.
    """
    if not is_reference(reference):
        raise SettingsError("settings.secret.literal", key="")
    scheme, _colon, rest = reference.partition(":")
    match scheme:
        case "env":
            value = os.environ.get(rest, "")
        case "file":
            try:
                # service managers end the file with a line break, which is not part of the secret
                value = _locate_file((folder or Path()) / rest).read_text(encoding="utf-8").rstrip("\r\n")
            except (OSError, UnicodeDecodeError):
                value = ""
        case _:
            value = _read_keyring(reference, rest)
    if not value:
        raise SettingsError("settings.secret.absent", reference=reference)
    return Secret(value)


def _locate_file(path: Path) -> Path:
    """Return where a file that holds a secret is.

    Settings name the credentials of one service of systemd, the run's; the others (`notify`, `status --mail`) are
    handed the same names in a folder of their own, and cannot read that one.
    """
    own = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return Path(own) / path.name if own and path.parent.parent == _CREDENTIALS else path


def _read_keyring(reference: str, rest: str) -> str:
    try:
        import keyring  # noqa: PLC0415  optional: only desktops have it
        from keyring.errors import KeyringError  # noqa: PLC0415  an extra that may not be installed
    except ImportError:
        raise SettingsError("settings.secret.no_keyring", reference=reference) from None
    service, _slash, name = rest.rpartition("/")
    try:
        return keyring.get_password(service, name) or ""
    except KeyringError:
        return ""
