"""Whom a command of the fleet is about: the organisations of an installation, or the one of the settings."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from passerelle.engine.settings.fleet_settings import FleetSettings
    from passerelle.faces.cli.invocation import Invocation
    from passerelle.fleet.workspaces import OpenWorkspaces


@contextmanager
def open_served(invocation: Invocation, turns: int = 1) -> Iterator[tuple[Engine, OpenWorkspaces, FleetSettings]]:
    """Open the database of the turns, and return it with the workspaces and the rules of the workers.

    `turns`: how many are taken at the same time. Raises UsageError `usage.fleet.alone` where no journal is shared.
    """
    from passerelle.fleet.served_organisations import open_members  # noqa: PLC0415  only with the library of the queue
    from passerelle.fleet.shared_flows import find_workspaces, open_turns  # noqa: PLC0415  see above

    if installation := invocation.find_installation():
        with open_members(installation, invocation.organisations, turns) as (engine, workspaces):
            yield engine, workspaces, installation.fleet
        return
    settings = invocation.read_settings()
    with open_turns(settings) as engine:
        yield engine, find_workspaces(settings), settings.fleet
