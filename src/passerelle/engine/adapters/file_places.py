"""Opens the places with files that settings name: a folder of this machine, or one reached over SFTP."""

from __future__ import annotations

from functools import partial
from typing import IO, TYPE_CHECKING

from passerelle.edges.places.host_keys import read_host_key
from passerelle.edges.places.local_folder import LocalFolder
from passerelle.engine.settings.place_settings import (
    FolderDestinationSettings,
    FolderSourceSettings,
    FtpsSettings,
    RemotePlaceSettings,
    SftpSettings,
)
from passerelle.engine.settings.secrets import resolve
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from passerelle.edges.places.file_place import FilePlace, RemotePlace
    from passerelle.engine.settings.place_settings import (
        FileDestinationSettings,
        FileSourceSettings,
        LockedFileSettings,
    )
    from passerelle.vocabulary.ports import Unlock


def open_place(entry: FileSourceSettings | FileDestinationSettings, *, was_here: bool = False) -> FilePlace:
    """Open a place; a connection is made when it is first asked something.

    `was_here`: the flow wrote there before, so that a folder that is not there is away. Raises SettingsError for a
    secret that is not there, or without the library.
    """
    if isinstance(entry, FolderSourceSettings | FolderDestinationSettings):
        return LocalFolder(entry.path, was_here=was_here)
    assert isinstance(entry, RemotePlaceSettings)  # noqa: S101  a place is here or elsewhere
    return open_remote_place(entry)


def open_remote_place(entry: RemotePlaceSettings) -> RemotePlace:
    """Open a folder of another machine. Raises SettingsError as `open_place`."""
    if isinstance(entry, SftpSettings):
        return _open_sftp_folder(entry)
    if isinstance(entry, FtpsSettings):
        return _open_ftps_folder(entry)
    from passerelle.engine.adapters import web_places  # noqa: PLC0415  a night over folders speaks no HTTP

    return web_places.open_web_place(entry)


def _open_sftp_folder(entry: SftpSettings) -> RemotePlace:
    try:
        # the library costs a start a tenth of a second: only flows that speak SFTP pay it
        from passerelle.edges.places.sftp_folder import SftpFolder  # noqa: PLC0415  see above
        from passerelle.edges.places.sftp_session import SftpAccess, SftpSession  # noqa: PLC0415  see above
    except ModuleNotFoundError as error:
        if error.name != "asyncssh":
            raise
        raise SettingsError("settings.sftp.no_library") from None

    access = SftpAccess(
        entry.host,
        entry.port,
        entry.user,
        tuple(read_host_key(text) for text in entry.host_key),
        key=_reveal(entry.key),
        password=_reveal(entry.password),
    )
    return SftpFolder(SftpSession(access), entry.path)


def _open_ftps_folder(entry: FtpsSettings) -> RemotePlace:
    from passerelle.edges.places.ftps_folder import FtpsFolder  # noqa: PLC0415  a night over folders speaks no FTP
    from passerelle.edges.places.ftps_session import FtpsAccess, FtpsSession  # noqa: PLC0415  see above

    password = resolve(entry.password).reveal()
    access = FtpsAccess(entry.host, entry.port, entry.user, password, entry.path, entry.allow_private)
    return FtpsFolder(FtpsSession(access))


def open_unlock(entry: LockedFileSettings) -> Unlock | None:
    """Return what opens encrypted files. Raises SettingsError as `open_place`."""
    unlocks = [unlock for unlock in (_open_pgp_unlock(entry), _open_zip_unlock(entry)) if unlock is not None]
    if not unlocks:
        return None

    def open_all(stream: IO[bytes]) -> IO[bytes]:
        # a zip with a password may lie in a message, not the other way round
        for unlock in unlocks:
            stream = unlock(stream)
        return stream

    return open_all


def try_unlock(entry: LockedFileSettings) -> None:
    """Look whether what opens encrypted files can. Raises SettingsError as `open_unlock`, FlowError for what is no key.

    A run learns it with the first encrypted file; who looks before it wants to know before.
    """
    if open_unlock(entry) is not None and entry.pgp_key is not None:
        from passerelle.edges.sources.pgp_file import try_key  # noqa: PLC0415  few flows need it

        try_key(resolve(entry.pgp_key).reveal())


def _open_pgp_unlock(entry: LockedFileSettings) -> Unlock | None:
    if entry.pgp_key is None:
        return None
    from passerelle.edges.sources.pgp_file import has_library, open_pgp_file  # noqa: PLC0415  few flows need it

    if not has_library():
        raise SettingsError("settings.pgp.no_library")
    return partial(open_pgp_file, key=resolve(entry.pgp_key).reveal())


def _open_zip_unlock(entry: LockedFileSettings) -> Unlock | None:
    if entry.zip_password is None:
        return None
    try:
        from passerelle.edges.sources.locked_zip import open_locked_zip  # noqa: PLC0415  an extra, maybe not installed
    except ModuleNotFoundError as error:
        if error.name != "pyzipper":
            raise
        raise SettingsError("settings.zip.no_library") from None

    return partial(open_locked_zip, password=resolve(entry.zip_password).reveal())


def _reveal(reference: str | None) -> str | None:
    """Return the secret that a reference names, if there is a reference. Raises SettingsError when it is not there."""
    return None if reference is None else resolve(reference).reveal()
