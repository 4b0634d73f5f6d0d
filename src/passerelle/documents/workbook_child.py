"""Reads a workbook in a process of its own, with limits: run as a script, imports nothing of passerelle.

Standard input is the workbook. The first argument is JSON: the names of the sheets wanted, or how many of the first
ones; the second a JSON object of limits: `memory` in bytes, `seconds` of processor, `cells` that a sheet may span
(0: any). Standard output is JSON lines: `[names]` of all sheets, then for each sheet read `{"sheet": name, "left":
first column, "merged": [[[row, column], [row, column]]]}` (from 0) and `[row, [cells]]` (from 1) for every row that is
not empty. The exit code is 0 when all was written, `ENCRYPTED`, `BROKEN`, `TOO_WIDE`, or anything else when a limit was
met.
"""

from __future__ import annotations

import io
import json
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

OUTPUT = 1 << 30
ENCRYPTED = 3
BROKEN = 4
TOO_WIDE = 5


def limit(memory: int, seconds: int) -> None:
    """Limit memory, time and output to what an honest workbook takes, where the system can."""
    try:
        import resource  # noqa: PLC0415  not on every system
    except ImportError:
        return
    for name, most in (("AS", memory), ("CPU", seconds), ("FSIZE", OUTPUT), ("CORE", 0)):
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))


def to_text(value: Any) -> str:
    """Write a cell as canonical text: ISO dates, integers without `.0`, decimals with a dot, fifteen digits."""
    match value:
        case str():
            text = value
        # Before int: a bool is an int in Python.
        case bool():
            text = "true" if value else "false"
        case int() | float():
            text = str(int(value)) if float(value).is_integer() else f"{Decimal(f'{value:.15g}'):f}"
        case datetime():
            # Workbooks have no days, only moments: midnight is read as a day.
            text = (value.date() if value.time() == time() else value.replace(microsecond=0)).isoformat()
        case date() | time():
            text = value.isoformat()
        case timedelta():
            text = _write_duration(value)
        case _:
            text = ""
    return text


def _write_duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    minutes, seconds = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours:02}:{minutes:02}:{seconds:02}"


def write_line(word: Any) -> None:
    """Write one line of JSON."""
    sys.stdout.write(json.dumps(word, ensure_ascii=True))
    sys.stdout.write("\n")


def main() -> None:
    """Read what is asked for."""
    wanted, limits = json.loads(sys.argv[1]), json.loads(sys.argv[2])
    limit(limits["memory"], limits["seconds"])
    from python_calamine import (  # noqa: PLC0415  after the limits
        CalamineError,
        CalamineWorkbook,
        PasswordError,
    )

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        write_line(book.sheet_names)
        chosen = book.sheet_names[:wanted] if isinstance(wanted, int) else book.sheet_names
        for name in chosen:
            if isinstance(wanted, int) or name in wanted:
                _write_sheet(book, name, limits["cells"])
    except PasswordError:
        sys.exit(ENCRYPTED)
    except MemoryError:
        sys.exit(TOO_WIDE)
    except (CalamineError, ValueError, OSError):
        sys.exit(BROKEN)


def _write_sheet(book: Any, name: str, most_cells: int) -> None:
    sheet = book.get_sheet_by_name(name)
    # The dimension that a sheet declares is a hint of its writer; these are the bounds of the cells that are there.
    last_row, last_column = sheet.end or (-1, -1)
    if most_cells and (last_row + 1) * (last_column + 1) > most_cells:
        sys.exit(TOO_WIDE)
    left = sheet.start[1] if sheet.start else 0
    write_line({"sheet": name, "left": left, "merged": sheet.merged_cell_ranges or []})
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if any(cells := [value if type(value) is str else to_text(value) for value in row]):
            write_line([number, cells])


if __name__ == "__main__":
    main()
