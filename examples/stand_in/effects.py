"""What the receiving system has done, by idempotency key: each key has one effect, for ever, also after a restart."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .exchange import Answer, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TABLE = """
CREATE TABLE IF NOT EXISTS effect (
  path TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL,
  status INTEGER, answer TEXT, body TEXT NOT NULL,
  PRIMARY KEY (path, key)
) STRICT
"""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing done (2xx) or refused (4xx) once."""

    path: str
    key: str
    digest: str
    status: int
    body: Mapping[str, object]


class Effects:
    """The effects, in an SQLite file. Safe for the threads of one server."""

    def __init__(self, file: Path | str) -> None:
        self._lock = threading.Lock()
        self._base = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._base.execute("PRAGMA synchronous = OFF")  # what must last here lasts longer than a process, no more
        self._base.execute(_TABLE)
        self._base.execute("DELETE FROM effect WHERE status IS NULL")  # begun by a server that was killed: not done

    def begin(self, path: str, key: str, digest: str, body: str) -> Answer | None:
        """Open an effect: None when it is new, else the answer that an earlier request with this key calls for."""
        with self._lock:
            found = self._base.execute(
                "SELECT digest, status, answer FROM effect WHERE path = ? AND key = ?",
                (path, key),
            ).fetchone()
            if found is None:
                self._base.execute(
                    "INSERT INTO effect (path, key, digest, body) VALUES (?, ?, ?, ?)",
                    (path, key, digest, body),
                )
                return None
        return _earlier(found, digest)

    def finish(self, path: str, key: str, answer: Answer) -> None:
        """Close an effect with its answer, which any later request with the same key and body gets again."""
        with self._lock:
            self._base.execute(
                "UPDATE effect SET status = ?, answer = ? WHERE path = ? AND key = ?",
                (answer.status, json.dumps(answer.body), path, key),
            )

    def all(self) -> list[Effect]:
        """Give everything that was done or refused, in the order in which it began."""
        with self._lock:
            rows = self._base.execute(
                "SELECT path, key, digest, status, body FROM effect WHERE status IS NOT NULL ORDER BY rowid",
            ).fetchall()
        return [Effect(path, key, digest, status, json.loads(body)) for path, key, digest, status, body in rows]

    def held(self, path: str) -> list[tuple[str, dict[str, object]]]:
        """Give what was taken under a path: the id that the answer gave, and the body; of a ref, what came last."""
        with self._lock:
            rows = self._base.execute(
                "SELECT answer, body FROM effect WHERE path = ? AND status < 300 ORDER BY rowid", (path,)
            ).fetchall()
        last = {body["ref"]: (json.loads(answer)["id"], body) for answer, text in rows for body in (json.loads(text),)}
        return list(last.values())

    def close(self) -> None:
        """Close the file."""
        self._base.close()


def _earlier(found: tuple[str, int | None, str], digest: str) -> Answer:
    known, status, answer = found
    if known != digest:
        return refusal(422, "idempotency_key_reused")
    if status is None:
        return refusal(409, "request_in_progress", {"Retry-After": "1"})
    return Answer(status, json.loads(answer), {"Idempotent-Replayed": "true"})
