"""Fixtures of the journeys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from journeying import StandIn, Workshop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """Give a folder with a key and an empty door."""
    return Workshop.at(tmp_path)


@pytest.fixture
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., StandIn]]:
    """Start stand-ins; each call gives a fresh one."""
    started: list[StandIn] = []

    def start(**options: object) -> StandIn:
        started.append(StandIn.start(tmp_path_factory.mktemp("stand-in"), **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()
