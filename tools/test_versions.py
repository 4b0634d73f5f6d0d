"""Run the quick tests on every Python of this machine that the package supports, each in an environment of its own.

`python tools/test_versions.py` takes all of them, `--newest` only the newest, where that is not the one that runs this
script. A version that the machine lacks is named
and left out; the exit code is that of the first run that fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSIONS = ("3.11", "3.12", "3.13")
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"


def find_python(version: str) -> Path | None:
    """Return an interpreter of `version` (`3.12`) that runs, from the PATH or from pyenv's folder."""
    on_path = shutil.which(f"python{version}")
    candidates = [Path(on_path)] if on_path else []
    candidates += sorted(PYENV.glob(f"{version}.*/bin/python"), reverse=True)
    # pyenv puts a `python3.12` on the PATH that only explains itself where the version is not chosen: so each is tried
    return next((path for path in candidates if _is_version(path, version)), None)


def _is_version(path: Path, version: str) -> bool:
    asked = subprocess.run(
        [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, check=False
    )
    return asked.stdout.decode().strip() == version


def test_quickly(version: str, python: Path) -> int:
    """Install into `.venv-VERSION`, where needed, and run the tests that are not marked slow; return pytest's code."""
    folder = ROOT / f".venv-{version}"
    run = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    requirements = ROOT / "requirements.txt"
    stamp = folder / ".installed"
    if not stamp.exists() or stamp.stat().st_mtime < requirements.stat().st_mtime:
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        pip = [run, "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--require-hashes", "-r", requirements], check=True, cwd=ROOT)
        editable = ["--no-deps", "--no-build-isolation", "-r", "editable.txt"]
        subprocess.run([*pip, *editable], check=True, cwd=ROOT)
        stamp.touch()
    command = [run, "-m", "pytest", "-q", "-n", "auto", "-m", "not slow", "-p", "no:cacheprovider"]
    return subprocess.run(command, check=False, cwd=ROOT).returncode


def main() -> int:
    """Test on each version, oldest first."""
    pythons = {version: find_python(version) for version in VERSIONS}
    for version in (version for version, python in pythons.items() if python is None):
        sys.stdout.write(f"Python {version}: not on this machine, not tested\n")
    there = [(version, python) for version, python in pythons.items() if python is not None]
    own = "{}.{}".format(*sys.version_info)
    wanted = [pair for pair in there[-1:] if pair[0] != own] if "--newest" in sys.argv[1:] else there
    for version, python in wanted:
        sys.stdout.write(f"Python {version}: {python}\n")
        sys.stdout.flush()
        code = test_quickly(version, python)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
