"""Run a command from a process that holds next to nothing, and say what it took.

The kernel counts into a process's peak what its parent held when it was started: only a small parent does not show.

python alone.py report.json command …   with BENCH_CORES=N in the environment, on N cores
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main(report: Path, command: list[str]) -> None:
    """Run the command to its end; this process ends with its code."""
    if cores := os.environ.get("BENCH_CORES"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(cores)])
    started = time.perf_counter()
    child = subprocess.Popen(command)
    _pid, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    measured = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss / 1024}
    report.write_text(json.dumps(measured), encoding="utf-8")
    sys.exit(child.returncode)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
