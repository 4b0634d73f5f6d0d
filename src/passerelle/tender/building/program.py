"""The program in a bidder's kit: the wheels that scoring takes, with digests, out of a folder of `make package`.

Such a folder holds what a whole installation may need; a bidder gets the core, the suppliers, and what these rest on.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CORE = "passerelle-social"
REQUIREMENTS, DIGESTS = "requirements.txt", "SHA256SUMS"
_REQUIRED = re.compile(r"^Requires-Dist: *([A-Za-z0-9._-]+) *(?:\[([^\]]*)\])?([^\n]*)$", re.MULTILINE)
_EXTRA = re.compile(r"extra *== *['\"]([^'\"]+)['\"]")
_DIGEST_LINE = re.compile(r"([0-9a-f]{64}) [ *](\S+)\Z")
_PYTHON = re.compile(r"cp(\d)(\d+)")
_SYSTEMS = {"manylinux": "Linux", "musllinux": "Linux", "linux": "Linux", "win": "Windows", "macosx": "macOS"}


@dataclass(frozen=True, slots=True)
class BidderProgram:
    """What goes into the kit, and for which machines it is."""

    files: Mapping[str, bytes]
    """Wheels, their pins with digests, and the digest of each file."""
    python: str
    """`3.11`."""
    system: str
    """`Linux`; several with commas."""


def gather_program(folder: Path) -> BidderProgram:
    """Read what a bidder needs from a folder of wheels.

    Raises UsageError when it is no such folder, when a file is not the one that was listed, or when it holds another
    edition than this one: its result would not be the one that the kit announces.
    """
    digests = _read_digests(folder)
    wheels = {_normalise(name.partition("-")[0]): name for name in digests if name.endswith(".whl")}
    core = wheels.get(CORE, "")
    if not core or REQUIREMENTS not in digests:
        raise UsageError("usage.program.unreadable", folder=folder.name, file=DIGESTS)
    if core.split("-")[1] != version(CORE):
        raise UsageError("usage.program.other_edition", folder=folder.name, version=version(CORE))
    own = [name for name in wheels if name.startswith("passerelle-")]
    needed = sorted(_close(folder, wheels, own))
    files = {wheels[name]: _read_checked(folder, wheels[name], digests) for name in needed}
    pins = _read_checked(folder, REQUIREMENTS, digests).decode()
    files[REQUIREMENTS] = _choose_pins(pins, {*needed}).encode()
    listed = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())]
    return BidderProgram({**files, DIGESTS: "".join(listed).encode()}, *_describe_machines(files))


def _read_digests(folder: Path) -> dict[str, str]:
    """Return the digest of each file of the folder, by name."""
    try:
        lines = (folder / DIGESTS).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UsageError("usage.program.unreadable", folder=folder.name, file=DIGESTS) from None
    found = [_DIGEST_LINE.match(line) for line in lines]
    # A name with a folder in it would be read from elsewhere.
    return {one[2]: one[1] for one in found if one and "/" not in one[2] and "\\" not in one[2]}


def _read_checked(folder: Path, name: str, digests: Mapping[str, str]) -> bytes:
    try:
        content = (folder / name).read_bytes()
    except OSError:
        raise UsageError("usage.program.unreadable", folder=folder.name, file=name) from None
    if hashlib.sha256(content).hexdigest() != digests[name]:
        raise UsageError("usage.program.altered", folder=folder.name, file=name)
    return content


def _normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _close(folder: Path, wheels: Mapping[str, str], wanted: list[str]) -> set[str]:
    """Return these projects and all that they rest on, as far as the folder holds it.

    What a condition leaves out on this machine is not in the folder; what an extra asks for goes along only where
    somebody asks for the extra.
    """
    waiting = [(name, "") for name in wanted]
    seen: set[tuple[str, str]] = set()
    while waiting:
        one = waiting.pop()
        if one in seen or one[0] not in wheels:
            continue
        seen.add(one)
        waiting += _iter_required(folder / wheels[one[0]], one[1])
    return {name for name, _extra in seen}


def _iter_required(wheel: Path, extra: str) -> Iterator[tuple[str, str]]:
    """Yield what a wheel needs for one of its extras (empty: for itself), with the extras that it asks for there."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            (about,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            text = archive.read(about).decode("utf-8", "replace")
    except (OSError, ValueError, zipfile.BadZipFile):
        raise UsageError("usage.program.unreadable", folder=wheel.parent.name, file=wheel.name) from None
    for name, extras, condition in _REQUIRED.findall(text):
        asked = _EXTRA.search(condition)
        if (_normalise(asked[1]) if asked else "") == extra:
            yield _normalise(name), ""
            yield from ((_normalise(name), _normalise(one)) for one in extras.split(",") if one.strip())


def _choose_pins(pins: str, needed: set[str]) -> str:
    """Return the pins of these projects, without extras: their digests as they were."""
    kept, is_kept = [], False
    for line in pins.splitlines():
        if line and not line.startswith((" ", "#")):
            name, bracket, rest = line.partition("==")
            is_kept = _normalise(name.partition("[")[0]) in needed
            line = f"{name.partition('[')[0]}{bracket}{rest}"  # noqa: PLW2901  the same line without its extras
        elif line.startswith("#"):
            continue
        if is_kept and line:
            kept.append(line)
    return "\n".join(kept) + "\n"


def _describe_machines(files: Mapping[str, bytes]) -> tuple[str, str]:
    """Return the edition of Python and the systems that the wheels are for: empty where all are for any."""
    tags = [name.removesuffix(".whl").split("-")[-3:] for name in files if name.endswith(".whl")]
    # A wheel of the stable interface (abi3) names the first Python that can use it, not the one that it is for.
    pythons = [_PYTHON.match(python) for python, interface, _platform in tags if interface.startswith("cp")]
    exact = {f"{one[1]}.{one[2]}" for one in pythons if one}
    systems = {
        system
        for _python, _interface, platform in tags
        for word, system in _SYSTEMS.items()
        if platform.startswith(word)
    }
    return ", ".join(sorted(exact)), ", ".join(sorted(systems))
