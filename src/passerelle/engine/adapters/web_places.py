"""Opens folders of other machines that are reached over the web."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from passerelle.edges.http.credentials import make_basic
from passerelle.edges.places.web_session import StandingHeaders, WebSession
from passerelle.edges.places.webdav_folder import WebDavFolder
from passerelle.engine.settings.remote_places import S3Settings, WebDavSettings
from passerelle.engine.settings.secrets import resolve
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passerelle.edges.places.file_place import RemotePlace
    from passerelle.edges.places.s3_deposits import S3Deposits
    from passerelle.engine.settings.place_settings import RemotePlaceSettings


def open_web_place(entry: RemotePlaceSettings) -> RemotePlace:
    """Open a folder. Raises SettingsError for a secret that is not there, or without the library."""
    if isinstance(entry, S3Settings):
        return _open_s3_folder(entry)
    assert isinstance(entry, WebDavSettings)  # noqa: S101  the only other kind
    if entry.user is not None and entry.password is not None:
        authorization = make_basic(entry.user, resolve(entry.password).reveal())
    else:
        authorization = f"Bearer {resolve(entry.token or '').reveal()}"
    signer = StandingHeaders({"authorization": authorization})
    return WebDavFolder(WebSession(entry.base_url, signer, private=entry.allow_private))


def _open_s3_folder(entry: S3Settings) -> RemotePlace:
    with _name_library():
        from passerelle.edges.places.s3_folder import S3Folder  # noqa: PLC0415  an extra that may not be installed

        session = _open_session(entry)
    return S3Folder(session, entry.bucket, _make_prefix(entry.prefix))


def open_s3_deposits(entry: S3Settings, below: tuple[str, ...], drafts: Path) -> S3Deposits:
    """Open the objects below a prefix as the files of a depot. Raises as `open_web_place`."""
    with _name_library():
        from passerelle.edges.places.s3_deposits import S3Deposits  # noqa: PLC0415  see above

        session = _open_session(entry)
    return S3Deposits(session, entry.bucket, _make_prefix("/".join((entry.prefix.strip("/"), *below))), drafts)


def _open_session(entry: S3Settings) -> WebSession:
    from passerelle.edges.places.s3_signing import S3Signer  # noqa: PLC0415  see above

    signer = S3Signer(resolve(entry.access_key).reveal(), resolve(entry.secret_key).reveal(), entry.region)
    return WebSession(entry.base_url, signer, private=entry.allow_private)


def _make_prefix(path: str) -> str:
    return f"{path.strip('/')}/" if path.strip("/") else ""


@contextmanager
def _name_library() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "botocore":
            raise
        raise SettingsError("settings.s3.no_library") from None
