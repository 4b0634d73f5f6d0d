"""A table of the page that `make bench` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def write_table(title: str, header: str, rows: Iterable[str], after: str = "") -> str:
    columns = header.count("|") + 1
    lines = [f"## {title}", "", f"| {header} |", "|" + "---|" * columns, *(f"| {row} |" for row in rows), ""]
    return "\n".join([*lines, *([after, ""] if after else [])])
