"""A night's work of a depot on an object store, taken up wherever it stopped: the child process of the crash tests.

Arguments: folder of key, keyring and drafts, port of the store, prefix, and the credentials that it takes.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from passerelle.edges.places.s3_deposits import S3Deposits
from passerelle.edges.places.s3_signing import S3Signer
from passerelle.edges.places.web_session import WebSession
from passerelle.stores.depot import Depot
from passerelle.stores.keyring import Keyring
from passerelle.stores.seal import Seal

LARGE = bytes(range(256)) * 36_000
"""More than one part."""
CONTENTS = (b"petit", LARGE, b"passager")
GONE = CONTENTS[2]
"""What is received and taken away in the same night."""


def open_depot(folder: Path, place: S3Deposits) -> Depot:
    """Open the depot with its keyring; the first time, key and keyring are made."""
    seal = Seal.from_key_file(folder / "cle", create=True)
    (folder / "trousseau").mkdir(exist_ok=True, mode=0o700)
    return Depot(place, seal.attach(Keyring.open(folder / "trousseau", seal.derive_keyring_key(), create=True)))


def main() -> None:
    """Do a night's work in a process of its own."""
    folder, port, prefix, bucket, region, access, secret = sys.argv[1:]
    session = WebSession(f"https://127.0.0.1:{port}", S3Signer(access, secret, region), private=False)
    place = S3Deposits(session, bucket, prefix, Path(folder) / "brouillons", (0, 0, 0))
    work(open_depot(Path(folder), place))


def work(depot: Depot) -> None:
    """Receive what is not there yet, and remove what is not needed any more."""
    digests = [depot.put(io.BytesIO(content), name="export.csv").digest for content in CONTENTS]
    depot.remove(digests[CONTENTS.index(GONE)])


if __name__ == "__main__":
    main()
