"""Tries whether folders can be read, written and made, by doing it: rights alone do not tell of a full or ill disk.

What is tried leaves nothing behind: a file without a name, a folder that is removed at once.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.engine.health.findings import HealthFinding, Severity
from passerelle.vocabulary.formatting import format_number
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from passerelle.engine.settings.workspace_settings import Settings

_LEAST_ROOM = 64 << 20
"""Bytes that a run should find free, however little the last ones brought: the journal's own log takes some."""
_TIMES = 6
"""How often what a run receives is written: depot, quarantine, journal, destination, and what a workbook unpacks to."""


def can_write(folder: Path) -> bool:
    """Whether something can be written into a folder that is there."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4096)
            file.flush()
    except OSError:
        return False
    return True


def can_make(folder: Path) -> bool:
    """Whether a folder is there, or could be made where it is not: a link that leads nowhere cannot."""
    if folder.is_dir():
        return True
    if folder.is_symlink() or folder.exists():
        return False
    parent = next((each for each in folder.parents if each.exists() or each.is_symlink()), None)
    if parent is None or not parent.is_dir():
        return False
    try:
        Path(tempfile.mkdtemp(dir=parent)).rmdir()
    except OSError:
        return False
    return True


def examine_own_places(settings: Settings) -> Iterator[HealthFinding]:
    """Try the places of state, key, keyring and of the heads of the audit trail."""
    places = {settings.state: settings.state, settings.keyring_folder: settings.keyring_folder}
    if not settings.key_file.exists():
        places[settings.key_file] = settings.key_file.parent
    for shown, folder in places.items():
        if not can_make(folder) or (folder.is_dir() and not can_write(folder)):
            says = _("«{name}» can neither be written nor made").format(name=shown.name)
            yield HealthFinding(
                Severity.WRONG, says, _("Correct the path in the settings, or give it to this account.")
            )
    anchor = settings.audit_anchor
    # a run makes no folder for it: it may be a share that is not mounted
    if anchor is not None and not can_write(anchor.parent):
        says = _("the file «{name}», which keeps the heads of the audit trail, cannot be written")
        advice = _("Check that its folder is there and may be written to.")
        yield HealthFinding(Severity.DOUBTFUL, says.format(name=anchor.name), advice)


def examine_room(settings: Settings, sizes: Sequence[int]) -> Iterator[HealthFinding]:
    """Compare the free room where the state is with the largest of the last parcels, given in bytes."""
    place = next((each for each in (settings.state, *settings.state.parents) if each.is_dir()), None)
    if place is None:
        return
    needed = max(_LEAST_ROOM, _TIMES * max(sizes, default=0))
    free = shutil.disk_usage(place).free
    words = {"free": _format_megabytes(free), "needed": _format_megabytes(needed)}
    if free < needed:
        says = _("{free} MB are free where the state is; the last runs lead to expect {needed} MB")
        yield HealthFinding(Severity.DOUBTFUL, says.format(**words), _("Make room before the next run."))
    else:
        says = _("{free} MB are free where the state is; {needed} MB are enough")
        yield HealthFinding(Severity.GOOD, says.format(**words))


def _format_megabytes(size: int) -> str:
    return format_number(size / (1 << 20), 0)
