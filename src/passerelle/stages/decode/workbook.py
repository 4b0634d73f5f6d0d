"""Reads a workbook in a process of its own, with limits: run as a script, imports nothing of passerelle.

Standard input is the workbook. The argument is a JSON list of the sheets wanted; when empty, the first sheet is.
Standard output is JSON lines: `[names]` of all sheets, then for each sheet read `{"sheet": name, "left": first column,
"merged": [[[row, column], [row, column]]]}` (from 0) and `[row, [cells]]` (from 1) for every row that is not empty.
The exit code is 0 when all was written, `ENCRYPTED`, `BROKEN`, or anything else when a limit was met.
"""

from __future__ import annotations

import io
import json
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

MEMORY = 1 << 30
SECONDS = 60
OUTPUT = 1 << 30
ENCRYPTED = 3
BROKEN = 4


def limit() -> None:
    """Return up memory, time and output beyond what an honest workbook takes, where the system knows how."""
    try:
        import resource  # noqa: PLC0415  not on every system
    except ImportError:
        return
    for name, most in (("AS", MEMORY), ("CPU", SECONDS), ("FSIZE", OUTPUT), ("CORE", 0)):
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))


def text_of(value: Any) -> str:
    """Write a cell as canonical text: ISO dates, integers without `.0`, decimals with a dot, fifteen digits."""
    match value:
        case str():
            text = value
        case bool():
            text = "true" if value else "false"
        case int() | float():
            text = _number(value)
        case datetime():
            text = (value.date() if value.time() == time() else value.replace(microsecond=0)).isoformat()
        case date() | time():
            text = value.isoformat()
        case timedelta():
            text = _duration(value)
        case _:
            text = ""
    return text


def _number(value: float) -> str:
    if float(value).is_integer():
        return str(int(value))
    return f"{Decimal(f'{value:.15g}'):f}"


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    minutes, seconds = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours:02}:{minutes:02}:{seconds:02}"


def say(word: Any) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(word, ensure_ascii=True))
    sys.stdout.write("\n")


def main() -> None:
    """Read what is asked for."""
    limit()
    from python_calamine import (  # noqa: PLC0415  after the limits
        CalamineError,
        CalamineWorkbook,
        PasswordError,
    )

    wanted = json.loads(sys.argv[1])
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        say(book.sheet_names)
        for name in book.sheet_names if wanted else book.sheet_names[:1]:
            if not wanted or name in wanted:
                _say_sheet(book, name)
    except PasswordError:
        sys.exit(ENCRYPTED)
    except (CalamineError, ValueError, OSError):
        sys.exit(BROKEN)


def _say_sheet(book: Any, name: str) -> None:
    sheet = book.get_sheet_by_name(name)
    left = sheet.start[1] if sheet.start else 0
    say({"sheet": name, "left": left, "merged": sheet.merged_cell_ranges or []})
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [text_of(value) for value in row]
        if any(cells):
            say([number, cells])


if __name__ == "__main__":
    main()
