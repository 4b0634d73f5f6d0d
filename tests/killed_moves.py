"""A move in a process of its own, which a fail-point may kill as a power cut would."""

from __future__ import annotations

import importlib
import multiprocessing
import os
from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import catalogue
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.switching import switch_settings as switching
from passerelle.switching.run.moving import prepare_move, run_move
from passerelle.vocabulary.failpoints import VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = (
    "passerelle.engine.adapters.api_clients",
    "passerelle.switching.run.moving",
    "passerelle.switching.switch_settings",
    "alembic",
)
"""What is imported once, before processes are forked: that takes longer than a move."""


def move(folder: Path, failpoint: str = "", *, software: str = "old_software") -> int:
    """Run the move of a folder in a new process; give its exit code, negative when it was killed.

    `software`: the module that has the plugins of both sides.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*NEEDED, *(contract.__module__ for contract in catalogue().values())])
    child = context.Process(target=_move, args=(folder, failpoint, software))
    child.start()
    child.join()
    return child.exitcode


def _move(folder: Path, failpoint: str, software: str) -> None:
    os.environ[VARIABLE] = failpoint
    with open_workspace(
        load_settings(folder / "passerelle.toml"), plugins=importlib.import_module(software).PLUGINS
    ) as house:
        document = switching.load_switch_file(folder / "switch.toml")
        moved = run_move(house, prepare_move(house, document, "bascule"))
    os._exit(1 if moved.stopped or moved.waiting else 0)
