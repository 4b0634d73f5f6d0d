"""Writes a dossier into a folder, and its signature over every file in it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passerelle.switching.prove import keys
from passerelle.switching.prove.dossier import as_bytes
from passerelle.switching.prove.dossier_page import render_page
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.safe_files import write_new

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

DOSSIER, PAGE, SIGNATURE = "dossier.json", "dossier.html", "signature.json"
DIFFERENCES = "ecarts.jsonl"
"""Every difference that nobody expected, one a line, without values."""
_FORMAT = "passerelle.signature/1"
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class DossierSignature:
    """A signature as it was read, and whether it is valid."""

    public: str
    files: Mapping[str, str]
    """SHA-256 by name."""
    is_good: bool

    @property
    def fingerprint(self) -> str:
        """What people compare by telephone; empty when there is no key."""
        try:
            return keys.format_fingerprint(self.public)
        except ValueError:
            return ""


def write_dossier(
    folder: Path, content: Mapping[str, Any], key: Ed25519PrivateKey, differences: Path | None = None
) -> str:
    """Write a dossier into an empty folder and return the fingerprint of the key.

    Raises UsageError when the folder is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("usage.file.exists", file=folder.name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if differences is not None:
        write_new(folder / DIFFERENCES, differences.read_bytes())
    write_new(folder / DOSSIER, as_bytes(content))
    public = keys.to_public(key)
    write_new(folder / PAGE, render_page(content, keys.format_fingerprint(public)))
    about = {
        "format": _FORMAT,
        "algorithm": "Ed25519",
        "public_key": public,
        "files": {path.name: digest(path) for path in sorted(folder.iterdir())},
    }
    write_new(folder / SIGNATURE, as_bytes({**about, "signature": keys.sign(key, as_bytes(about))}))
    return keys.format_fingerprint(public)


def read_signature(folder: Path) -> DossierSignature:
    """Read and check a signature. Raises UsageError when there is none."""
    try:
        with (folder / SIGNATURE).open("rb") as stream:
            content = stream.read(_LARGEST)
        document = json.loads(content)
        public, signature = document["public_key"], document["signature"]
        about = {name: value for name, value in document.items() if name != "signature"}
        # Only the names that we write are let through: nothing that a dossier says becomes a path.
        files = {
            name: sha256
            for name, sha256 in document["files"].items()
            if name in (DOSSIER, PAGE, DIFFERENCES) and isinstance(sha256, str)
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError("usage.dossier.unreadable", name=folder.name) from None
    # byte for byte: a space too many is not what was signed
    good = content == as_bytes(document) and document.get("format") == _FORMAT
    return DossierSignature(str(public), files, good and keys.is_signed(str(public), str(signature), as_bytes(about)))


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
