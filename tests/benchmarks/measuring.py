"""Whole processes, measured from outside: wall time, processor time, peak memory; and whether two of them agree."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import connector

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parent
_SETTINGS = """\
[passerelle]
state = "state"
plugins = ["bench"]

[flow.bench]
connector = "bench-export"
purpose = "effectivity"
strict_identifiers = true
source = {{ kind = "folder", path = "{source}", after = "keep", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "out", format = "{form}" }}
"""


@dataclass(frozen=True)
class Measure:
    """One process. Times in seconds, memory in MiB; `cpu` is what all its threads used together."""

    wall: float
    cpu: float
    peak: float


def run(
    command: Sequence[str | Path], *, room: Path, environment: Mapping[str, str], codes: tuple[int, ...]
) -> Measure:
    """Run a process to its end. Raises RuntimeError with its last words when it ends otherwise."""
    with (room / "words.txt").open("wb") as words:
        started = time.perf_counter()
        child = subprocess.Popen(command, cwd=room, env={**os.environ, **environment}, stdout=words, stderr=words)
        _pid, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in codes:
        raise RuntimeError((room / "words.txt").read_text("utf-8")[-2000:])
    return Measure(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def product(source: Path, room: Path, *, form: str = "ndjson") -> Measure:
    """Run `passerelle run` on a folder that holds one file, from nothing."""
    room.mkdir()
    connector.install(room / "plugins")
    settings = _SETTINGS.format(source=source.as_posix(), form=form)
    (room / "passerelle.toml").write_text(settings, encoding="utf-8")
    command = (sys.executable, "-m", "passerelle.faces.cli.main", "run")
    return run(command, room=room, environment={"PYTHONPATH": str(room / "plugins")}, codes=(0, 1))


def plain(source: Path, room: Path) -> Measure:
    """Run the plain loop."""
    room.mkdir()
    command = (sys.executable, HERE / "plain.py", source, room / "accepted.ndjson", room / "aside.ndjson")
    return run(command, room=room, environment={}, codes=(0,))


def floor(source: Path, room: Path) -> Measure:
    """Run the floor."""
    room.mkdir()
    return run((sys.executable, HERE / "floor.py", source, room / "out.ndjson"), room=room, environment={}, codes=(0,))


def middle(measures: Sequence[Measure]) -> Measure:
    """Give the median of each figure."""
    return Measure(*(median(getattr(one, name) for one in measures) for name in ("wall", "cpu", "peak")))


def disagreement(product_room: Path, plain_room: Path) -> str:
    """Compare accepted and set-aside rows, row by row; empty when they are the same."""
    files = sorted((product_room / "out").glob("*.ndjson"))
    ours = (_record(line) for file in files for line in _lines(file))
    with (plain_room / "accepted.ndjson").open(encoding="utf-8") as stream:
        theirs = (json.loads(line) for line in stream)
        for number, (mine, other) in enumerate(_pairs(ours, theirs)):
            if mine != other:
                return f"accepted record {number} differs"
    with closing(sqlite3.connect(product_room / "state" / "journal.sqlite3")) as journal:
        lines = [line for (line,) in journal.execute("SELECT line FROM quarantine ORDER BY line")]
    aside = (plain_room / "aside.ndjson").read_text("utf-8").splitlines()
    return "" if lines == [json.loads(row)["line"] for row in aside] else "other rows are set aside"


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8") as stream:
        yield from stream


def _record(line: str) -> dict[str, object]:
    record: dict[str, object] = json.loads(line)
    del record["source"]
    return record


def _pairs(ours: Iterator[object], theirs: Iterator[object]) -> Iterator[tuple[object, object]]:
    nothing = object()
    while True:
        pair = next(ours, nothing), next(theirs, nothing)
        if pair == (nothing, nothing):
            return
        yield pair
