"""The demonstration of the live API: an agenda follows its visits, is killed ten times, and ends equal.

`python examples/api_demo.py [FOLDER] [KILLS]`: everything it makes is in `api-demo-out/` (or the folder that is named),
which it empties first. Exports of an invented planning come in, with visits that change, vanish and come back, while
the agenda (`examples/agenda/agenda.py`, a process of its own) is killed again and again. At the end both sides are
compared.
"""

from __future__ import annotations

import csv
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "examples" / "agenda"
OUT = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "api-demo-out"
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 10
VISITS = 300


def main() -> int:
    """Run the demonstration; 0 when agenda and API hold the same."""
    shutil.rmtree(OUT, ignore_errors=True)
    shutil.copytree(MODEL, OUT)
    (OUT / "entrees").mkdir()
    chance = random.Random(22)  # noqa: S311  invented data
    visits = dict.fromkeys(range(VISITS), 8)
    _export(visits)
    _call("run")
    words = ("token", "new", "agenda", "--contract", "visit/1", "--purpose", "planning", "--days", "90")
    token = json.loads(_call(*words, "--why", "agenda du service", "--format", "json"))["token"]
    environment = {**os.environ, "AGENDA_TOKEN": token}
    with _serving() as address:
        url = f"{address}/visit/1"
        for number in range(KILLS):
            following = _follow(url, environment)
            _change(visits, chance)
            _export(visits)
            _call("run")
            # killed at some moment of its work, not always at the same
            try:
                following.wait(chance.uniform(0.05, 0.6))
            except subprocess.TimeoutExpired:
                following.kill()
                following.wait()
            sys.stdout.write(f"{number + 1:>3}  export: {len(visits):>3}   agenda: {len(_read_agenda()):>3}\n")
        _follow(url, environment, "--once").wait()
        there = _read_api(url, token)
    kept = _read_agenda()
    is_equal = kept == there and len(there) == len(visits)
    sys.stdout.write(f"\nAPI: {len(there)}   agenda: {len(kept)}   {'=' if is_equal else '≠'}\n")
    return 0 if is_equal else 1


def _change(visits: dict[int, int], chance: random.Random) -> None:
    """Let some visits change their hour, some vanish, and some that had vanished come back."""
    for number in range(VISITS):
        draw = chance.random()
        if draw < 0.05:
            visits.pop(number, None)
        elif draw < 0.2:
            visits[number] = chance.randrange(7, 20)


def _export(visits: dict[int, int]) -> None:
    exports = OUT / "entrees"
    path = exports / f"planning-{sum(1 for _file in exports.rglob('*.csv')):03}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, delimiter=";")
        lines.writerow(["N°", "Personne", "Jour", "Début", "Fin"])
        for number, hour in sorted(visits.items()):
            day = f"{1 + number % 28:02}/11/2026"
            lines.writerow([f"V{number}", f"P{number % 40}", day, f"{hour:02}:00", f"{hour + 1:02}:00"])


def _call(*words: str) -> str:
    """Call passerelle as a user does, and return what it says."""
    line = [sys.executable, "-m", "passerelle.faces.cli.main", *words]
    done = subprocess.run(  # noqa: S603  our own interpreter and words
        line, cwd=OUT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout


@contextmanager
def _serving() -> Iterator[str]:
    """Serve the API, and yield its address."""
    line = [sys.executable, "-m", "passerelle.faces.cli.main", "serve", "--port", "0"]
    with subprocess.Popen(  # noqa: S603  as above
        line, cwd=OUT, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        try:
            for said in process.stdout or ():
                if found := re.search(r"http://\S+/v1\b", said):
                    yield found[0]
                    break
        finally:
            process.terminate()


def _follow(url: str, environment: dict[str, str], *words: str) -> subprocess.Popen[bytes]:
    """Start the agenda."""
    line = [sys.executable, str(OUT / "agenda.py"), url, "agenda.sqlite3", *words]
    return subprocess.Popen(line, cwd=OUT, env=environment)  # noqa: S603  as above


def _read_agenda() -> dict[str, Any]:
    """Return what the agenda holds."""
    if not (OUT / "agenda.sqlite3").exists():
        return {}
    with closing(sqlite3.connect(OUT / "agenda.sqlite3")) as kept:
        if not kept.execute("SELECT 1 FROM sqlite_master WHERE name = 'record'").fetchone():
            return {}
        return {ref: json.loads(body) for ref, body in kept.execute("SELECT ref, body FROM record")}


def _read_api(url: str, token: str) -> dict[str, Any]:
    """Return what the API holds."""
    there: dict[str, Any] = {}
    query: dict[str, Any] = {"limit": 100}
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        while True:
            page = client.get(url, params=query).raise_for_status().json()
            there |= {one["ref"]: one for one in page["records"]}
            if "next" not in page:
                return there
            query["cursor"] = page["next"]


if __name__ == "__main__":
    sys.exit(main())
