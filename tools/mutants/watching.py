"""Pytest plugin of the collecting run: which test runs which line, how long it takes, whether it passes.

Coverage is already measuring when pytest starts (`COVERAGE_PROCESS_START`); the context is changed before each test.
What a fixture of a wider scope runs is credited to every test that asks for the fixture, and functions that remember
their results forget them at the start of each test file, so that no test hides what the next one reaches.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import coverage
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TEST_VARIABLE = "MUTANTS_TEST"
"""A subprocess that a test starts takes its static context from here."""


class ReachPlugin:
    """Records one entry per test and writes them as JSON when the session ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tests: dict[str, dict[str, Any]] = {}
        self.file = ""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Run one test in a context of its name."""
        file = item.nodeid.partition("::")[0]
        if file != self.file:
            self.file = file
            _forget_results()
        os.environ[TEST_VARIABLE] = item.nodeid
        info = getattr(item, "_fixtureinfo", None)
        fixtures = [] if info is None else [one for defs in info.name2fixturedefs.values() for one in defs]
        self.tests[item.nodeid] = {
            "seconds": 0.0,
            "passed": True,
            "slow": item.get_closest_marker("slow") is not None,
            "fixtures": sorted({_name_context(one) for one in fixtures if one.scope != "function"}),
        }
        with _in_context(item.nodeid):
            result = yield
        os.environ.pop(TEST_VARIABLE, None)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        """Run a fixture that several tests share in a context of its own."""
        if fixturedef.scope == "function":
            return (yield)
        with _in_context(_name_context(fixturedef)):
            return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the seconds of set-up, call and tear-down; a skipped test can see nothing."""
        entry = self.tests.get(report.nodeid)
        if entry is not None:
            entry["seconds"] += report.duration
            entry["passed"] &= report.outcome == "passed"

    def pytest_sessionfinish(self) -> None:
        """Write what was recorded; under xdist each worker writes its own file."""
        if self.tests:
            text = json.dumps(self.tests, ensure_ascii=False)
            (self.folder / f"tests-{uuid.uuid4().hex}.json").write_text(text, "utf-8")


def _name_context(fixture: pytest.FixtureDef[Any]) -> str:
    return f"fixture {fixture.baseid} {fixture.argname}"


@contextmanager
def _in_context(name: str) -> Iterator[None]:
    measuring = coverage.Coverage.current()
    if measuring is None:
        yield
        return
    before = measuring.switch_context(name) or ""
    try:
        yield
    finally:
        measuring.switch_context(before)


def _forget_results() -> None:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "passerelle" or name.startswith("passerelle_plugin"):
            for value in list(vars(module).values()):
                if isinstance(value, functools._lru_cache_wrapper):  # noqa: SLF001 - the only name of that type
                    value.cache_clear()


def pytest_configure(config: pytest.Config) -> None:
    """Register the recorder; the controller of xdist runs no test and records none."""
    config.pluginmanager.register(ReachPlugin(Path(os.environ["MUTANTS_REACH"])), "mutants-reach")
