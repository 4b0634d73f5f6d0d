"""Which tests run which line, and in how many seconds: collected once under coverage, kept by digest of the sources.

The line table of a test file is kept as long as the sources, the shared helpers of the tests and the file itself stay
as they are: a new test costs a run of its file, a change of the sources a run of everything.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coverage import CoverageData
from tree import PACKAGES, SOURCE, build_environment, copy_tree, digest_files, list_files

CONFIGURATION = """\
[run]
data_file = {folder}/lines
parallel = true
source =
{sources}
context = ${{MUTANTS_TEST-}}
patch = _exit, execv
sigterm = true
disable_warnings =
    no-data-collected
    module-not-imported
    module-not-measured
    already-imported
    couldnt-parse
    trace-changed
"""
SOURCES = ("src/", "plugins/", "tests/", "examples/", "contracts/")
"""What tests run or read: when anything here but a test file changes, everything is collected anew."""
PORTION = 40
"""Test files of one run under coverage; what it found is kept before the next begins."""
LEFT_OUT = ("tests/benchmarks/", "tests/typing/")
"""Measurements and checks of types: long, and they assert nothing of what a mutation changes."""


@dataclass(frozen=True, slots=True)
class Test:
    """A test as it was seen without any mutation."""

    name: str
    seconds: float
    lines: dict[str, int]
    """By file, the lines that it runs, as bits of a number."""

    @property
    def file(self) -> str:
        """The test file, relative to the tree."""
        return self.name.partition("::")[0]

    def reaches(self, file: str, lines: range) -> bool:
        """Whether the test runs one of these lines."""
        bits = self.lines.get(file, 0)
        return any(bits >> line & 1 for line in lines)


@dataclass(frozen=True, slots=True)
class Reach:
    """All tests that passed, with what they run; `imported` are the lines run by importing a module."""

    tests: tuple[Test, ...]
    imported: dict[str, int]
    failed: tuple[str, ...]
    """Tests that fail in a copy of the tree without any mutation: they can see nothing."""


def collect_reach(root: Path, cache: Path, *, jobs: int, slow: bool, under: tuple[str, ...] = ("",)) -> Reach:
    """Return the reach of the tests `under` some folders, running only test files of which these sources know nothing.

    What is collected is kept portion by portion: whoever stops the run goes on from there.
    """
    names = list_files(root)
    test_files = [name for name in names if _is_test_file(name)]
    shared = [name for name in names if name.startswith(SOURCES) and name not in test_files]
    sources = digest_files(root, shared)
    kept: dict[str, Any] = {}
    imported: dict[str, int] = {}
    if cache.is_file():
        held = json.loads(cache.read_text("utf-8"))
        if held["sources"] == sources and held["slow"] == slow:
            kept = held["files"]
            _add(imported, {file: int(bits, 16) for file, bits in held["imported"].items()})
    digests = {name: digest_files(root, [name]) for name in test_files}
    kept = {name: entry for name, entry in kept.items() if digests.get(name) == entry["digest"]}
    wanted = [name for name in test_files if name.startswith(under)]
    missing = [name for name in wanted if name not in kept]
    for start in range(0, len(missing), PORTION):
        portion = missing[start : start + PORTION]
        print(f"mutants: which test runs which line, test files {start + 1}-{start + len(portion)} of {len(missing)}")
        tests, loaded = _run_under_coverage(root, portion, jobs=jobs, slow=slow)
        _add(imported, loaded)
        kept |= {name: {"digest": digests[name], "tests": tests[name]} for name in portion}
        cache.parent.mkdir(parents=True, exist_ok=True)
        whole = {"sources": sources, "slow": slow, "files": kept, "imported": _as_hex(imported)}
        cache.write_text(json.dumps(whole), "utf-8")
    return _build_reach({name: kept[name] for name in wanted}, imported)


def _is_test_file(name: str) -> bool:
    return (
        name.startswith(("tests/", "plugins/"))
        and Path(name).name.startswith("test_")
        and name.endswith(".py")
        and not name.startswith(LEFT_OUT)
    )


def _build_reach(kept: dict[str, Any], imported: dict[str, int]) -> Reach:
    tests, failed = [], []
    for entry in kept.values():
        for name, seen in entry["tests"].items():
            if seen["passed"]:
                lines = {file: int(bits, 16) for file, bits in seen["lines"].items()}
                tests.append(Test(name, seen["seconds"], lines))
            else:
                failed.append(name)
    return Reach(tuple(tests), imported, tuple(failed))


def _add(total: dict[str, int], lines: dict[str, int]) -> None:
    for file, bits in lines.items():
        total[file] = total.get(file, 0) | bits


def _as_hex(lines: dict[str, int]) -> dict[str, str]:
    return {file: f"{bits:x}" for file, bits in lines.items()}


def _run_under_coverage(
    root: Path, files: list[str], *, jobs: int, slow: bool
) -> tuple[dict[str, dict[str, Any]], dict[str, int]]:
    with tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary).resolve()
        tree = copy_tree(root, folder)
        data = folder / "reach"
        data.mkdir()
        configuration = folder / "coverage.ini"
        sources = "\n".join(f"    {tree / SOURCE / package}" for package in PACKAGES)
        configuration.write_text(CONFIGURATION.format(folder=data, sources=sources), "utf-8")
        variables = build_environment(tree, COVERAGE_PROCESS_START=str(configuration), MUTANTS_REACH=str(data))
        variables["PYTHONPATH"] += f":{Path(__file__).parent}"
        (folder / "asked").write_text("\n".join(files), "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "watching", "-n", str(jobs), "--dist", "loadfile"]
        command += ["-p", "no:cacheprovider", "--tb", "line", "--no-header", *([] if slow else ["-m", "not slow"])]
        with (folder / "said").open("w", encoding="utf-8") as said:
            subprocess.run([*command, f"@{folder / 'asked'}"], cwd=tree, env=variables, stdout=said, check=False)
        tests = _read_tests(data)
        if not tests:
            raise RuntimeError((folder / "said").read_text("utf-8")[-4000:])
        lines = _read_lines(data, tree)
        return _join_lines(tests, lines, files), lines.get("", {})


def _read_tests(data: Path) -> dict[str, Any]:
    tests: dict[str, Any] = {}
    for path in data.glob("tests-*.json"):
        try:
            tests |= json.loads(path.read_text("utf-8"))
        except ValueError:  # its process was killed while it wrote
            print("mutants: what one process recorded is lost; its tests are asked of no mutation")
    return tests


def _read_lines(data: Path, tree: Path) -> dict[str, dict[str, int]]:
    """Read by context and file the lines that were run; the empty context is what imports run."""
    found: dict[str, dict[str, int]] = {}
    for path in data.glob("lines.*"):
        measured = CoverageData(basename=str(path))
        with contextlib.suppress(Exception):  # a process killed while it wrote leaves half a file: nothing to read
            measured.read()
            for file in measured.measured_files():
                name = Path(file).relative_to(tree).as_posix()
                for line, contexts in measured.contexts_by_lineno(file).items():
                    for context in contexts:
                        by_file = found.setdefault(context.partition("|")[0], {})
                        by_file[name] = by_file.get(name, 0) | 1 << line
        measured.close()
    return found


def _join_lines(tests: dict[str, Any], lines: dict[str, dict[str, int]], files: list[str]) -> dict[str, dict[str, Any]]:
    joined: dict[str, dict[str, Any]] = {name: {} for name in files}
    for name, entry in tests.items():
        total: dict[str, int] = {}
        for context in (name, *entry["fixtures"]):
            _add(total, lines.get(context, {}))
        seen = {"seconds": round(entry["seconds"], 4), "passed": entry["passed"], "lines": _as_hex(total)}
        joined[name.partition("::")[0]][name] = seen
    return joined
