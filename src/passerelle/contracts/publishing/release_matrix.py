"""The release matrix: contract × field × purpose × recipient → release, as one file that is read, reviewed and frozen.

Widening it is a breaking change: somebody would receive what nobody had agreed to. What is absent never goes.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, get_args

from passerelle.contracts.catalogue import catalogue
from passerelle.contracts.field_meta import Purpose, RecipientKind
from passerelle.contracts.release import NEVER, Release, Step, Way, find_condition, find_release

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.contracts.contract import Contract

MATRIX = "release-matrix.csv"
HEADER = ("contract", "field", "purpose", *RecipientKind)
_CELL = re.compile(r"(?P<way>[a-z]+)(?:\((?P<inside>[^)]*)\))?(?: if (?P<condition>[a-z]+))?\Z")

Key = tuple[str, str, str, str]
"""Contract, field, purpose, recipient."""


def write_matrix() -> bytes:
    """Return the matrix as CSV: a line for each contract, field and purpose of which somebody may have something."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\n")
    writer.writerow(HEADER)
    for contract in catalogue().values():
        writer.writerows(_iter_lines(contract))
    return stream.getvalue().encode()


def _iter_lines(contract: type[Contract]) -> Iterator[tuple[str, ...]]:
    for name in contract.list_fields():
        for purpose in Purpose:
            cells = [_write_cell(contract, name, purpose, kind) for kind in RecipientKind]
            if any(cell != str(NEVER) for cell in cells):
                yield (contract.about.id, name, purpose.value, *cells)


def _write_cell(contract: type[Contract], name: str, purpose: Purpose, kind: RecipientKind) -> str:
    condition = find_condition(contract, name, purpose, kind)
    return str(find_release(contract, name, purpose, kind)) + (f" if {condition}" if condition else "")


def read_matrix(content: bytes) -> Mapping[Key, tuple[Release, str]]:
    """Return the release and condition of each cell. Raises ValueError for what is no such matrix."""
    header, *lines = csv.reader(io.StringIO(content.decode()), delimiter=";")
    if tuple(header[:3]) != HEADER[:3]:
        message = "no release matrix"
        raise ValueError(message)
    return {
        (line[0], line[1], line[2], kind): _read_cell(cell)
        for line in lines
        for kind, cell in zip(header[3:], line[3:], strict=True)
    }


def _read_cell(cell: str) -> tuple[Release, str]:
    found = _CELL.match(cell)
    if found is None:
        message = "no release"
        raise ValueError(message)
    parts = [part for part in (found["inside"] or "").split(", ") if part]
    step: Step = next((step for step in get_args(Step) if step and step in parts), "")
    least = next((int(part) for part in parts if part.isdigit()), 0)
    return Release(Way(found["way"]), step, least), found["condition"] or ""


def find_changes(before: bytes, after: bytes) -> tuple[list[str], list[str]]:
    """Return the cells that are wider and those that are narrower than before, each as `visit/1 status pay payer`.

    A field that was in no line is new: it is judged with the edition that brings it. Every field has one, for
    portability takes all.
    """
    old, new = read_matrix(before), read_matrix(after)
    known = {key[:2] for key in old}
    wider: list[str] = []
    narrower: list[str] = []
    for key in sorted({*old, *(key for key in new if key[:2] in known)}):
        was, now = old.get(key, (NEVER, "")), new.get(key, (NEVER, ""))
        if was != now:
            # A condition that is taken away, or another one in its place, lets go what stayed before.
            keeps_condition = now[0] == NEVER or not was[1] or now[1] == was[1]
            (narrower if keeps_condition and now[0].is_within(was[0]) else wider).append(" ".join(key))
    return wider, narrower
