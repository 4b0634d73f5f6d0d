"""Try one mutation: the tests that reach it, fastest first, until one of them fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tree import SOURCE, build_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from operators import Mutation
    from reach import Reach, Test

FIRST_SECONDS = 5.0
"""The first portion: most mutations are seen by a few quick tests, and each test file costs its import."""
NEIGHBOUR_SECONDS = 20.0
"""Tests of the same files that were not seen to reach the line: a remembered result may have hidden it from them."""
STARTING_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a mutation ended: `seen`, `late` (out of time, which counts as seen) or `survived`."""

    mutation: Mutation
    verdict: str
    tests: int
    """How many tests were asked."""
    reached: int
    """How many tests run the line; 0 when only tests of the package could be asked."""
    seen_by: str


def select_tests(mutation: Mutation, reach: Reach, *, budget: float) -> tuple[list[list[Test]], int]:
    """Return portions of tests in the order in which they are asked, and how many of them reach the line.

    What importing a module runs (a constant, a default) belongs to every test that runs any line of the module. A line
    that no test was seen to run is asked of the tests of its package: they may run it in a process that was killed.
    """
    lines = range(mutation.statement[0], mutation.statement[1] + 1)
    reaching = [test for test in reach.tests if test.reaches(mutation.file, lines)]
    if not reaching or any(reach.imported.get(mutation.file, 0) >> line & 1 for line in lines):
        reaching = [test for test in reach.tests if test.lines.get(mutation.file)]
    count = len(reaching)
    if not reaching:
        folder = f"/{Path(mutation.file).relative_to(SOURCE).parts[0]}/"
        reaching = [test for test in reach.tests if folder in test.file]
    reaching = list(_within(sorted(reaching, key=lambda test: test.seconds), budget))
    first = list(_within(reaching, FIRST_SECONDS))
    files = {test.file for test in reaching}
    asked = {test.name for test in reaching}
    beside = [test for test in reach.tests if test.file in files and test.name not in asked]
    neighbours = list(_within(sorted(beside, key=lambda test: test.seconds), NEIGHBOUR_SECONDS))
    return [portion for portion in (first, reaching[len(first) :], neighbours) if portion], count


def _within(tests: Iterable[Test], seconds: float) -> Iterator[Test]:
    spent = 0.0
    for test in tests:
        spent += test.seconds
        if spent > seconds and spent > test.seconds:
            return
        yield test


def try_mutation(tree: Path, mutation: Mutation, reach: Reach, *, budget: float) -> Outcome:
    """Write the mutation into a copy of the tree, ask the tests, and put the text back."""
    portions, reached = select_tests(mutation, reach, budget=budget)
    path = tree / mutation.file
    text = path.read_text("utf-8")
    path.write_text(mutation.apply(text), "utf-8")
    asked = 0
    try:
        for portion in portions:
            asked += len(portion)
            verdict, by = run_tests(tree, portion)
            if verdict != "survived":
                return Outcome(mutation, verdict, asked, reached, by)
        return Outcome(mutation, "survived", asked, reached, "")
    finally:
        path.write_text(text, "utf-8")


def run_tests(tree: Path, tests: list[Test]) -> tuple[str, str]:
    """Run some tests until the first fails, file by file, the file with the fastest test first."""
    order = {file: index for index, file in enumerate(dict.fromkeys(test.file for test in tests))}
    names = [test.name for test in sorted(tests, key=lambda test: order[test.file])]
    limit = STARTING_SECONDS + 10 * sum(test.seconds for test in tests)
    with tempfile.TemporaryDirectory(prefix="mutant-", ignore_cleanup_errors=True) as temporary:
        # The servers of a database that tests start as root run under another account, which has to come in here;
        # else their tests would fail whatever was changed.
        Path(temporary).chmod(0o711)
        asked = Path(temporary) / "asked"
        asked.write_text("\n".join(names), "utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb", "no", "--no-header", "-p", "no:cacheprovider"]
        command += ["-n", "0", "--hypothesis-seed", "0", "--basetemp", f"{temporary}/pytest", f"@{asked}"]
        with (Path(temporary) / "said").open("w+", encoding="utf-8") as said:
            variables = build_environment(tree, TMPDIR=temporary)
            process = subprocess.Popen(
                command, cwd=tree, env=variables, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
            )
            try:
                code = process.wait(limit)
            except subprocess.TimeoutExpired:
                return "late", f"more than {limit:.0f} s"
            finally:
                with suppress(ProcessLookupError):  # servers that its tests started go with it
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            said.seek(0)
            lines = said.read().splitlines()
    if code == 0:
        return "survived", ""
    failed = next((line.split(" ", 2)[1] for line in lines if line.startswith(("FAILED ", "ERROR "))), "")
    return "seen", failed or next(iter(lines[-1:]), "")
