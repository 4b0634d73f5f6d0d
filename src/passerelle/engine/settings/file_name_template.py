"""The template of a file name: which texts are one, and what it becomes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from datetime import date

DATE, CONTRACT = "{date}", "{contract}"
_ANY_DAY = "2026-01-31"
_LONGEST = 120
"""Bytes: hidden files carry the name of the flow and of the contract besides, and a name has room for 255."""
_FORBIDDEN = re.compile(r'[/\\<>:"|?*{}\x00-\x1f\x7f]')
"""Separators, and what Windows allows in no name: the folder may be a share."""
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)))
)
_OWN = frozenset(("part", "tmp", "filepart", "piece", "joined", "state", "changed"))
"""Endings of files that are not finished, of ours or of others."""


def check_template(text: str) -> str:
    """Accept the template of a plain file name, with `{date}` and `{contract}`; empty: none."""
    name = text.replace(DATE, _ANY_DAY).replace(CONTRACT, "planned_visit")
    stem, _dot, suffix = name.rpartition(".")
    is_plain = not (_FORBIDDEN.search(name) or name.startswith((".", " ")) or name.endswith((".", " ")))
    is_ours = suffix.casefold() in _OWN or name.casefold() == "archives"
    is_device = name.partition(".")[0].strip().casefold() in _DEVICES
    if text and not (stem and is_plain and len(name.encode()) <= _LONGEST and not is_ours and not is_device):
        raise PydanticCustomError("file_name", "no file name")
    return text


def fill_template(template: str, contract: str, day: date) -> str:
    """Return the name of the file of a contract on a day."""
    return template.replace(DATE, day.isoformat()).replace(CONTRACT, contract.partition("/")[0])
