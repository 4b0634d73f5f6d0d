"""Answer to a question of compatibility: proved, broken with a counter-example, or undecided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ProofState(StrEnum):
    """The three answers. Undecided counts as broken until a named person signs for it."""

    PROVED = "proved"
    BROKEN = "broken"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class SchemaVerdict:
    """An answer. When broken, `witness` is a document that the first schema accepts and the second refuses."""

    state: ProofState
    witness: Any = None
    path: tuple[str, ...] = ()
    """Path to the difference: property names, `[]` for the items of a list."""


PROVED = SchemaVerdict(ProofState.PROVED)
UNDECIDED = SchemaVerdict(ProofState.UNDECIDED)
