"""Of what the time of a run is made: start-up import by import, a document read and then judged, stages of bad rows."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import measuring
from document_sections import DECODED, LIBRARY
from sections import PRODUCT, exported

if TYPE_CHECKING:
    from collections.abc import Mapping

    from measuring import Measure
    from sections import Options

_LIBRARIES = dict.fromkeys(("numpy", "polars", "_polars_runtime_32", "pydantic", "pydantic_core"), "libraries")
_OWN = dict.fromkeys(("passerelle", "passerelle_plugin_bench"), "own")
_GROUPS = {**_LIBRARIES, **_OWN, "sqlalchemy": "sqlalchemy"}
IMPORTS = {
    "libraries": "importing numpy, polars and pydantic",
    "sqlalchemy": "importing SQLAlchemy",
    "others": "importing other libraries",
    "standard": "importing from the standard library",
    "own": "importing its own modules and the plugin",
    "work": "starting the interpreter, and the work itself",
}
_IMPORT = re.compile(r"^import time: +(\d+) \| +\d+ \| +([\w.]+)$", re.MULTILINE)


def start_parts(rows: int, options: Options) -> dict[str, float]:
    """Return milliseconds of each part of a run of so many rows: Python itself times each import of it."""
    found: dict[str, list[float]] = {part: [] for part in IMPORTS}
    with exported(rows) as source:
        for _nth in range(options.times):
            with TemporaryDirectory() as name:
                for part, spent in _time_imports(source, Path(name) / "room").items():
                    found[part].append(spent)
    return {part: median(some) for part, some in found.items()}


def _time_imports(source: Path, room: Path) -> dict[str, float]:
    line = (sys.executable, "-X", "importtime", "-m", "passerelle.faces.cli.main", "run")
    measuring.prepare(source, room)
    whole = measuring.run(line, room=room, environment={"PYTHONPATH": str(room / "plugins")}, codes=(0, 1))
    spent = Counter(dict.fromkeys(IMPORTS, 0.0))
    for microseconds, module in _IMPORT.findall((room / "words.txt").read_text("utf-8")):
        top = module.split(".")[0]
        usual = "standard" if top in sys.stdlib_module_names else "others"
        spent[_GROUPS.get(top, usual)] += int(microseconds) / 1000
    spent["work"] = 1000 * whole.wall - spent.total()
    return dict(spent)


def document_parts(documents: Mapping[str, Mapping[str, Measure]]) -> dict[str, tuple[float, float, float]]:
    """Return for each document what the library takes alone, what reading takes more, and what all the rest takes."""
    return {
        file: (one[LIBRARY].cpu, one[DECODED].cpu - one[LIBRARY].cpu, one[PRODUCT].cpu - one[DECODED].cpu)
        for file, one in documents.items()
    }
