"""Gather everything that an installation needs into one folder, with the digest of each file: `make package`.

`python tools/wheelhouse.py dist` expects our own wheels in `dist`, and fetches those of `requirements-run.txt` for the
Python and the system that run this, as wheels only and each held against its digest. What it writes is installed by two
commands, without a network and without a compiler.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PINS = ROOT / "requirements-run.txt"
EXTRAS = "postgresql,mysql,sqlserver,oracle,keyring,sftp,metrics"
_OWN = re.compile(r"(?P<name>passerelle_[a-z_]+)-(?P<version>[^-]+)-py3-none-any\.whl")


def fetch_wheels(folder: Path) -> None:
    """Fetch the wheels of the pins; a digest that is not the one of the list, or a source archive, ends it."""
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run(
        [*fetch, "--require-hashes", "--only-binary", ":all:", "--dest", str(folder), "--requirement", str(PINS)],
        check=True,
    )


def list_own_wheels(dist: Path) -> dict[str, Path]:
    """Return our own wheels by the requirement that each meets; extras of the core name what is pinned beside it."""
    found = {}
    for path in sorted(dist.glob("passerelle_*.whl")):
        if match := _OWN.fullmatch(path.name):
            name = match["name"].replace("_", "-")
            extras = f"[{EXTRAS}]" if name == "passerelle-social" else ""
            found[f"{name}{extras}=={match['version']}"] = path
    return found


def write_requirements(folder: Path, own: dict[str, Path]) -> Path:
    """Write what is installed: our wheels by their digests, then the pins as they are tested."""
    lines = ["# pip install --no-index --find-links FOLDER --require-hashes -r FOLDER/requirements.txt"]
    lines += [f"{name} \\\n    --hash=sha256:{_digest(path)}" for name, path in own.items()]
    made = folder / "requirements.txt"
    made.write_text("\n".join(lines) + "\n" + PINS.read_text("utf-8"), "utf-8")
    return made


def write_digests(folder: Path) -> None:
    """Write the digest of each file as `sha256sum --check` reads it."""
    files = sorted(path for path in folder.iterdir() if path.name != "SHA256SUMS")
    lines = [f"{_digest(path)}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> int:
    """Make the folder anew."""
    dist = Path(sys.argv[1])
    own = list_own_wheels(dist)
    if not own:
        sys.stderr.write("No wheel of ours is there: «make wheels» builds them.\n")
        return 1
    folder = dist / "wheelhouse"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    fetch_wheels(folder)
    for path in own.values():
        shutil.copy2(path, folder)
    write_requirements(folder, own)
    write_digests(folder)
    sys.stdout.write(f"{len(list(folder.glob('*.whl')))} wheels in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
