"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from journeying import count_examples

from passerelle.vocabulary import language

# How long an example takes is the machine's business: on a busy one, a limit of time is a test that fails by chance.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=count_examples(100),
)
settings.load_profile("house")

_SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real samples that nobody here wrote; skip where it is absent."""
    if not (_SHARED / "samples").is_dir():
        pytest.skip("the folder of real samples (../shared) is not beside this checkout")
    return _SHARED


@pytest.fixture(autouse=True)
def _a_language_of_its_own() -> None:
    """Let no test speak the language that another one chose."""
    language.set_language("")


def pytest_terminal_summary(terminalreporter, config) -> None:
    """Tell which share of the lines the tests reach: a lamp, not a gate. What only other processes run is not seen."""
    measured = config.pluginmanager.getplugin("_cov")
    if measured is not None and measured.cov_total is not None:
        terminalreporter.write_line(f"lines reached by the tests: {measured.cov_total:.1f} %")
