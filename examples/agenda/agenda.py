"""A stand-in agenda: follows one contract of the live API, and keeps what it reads in a file of its own.

`python agenda.py https://api.exemple.fr/v1/visit/1 agenda.sqlite3 [--once]`, with the token in AGENDA_TOKEN. What it
read and how far it read are written in one transaction: it may be killed at any moment, and goes on where it was.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from contextlib import closing

import httpx

_TABLES = """
CREATE TABLE IF NOT EXISTS record (ref TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reading (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_GONE = 410
_PAUSE = 0.2


def follow(client: httpx.Client, url: str, kept: sqlite3.Connection) -> bool:
    """Read one page, keep it with where to go on, and return whether there is more."""
    place = dict(kept.execute("SELECT name, value FROM reading"))
    query = {name: place[name] for name in ("cursor", "since") if name in place}
    answer = client.get(url, params=query)
    if answer.status_code == _GONE:
        # removals that it has not seen are forgotten there: read everything anew
        with kept:
            kept.execute("DELETE FROM reading")
            kept.execute("DELETE FROM record")
        return True
    page = answer.raise_for_status().json()
    following = {"cursor": page["next"]} if "next" in page else {"since": page["cursor"]}
    with kept:
        for one in page["records"]:
            if one.get("deleted"):
                kept.execute("DELETE FROM record WHERE ref = ?", (one["ref"],))
            else:
                kept.execute("INSERT OR REPLACE INTO record VALUES (?, ?)", (one["ref"], json.dumps(one)))
        kept.execute("DELETE FROM reading")
        kept.executemany("INSERT INTO reading VALUES (?, ?)", following.items())
    # a list that has just ended goes on with what changed meanwhile
    return "next" in page or "since" not in query or page.get("more", False)


def main() -> None:
    """Follow until it is stopped; with `--once`, until there is no more."""
    url, path, *words = sys.argv[1:]
    headers = {"Authorization": f"Bearer {os.environ['AGENDA_TOKEN']}"}
    with closing(sqlite3.connect(path)) as kept, httpx.Client(headers=headers, timeout=30) as client:
        kept.executescript(_TABLES)
        while True:
            try:
                has_more = follow(client, url, kept)
            except httpx.TransportError:
                if words:
                    raise
                has_more = False
            if not has_more:
                if words:
                    return
                time.sleep(_PAUSE)


if __name__ == "__main__":
    main()
