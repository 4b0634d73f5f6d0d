"""Decrypts an OpenPGP message in a process of its own, with limits: some kilobytes can inflate to all memory there is.

Run as a script. Standard input is the length of the key in eight bytes, the key, and the message; the argument a JSON
object of limits: `memory` in bytes, `seconds` of processor. Standard output is the content. The exit code is 0 when
all was written, `UNUSABLE` for what is no key of ours, `LOCKED` for a message that the key does not open, and anything
else when a limit was met.
"""

from __future__ import annotations

import json
import sys

from passerelle.documents.workbook_child import limit

LOCKED = 3
UNUSABLE = 4
LENGTH = 8


def main() -> int:
    """Decrypt, and return the exit code. No word of the library is shown: it may hold anything."""
    limit(**json.loads(sys.argv[1]))
    import pysequoia  # noqa: PLC0415  within the limits

    size = int.from_bytes(sys.stdin.buffer.read(LENGTH))
    key, message = sys.stdin.buffer.read(size), sys.stdin.buffer.read()
    try:
        decryptor = pysequoia.Tsk.from_bytes(key).decryptor()
    except (RuntimeError, TypeError, ValueError):
        return UNUSABLE
    try:
        content = pysequoia.decrypt(message, decryptor=decryptor).bytes or b""
    except (RuntimeError, TypeError, ValueError):
        return LOCKED
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
