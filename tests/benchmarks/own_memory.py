"""The peak of this process's own memory."""

from __future__ import annotations

import re
import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")


def read_peak_mib() -> float:
    """Return the most memory that this process held so far, in MiB."""
    # Linux counts into `ru_maxrss` what the process held that started this one: a large one would be measured instead.
    if _STATUS.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text("ascii"))):
        return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
