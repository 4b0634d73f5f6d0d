"""Finds the programs of a PostgreSQL server and runs them, for tests that start one of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


def find_binaries() -> Path | None:
    """Return the folder of `initdb`; None where there is none, or where root could not become another account."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        return None
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def run_as_server(*command: str) -> None:
    """Run a command of the server, which refuses to be root."""
    prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    silent = subprocess.DEVNULL
    subprocess.run([*prefix, *command], stdout=silent, stderr=silent, cwd="/", check=True)
