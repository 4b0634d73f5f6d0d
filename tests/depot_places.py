"""Places of a depot on this machine, a folder and an object store, and what lies in them as their operators see it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from s3_store import ACCESS, BUCKET, REGION, SECRET

from passerelle.edges.places.s3_deposits import S3Deposits
from passerelle.edges.places.s3_signing import S3Signer
from passerelle.edges.places.web_session import WebSession

if TYPE_CHECKING:
    from pathlib import Path

    from s3_store import S3Store

    from passerelle.stores.deposit_place import DepositFolder


def open_objects(
    store: S3Store, drafts: Path, prefix: str = "", *, pauses: tuple[float, ...] = (0, 0, 0)
) -> S3Deposits:
    """Open objects below a prefix that no other test has."""
    session = WebSession(f"https://127.0.0.1:{store.port}", S3Signer(ACCESS, SECRET, REGION), private=False)
    return S3Deposits(session, BUCKET, prefix or f"{uuid.uuid4().hex}/", drafts, (0, 0, 0))


@dataclass(frozen=True)
class FilesInFolder:
    """What lies in a folder."""

    place: DepositFolder

    def read(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.place.folder.iterdir()}

    def write(self, name: str, content: bytes) -> None:
        (self.place.folder / name).write_bytes(content)

    def delete(self, name: str) -> None:
        (self.place.folder / name).unlink()


@dataclass(frozen=True)
class FilesInBucket:
    """What lies below the prefix of a bucket."""

    place: S3Deposits
    store: S3Store

    def read(self) -> dict[str, bytes]:
        return self.store.read(self.place.prefix)

    def write(self, name: str, content: bytes) -> None:
        self.store.backend.put_object(BUCKET, f"{self.place.prefix}{name}", content)

    def delete(self, name: str) -> None:
        self.store.remove(f"{self.place.prefix}{name}")
