"""Names of columns that stand in several rows, the first of which names groups: `Usager / Nom`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUP = " / "
"""Between the name of a group of columns and that of a column in it."""


def join_names(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the names of columns whose groups stand in rows above: `Usager / Nom`.

    The name of a group stands once, over its first column; a column without a name of its own belongs to none.
    """
    *groups, own = [list(row) for row in rows]
    joined = own
    for group in reversed(groups):
        width = max(len(group), len(joined))
        above, below = [*group, *[""] * (width - len(group))], [*joined, *[""] * (width - len(joined))]
        current = ""
        joined = []
        for name, inner in zip(above, below, strict=True):
            current = name.strip() or current
            # A name above nothing is a column's own name, and begins no group.
            joined.append(f"{current}{GROUP}{inner.strip()}" if inner.strip() and current else inner or name)
            current = current if inner.strip() else ""
    return joined


def split_names(names: Sequence[str], rows: int) -> list[list[str]]:
    """Return the rows in which names are written, each group once: what `join_names` makes the same names of."""
    if rows == 1:
        return [list(names)]
    pairs = [name.partition(GROUP) if GROUP in name else (name, "", "") for name in names]
    above, before = [], ""
    for group, mark, _own in pairs:
        above.append("" if mark and group == before else group)
        before = group if mark else ""
    return [above, *split_names([own for _group, _mark, own in pairs], rows - 1)]
