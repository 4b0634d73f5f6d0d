"""Files encrypted with OpenPGP (RFC 9580), decrypted while they are collected: the depot seals what is in them.

That a file opens says for whom it was encrypted, not by whom: signatures are not looked at.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING

from passerelle.edges.sources import pgp_child as child
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.openpgp import is_message
from passerelle.vocabulary.safe_files import open_nowhere

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 256 << 20
"""Most bytes of a message that is decrypted: all of it is in memory at once."""
LIMITS = MappingProxyType({"memory": 3 << 30, "seconds": 60})
_DEADLINE = 120.0
_PIECE = 1 << 20
_HEAD = 64
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "TMPDIR", "TEMP", "TMP")


def has_library() -> bool:
    """Whether what decrypts is installed."""
    return find_spec("pysequoia") is not None


def open_pgp_file(stream: IO[bytes], key: str) -> IO[bytes]:
    """Return what a message holds; what is none, or asks for more than an honest one, as it came.

    Raises FlowError: `incident.file.key` when the key does not open it, `settings.pgp.key` for what is no key.
    """
    head = stream.read(_HEAD)
    if not is_message(head):
        return _put_back(stream, head)
    held = open_nowhere()
    secret = key.encode()
    start = child.LENGTH + len(secret)
    held.write(len(secret).to_bytes(child.LENGTH) + secret)
    with stream:
        for piece in chain((head,), _iter_pieces(stream)):
            held.write(piece)
    opened = open_nowhere()
    code = _run_child(held, opened) if held.tell() - start <= MOST_BYTES else -1
    if code:
        opened.close()
    if code in (child.LOCKED, child.UNUSABLE):
        held.close()
        raise FlowError("incident.file.key" if code == child.LOCKED else "settings.pgp.key")
    if code:
        held.seek(start)
        return _copy_rest(held)
    held.close()
    opened.seek(0)
    return opened


def try_key(key: str) -> None:
    """Look whether a text is a private key that opens messages. Raises FlowError `settings.pgp.key` when it is not."""
    secret = key.encode()
    with open_nowhere() as held, open_nowhere() as opened:
        held.write(len(secret).to_bytes(child.LENGTH) + secret)
        if _run_child(held, opened) == child.UNUSABLE:  # before it looks at a message, of which there is none
            raise FlowError("settings.pgp.key")


def _put_back(stream: IO[bytes], head: bytes) -> IO[bytes]:
    """Return a stream from its beginning."""
    if stream.seekable():
        stream.seek(0)
        return stream
    whole = open_nowhere()
    with stream:
        whole.write(head)
        for piece in _iter_pieces(stream):
            whole.write(piece)
    whole.seek(0)
    return whole


def _copy_rest(held: IO[bytes]) -> IO[bytes]:
    rest = open_nowhere()
    with held:
        for piece in _iter_pieces(held):
            rest.write(piece)
    rest.seek(0)
    return rest


def _iter_pieces(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.read(_PIECE), b"")


def _run_child(held: IO[bytes], opened: IO[bytes]) -> int:
    """Let the child write what the message holds, and return its exit code; -1 when it took too long."""
    held.flush()
    held.seek(0)
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # -I: neither PYTHONPATH nor packages of the user may bring code into the child
    command = [sys.executable, "-I", str(Path(child.__file__)), json.dumps(dict(LIMITS))]
    try:
        done = subprocess.run(  # noqa: S603  our own reader
            command,
            stdin=held,
            stdout=opened,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=_DEADLINE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1
    return done.returncode
