"""What `make bench` measures, section by section; contenders take turns, so that a slow moment falls on all of them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import export
import measuring
import recalling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from measuring import Measure

Contenders = dict[str, "Callable[[Path], Measure]"]
PRODUCT, PARQUET, PLAIN, FLOOR, RECORDS = "product", "parquet", "plain", "floor", "records"
EVERYBODY, LIBRARIES = "everybody", "libraries"
NAMES = {
    PRODUCT: "passerelle run → NDJSON",
    PARQUET: "passerelle run → Parquet",
    PLAIN: "csv + pydantic, row by row",
    FLOOR: "polars reads and writes, nothing else",
    RECORDS: "polars writes our records, nothing else",
    EVERYBODY: "passerelle run, every installed plugin allowed",
    LIBRARIES: "import numpy, polars, pydantic",
    "dlt": "dlt, translated by the plain loop's code",
    "singer": "Singer SDK: a tap and a target, translated by the plain loop's code",
    "petl": "petl, by constraints",
    "polars script": "a capable user's polars script",
    "frictionless": "frictionless, which only validates",
}


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    times: int
    peers: Path | None = None
    """The interpreter of an environment that has the peers."""


def in_turn(
    contenders: Contenders, times: int, check: Callable[[Path], str] = lambda _folder: ""
) -> dict[str, Measure]:
    """Measure each contender so many times and give the medians. `check` looks once at what all of them left."""
    found: dict[str, list[Measure]] = {name: [] for name in contenders}
    with TemporaryDirectory() as name:
        folder = Path(name)
        for nth in range(times):
            for contender, measure in contenders.items():
                found[contender].append(measure(folder / contender))
            if not nth and (problem := check(folder)):
                raise SystemExit(problem)
            for contender in contenders:
                shutil.rmtree(folder / contender, ignore_errors=True)
    return {contender: measuring.middle(measures) for contender, measures in found.items()}


@contextmanager
def exported(rows: int, *, bad: float = 0.01) -> Iterator[Path]:
    """Lend a folder that holds an export of so many rows."""
    with TemporaryDirectory() as name:
        export.write(Path(name) / "export.csv", rows, bad=bad)
        yield Path(name)


def the_job(rows: int, options: Options) -> dict[str, Measure]:
    """Measure the whole job beside the plain loop and the floor; verdicts are compared row by row."""
    with exported(rows) as source:
        file = source / "export.csv"
        contenders: Contenders = {
            PRODUCT: lambda room: measuring.product(source, room),
            PARQUET: lambda room: measuring.product(source, room, form="parquet"),
            PLAIN: lambda room: measuring.plain(file, room),
            FLOOR: lambda room: measuring.floor(file, room),
            RECORDS: lambda room: measuring.records(room.parent / PARQUET / "out", room),
        }
        return in_turn(
            contenders,
            options.times,
            lambda folder: measuring.disagreement(folder / PRODUCT, folder / PLAIN),
        )


def small(rows: int, options: Options) -> dict[str, Measure]:
    """Measure a run of few rows beside what it cannot do without: most of it is starting."""
    with exported(rows) as source:
        contenders: Contenders = {
            PRODUCT: lambda room: measuring.product(source, room),
            EVERYBODY: lambda room: measuring.everybody(source, room),
            LIBRARIES: measuring.libraries,
        }
        return in_turn(contenders, options.times)


def scaling(sizes: tuple[int, ...], options: Options) -> dict[int, Measure]:
    """Measure the product alone on more and more rows."""
    found = {}
    for rows in sizes:
        with exported(rows) as source:
            times = options.times if rows <= 1_000_000 else 1
            found[rows] = in_turn({PRODUCT: lambda room, at=source: measuring.product(at, room)}, times)[PRODUCT]
    return found


def spoilt(rows: int, shares: tuple[float, ...], options: Options) -> dict[float, dict[str, Measure]]:
    """Measure product and plain loop on exports that are worse and worse."""
    found = {}
    for share in shares:
        with exported(rows, bad=share) as source:
            contenders: Contenders = {
                PRODUCT: lambda room, at=source: measuring.product(at, room),
                PLAIN: lambda room, at=source: measuring.plain(at / "export.csv", room),
            }
            found[share] = in_turn(
                contenders,
                min(options.times, 3),
                lambda folder: measuring.disagreement(folder / PRODUCT, folder / PLAIN),
            )
    return found


def delivery(rows: int, options: Options) -> dict[str, Measure]:
    """Deliver record by record to a server on this machine; beside it, a bare httpx loop with the same bodies."""
    with exported(rows) as source, serving() as url, TemporaryDirectory() as name:
        bodies = Path(name) / "bodies.ndjson"
        room = Path(name) / "bodies"
        measuring.product(source, room)
        bodies.write_bytes(b"".join(file.read_bytes() for file in sorted((room / "out").glob("*.ndjson"))))
        script = measuring.HERE / "bare.py"
        return in_turn(
            {
                PRODUCT: lambda room: measuring.delivering(source, room, url),
                "bare": lambda room: measuring.python((script, bodies, url, str(measuring.IN_FLIGHT)), room),
            },
            min(options.times, 3),
        )


@contextmanager
def serving() -> Iterator[str]:
    """Run the other side."""
    command = (sys.executable, measuring.HERE / "server.py")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}" if process.stdout else ""
        finally:
            process.kill()


def unchanged(rows: int) -> tuple[Measure, Measure]:
    """Deliver an export, then the same rows in another file: all are known and nothing is delivered."""
    with exported(rows) as source, TemporaryDirectory() as name:
        room = Path(name) / "room"
        first = measuring.product(source, room)
        lines = (source / "export.csv").read_bytes()
        (source / "export.csv").write_bytes(lines + b"\r\n")
        return first, measuring.product(source, room)


@dataclass(frozen=True)
class Staged:
    """Seconds of each stage of a run in which nothing overlaps, and of the run as a whole."""

    stages: dict[str, float]
    whole: float

    @property
    def settling(self) -> float:
        """Seconds in which batches were settled."""
        return self.stages["settle"]

    @property
    def added(self) -> float:
        """What settling adds to the rest."""
        return self.settling / (self.whole - self.settling)


def staged(rows: int, *, bad: float = 0.01) -> Staged:
    """Run batch after batch of a file, and ask where the time went."""
    words = ("--jobs", "1", "--profile", "--format", "json")
    with exported(rows, bad=bad) as source, TemporaryDirectory() as name:
        room = Path(name) / "room"
        measuring.product(source, room, words=words)
        said = (room / "words.txt").read_text("utf-8")
    profile = json.loads(said[said.index("{\n") :])["profile"]
    return Staged({entry["stage"]: entry["wall"] for entry in profile["stages"]}, profile["wall"])


@dataclass(frozen=True)
class Recall:
    """What looking up costs in one order: seconds of that alone, and the process as a whole."""

    seconds: float
    process: Measure


def recalled(rows: int, options: Options) -> dict[str, Recall]:
    """Let a journal learn so many records; processes of their own look them up in each order, in turn."""
    script = measuring.HERE / "recalling.py"
    with TemporaryDirectory() as name:
        room = Path(name) / "room"
        measuring.python((script, "learn", room, str(rows)), room)
        found: dict[str, list[Recall]] = {order: [] for order in recalling.ORDERS}
        for _nth in range(options.times):
            for order in recalling.ORDERS:
                process = measuring.python((script, "recall", room, str(rows), order), room)
                found[order].append(Recall(json.loads((room / "words.txt").read_text("utf-8")), process))
    return {
        order: Recall(median(one.seconds for one in some), measuring.middle([one.process for one in some]))
        for order, some in found.items()
    }


def start_up(options: Options) -> Mapping[str, Measure]:
    """Start, and end at once; beside it, an interpreter that does nothing."""
    return in_turn(
        {
            "passerelle --help": lambda room: _started(("--help",), room),
            "passerelle plugins list": lambda room: _started(("plugins", "list"), room),
            "python -c pass": lambda room: measuring.python(("-c", "pass"), room),
        },
        options.times,
    )


def _started(words: tuple[str, ...], room: Path) -> Measure:
    room.mkdir(exist_ok=True)
    return measuring.command(words, room)
