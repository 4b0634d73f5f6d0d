"""Whole processes, measured from outside: wall time, processor time, peak memory; and whether two of them agree."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import connector

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parent
IN_FLIGHT = 4
_INSTALLED = {"PYTHONDONTWRITEBYTECODE": ""}
"""Every contender keeps its compiled code from one process to the next, as what is installed does."""
_SETTINGS = """\
[passerelle]
state = "state"
{plugins}
[flow.bench]
connector = "bench-export"
purpose = "effectivity"
strict_identifiers = true
source = {{ kind = "folder", path = "{source}", after = "keep", quiet_seconds = 0 }}
destination = {destination}

[flow.bench.processing]
recipient = {{ kind = "payer", name = "Département" }}
basis = "obligation"
special_ground = "h"
professionals_informed_on = 2026-01-05
council_consulted_on = 2026-01-05
informed_on = 2026-01-05
retention = {{ recipient_days = 1825, then = "erase" }}
"""
_FOLDER = '{{ kind = "folder", path = "out", format = "{form}" }}'


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
    report = room.absolute() / "measured.json"
    alone = (sys.executable, "-S", HERE / "alone.py", report, *command)
    with (room / "words.txt").open("wb") as words:
        ended = subprocess.run(
            alone, cwd=room, env={**os.environ, **_INSTALLED, **environment}, stdout=words, stderr=words, check=False
        )
    if ended.returncode not in codes:
        raise RuntimeError((room / "words.txt").read_text("utf-8")[-2000:])
    return Measure(**json.loads(report.read_text("utf-8")))


def product(
    source: Path, room: Path, *, form: str = "ndjson", words: Sequence[str] = (), cores: int | None = None
) -> Measure:
    """Run `passerelle run` on a folder that holds one file, from nothing; if asked, on so many cores."""
    return _product(source, room, _FOLDER.format(form=form), words, cores=cores)


def everybody(source: Path, room: Path) -> Measure:
    """Run `passerelle run` likewise where the settings allow every plugin that is installed."""
    return _product(source, room, _FOLDER.format(form="ndjson"), (), plugins="")


def libraries(room: Path) -> Measure:
    """Import the libraries that every run of a CSV file needs, and end."""
    return python(("-c", "import numpy, polars, pydantic"), room)


def delivering(source: Path, room: Path, url: str) -> Measure:
    """Run `passerelle run` on a folder that holds one file, towards an API."""
    pace = f"in_flight = {IN_FLIGHT}, per_second = 10000"
    return _product(source, room, f'{{ kind = "api", base_url = "{url}", path = "visits", {pace} }}', ())


def _product(
    source: Path,
    room: Path,
    destination: str,
    words: Sequence[str],
    *,
    plugins: str = 'plugins = ["bench"]\n',
    cores: int | None = None,
) -> Measure:
    prepare(source, room, destination, plugins=plugins)
    return command(("run", *words), room, cores=cores)


def prepare(
    source: Path,
    room: Path,
    destination: str = _FOLDER.format(form="ndjson"),
    *,
    plugins: str = 'plugins = ["bench"]\n',
) -> None:
    """Make a folder with the settings and the plugin of the job, if there is none."""
    room.mkdir(exist_ok=True)
    if not (room / "passerelle.toml").exists():
        connector.install(room / "plugins")
        settings = _SETTINGS.format(source=source.as_posix(), destination=destination, plugins=plugins)
        (room / "passerelle.toml").write_text(settings, encoding="utf-8")


def command(words: Sequence[str], room: Path, *, codes: tuple[int, ...] = (0, 1), cores: int | None = None) -> Measure:
    """Run `passerelle` with these words."""
    line = (sys.executable, "-m", "passerelle.faces.cli.main", *words)
    environment = {"PYTHONPATH": str(room / "plugins"), **({"BENCH_CORES": str(cores)} if cores else {})}
    return run(line, room=room, environment=environment, codes=codes)


def checking(words: Sequence[str], room: Path, *, codes: tuple[int, ...] = (0, 1)) -> Measure:
    """Run `passerelle check` with these words, in a folder that need not exist."""
    room.mkdir(exist_ok=True)
    return command(words, room, codes=codes)


def python(
    words: Sequence[str | Path],
    room: Path,
    *,
    interpreter: str | Path = sys.executable,
    codes: tuple[int, ...] = (0,),
) -> Measure:
    """Run a script of this folder, or anything else that an interpreter takes."""
    room.mkdir(exist_ok=True)
    path = str(HERE.parents[1] / "src")
    return run((interpreter, *words), room=room, environment={"PYTHONPATH": path}, codes=codes)


def plain(source: Path, room: Path) -> Measure:
    """Run the plain loop."""
    return python((HERE / "plain.py", source, room / "accepted.ndjson", room / "aside.ndjson"), room)


def floor(source: Path, room: Path) -> Measure:
    """Run the floor."""
    return python((HERE / "floor.py", source, room / "out.ndjson"), room)


def records(accepted: Path, room: Path) -> Measure:
    """Run the floor of the records: `accepted` is what the product wrote as Parquet."""
    return python((HERE / "records.py", accepted, room / "out.ndjson"), room)


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
