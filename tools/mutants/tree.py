"""Copies of the work tree in temporary folders, and the environment in which their own sources are imported."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "stores", "edges", "stages", "contracts", "tender/scoring")
SOURCE = "src/passerelle"


def copy_tree(root: Path, folder: Path) -> Path:
    """Copy what git follows, and what it would follow, to `folder`/tree; samples beside the checkout stay beside it."""
    tree = folder / "tree"
    # Catalogues are built and not followed; without them no test that reads French passes in a copy.
    built = [path.relative_to(root).as_posix() for path in (root / SOURCE).rglob("*.mo")]
    for name in [*list_files(root), *built]:
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, target)
    beside = root.parent / "shared"
    if beside.is_dir():
        (folder / "shared").symlink_to(beside.resolve())
    return tree


def list_files(root: Path) -> list[str]:
    """Return the paths of the tree, without what git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return sorted(name for name in set(listed.split("\0")) if name and (root / name).is_file())


def build_environment(tree: Path, **more: str) -> dict[str, str]:
    """Return the variables with which Python imports passerelle and its plugins from `tree`, not from the work tree."""
    sources = [tree / "src", *sorted(tree.glob("plugins/*/src"))]
    path = os.pathsep.join(str(source) for source in sources)
    # A bytecode file written in the same second as a mutation of the same size would hide it.
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", **more}


def digest_files(root: Path, names: list[str]) -> str:
    """Return one SHA-256 of the names and bytes of some files."""
    whole = hashlib.sha256()
    for name in names:
        whole.update(name.encode() + b"\0" + hashlib.sha256((root / name).read_bytes()).digest())
    return whole.hexdigest()
