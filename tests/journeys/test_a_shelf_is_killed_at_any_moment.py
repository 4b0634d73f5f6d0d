"""Killed at any place of a run, and run again: the same shelf as without, and each reader ends with it (law 1)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from journeying import take_some
from shelving import Reader
from whole_exports import PLANNING, Exports, write_planning

from passerelle.vocabulary.failpoints import LOG_VARIABLE, SHELF_FAILPOINTS, VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable

DAYS = [f"2024-12-{day:02}" for day in range(2, 26)]
FIRST = [(number, day, number % 3 == 0) for number, day in enumerate(DAYS)]
SECOND = [(number, day, number % 2 == 0) for number, day, _done in FIRST if number != 7] + [(99, "2024-12-20", True)]
PLACES = (
    *("collect.registered", "folder.written", "folder.renamed", "settle.before", "settle.quarantined"),
    *("settle.committed:1", "settle.committed:2", "parcel.closed", "keys.swept"),
    *(f"{place}:{nth}" for place in SHELF_FAILPOINTS[:2] for nth in (1, 2, 3)),
    *(f"{place}:{nth}" for place in SHELF_FAILPOINTS[2:] for nth in (1, 2)),
)
LINE = [sys.executable, "-m", "passerelle.faces.cli.main", "run"]


def _settle(folder) -> Exports:
    exports = Exports.at(
        folder, connector=PLANNING, destination="folder", vanished="delete", most_vanished=0.5, block_bytes=1_024
    )
    settings = folder / "passerelle.toml"
    settings.write_text(f"{settings.read_text('utf-8')}\nshelf = {{ days = 400 }}\n", "utf-8")
    return exports


def _run(exports: Exports, **environment: str) -> int:
    done = subprocess.run(
        LINE, cwd=exports.folder, env={**os.environ, **environment}, capture_output=True, check=False, timeout=120
    )
    assert done.returncode in (0, 1, 2, -signal.SIGKILL), done.stderr.decode()
    return done.returncode


def _read(exports: Exports, form: Callable[[bytes], object] = bytes) -> dict[str, dict[str, object]]:
    with exports.open() as workspace:
        return {
            scope.contract: {ref: form(line) for ref, line in Reader(workspace.shelf, scope).finish(3).items()}
            for scope in workspace.shelf.list_scopes()
        }


def _drop_source(line: bytes) -> object:
    """Return a record without where it comes from: two installations name their parcels differently."""
    return {name: value for name, value in json.loads(line).items() if name != "source"}


@pytest.fixture(scope="session")
def unharmed(tmp_path_factory) -> dict[str, dict[str, object]]:
    """Give the shelf of two nights in which nothing was killed."""
    exports = _settle(tmp_path_factory.mktemp("sain"))
    log = exports.folder / "passed.txt"
    for rows in (FIRST, SECOND):
        exports.drop(write_planning(rows))
        _run(exports, **{LOG_VARIABLE: str(log)})
    assert {place.partition(":")[0] for place in PLACES} <= set(log.read_text("ascii").split())
    found = _read(exports, _drop_source)
    assert "essai:planned_visit:7" not in found["planned_visit/1"]
    assert len(found["visit/1"]) > 8
    return found


@pytest.mark.parametrize("place", take_some(PLACES, step=3))
def test_killed_in_the_first_night_or_in_the_second_it_ends_as_without(place, tmp_path, unharmed):
    exports = _settle(tmp_path)
    readers: list[Reader] = []
    for rows in (FIRST, SECOND):
        exports.drop(write_planning(rows))
        _run(exports, **{VARIABLE: place})
        with exports.open() as workspace:
            # who reads what a killed process left goes on from there
            for scope in workspace.shelf.list_scopes():
                if scope.contract not in [reader.scope.contract for reader in readers]:
                    readers.append(Reader(workspace.shelf, scope))
            for reader in readers:
                reader.shelf = workspace.shelf
                reader.read(5)
        assert _run(exports) in (0, 1)
    assert _read(exports, _drop_source) == unharmed
    with exports.open() as workspace:
        for reader in readers:
            reader.shelf = workspace.shelf
            reader.finish()
    whole = _read(exports)
    for reader in readers:
        assert reader.has == whole[reader.scope.contract]
