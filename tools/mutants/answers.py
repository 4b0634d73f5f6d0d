"""Survivors that change nothing anybody can observe, each with the reason why."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from operators import Mutation, find_mutations

if TYPE_CHECKING:
    from pathlib import Path

Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Answers:
    """What `mutants.toml` says: reasons by file, function, line of text and change."""

    reasons: dict[Key, str]

    def find_reason(self, mutation: Mutation) -> str | None:
        """Return why a mutation cannot be observed, if it was answered."""
        return self.reasons.get(find_key(mutation))

    def list_stale(self, root: Path) -> list[Key]:
        """Return the entries whose text is no longer in their function: to be looked at again, or removed."""
        possible: set[Key] = set()
        for file in {key[0] for key in self.reasons}:
            path = root / file
            if path.is_file():
                possible |= {find_key(mutation) for mutation in find_mutations(file, path.read_text("utf-8"))}
        return sorted(set(self.reasons) - possible)


def find_key(mutation: Mutation) -> Key:
    """Return what an answer is found by; a line number would not survive the next edit above it."""
    return mutation.file, mutation.function, mutation.row, mutation.change


def read_answers(path: Path) -> Answers:
    """Read the answers; an entry without a reason is refused."""
    entries = tomllib.loads(path.read_text("utf-8")).get("answer", []) if path.is_file() else []
    reasons = {}
    for entry in entries:
        if not entry["reason"].strip():
            raise ValueError("an answer without a reason", entry["file"])
        reasons[entry["file"], entry["function"], entry["text"], entry["change"]] = entry["reason"]
    return Answers(reasons)
