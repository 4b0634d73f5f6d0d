"""The numbers of requirements: assigned once, kept over rebuilds, never assigned again (`numeros.toml`)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.tender.questions import PREFIXES_OF_CONTRACTS, list_chapters
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from passerelle.tender.requirement import Requirement

FILE = "numeros.toml"
_NUMBER = re.compile(r"PAS-[A-Z]{3}-[0-9]{3,}\Z")
_HEAD = """\
# Numéros des exigences / numbers of requirements.
# À garder avec le cahier des charges : un numéro donné ne change plus et ne sert jamais deux fois.
# Keep it with the tender: a number, once given, never changes and is never given again.

"""


def read(folder: Path) -> dict[str, str]:
    """Return the numbers assigned so far, by key. Raises UsageError when the ledger was damaged."""
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        raise UsageError("usage.tender.unreadable", file=FILE, defect=_("it is not TOML")) from None
    numbers = {key: str(one) for key, one in raw.items()}
    # The ledger is edited by hand: a spoiled one would give numbers twice.
    if not all(_NUMBER.match(one) for one in numbers.values()):
        raise UsageError("usage.tender.unreadable", file=FILE, defect=_("one of its numbers is none"))
    if len(set(numbers.values())) != len(numbers):
        raise UsageError("usage.tender.unreadable", file=FILE, defect=_("a number stands twice"))
    return numbers


def write(numbers: Mapping[str, str]) -> bytes:
    """Return the file of the ledger, in the order of numbers."""
    lines = [f'"{key}" = "{numbers[key]}"\n' for key in sorted(numbers, key=lambda key: numbers[key])]
    return (_HEAD + "".join(lines)).encode()


def number_requirements(
    drafts: Iterable[Requirement], assigned: Mapping[str, str]
) -> tuple[tuple[Requirement, ...], dict[str, str]]:
    """Number requirements: by the number of their key, else by the next that was never assigned.

    Returns the requirements and the ledger, in which retired keys stay.
    """
    ledger: dict[str, str] = dict(assigned)
    last: dict[str, int] = {}
    # Retired numbers count too: a number of an earlier tender must never come to mean something else.
    for identifier in assigned.values():
        _head, prefix, figure = identifier.split("-")
        last[prefix] = max(last.get(prefix, 0), int(figure))
    numbered = []
    for draft in drafts:
        if draft.key not in ledger:
            prefix = get_prefix(draft.chapter)
            last[prefix] = last.get(prefix, 0) + 1
            ledger[draft.key] = f"PAS-{prefix}-{last[prefix]:03}"
        numbered.append(replace(draft, id=ledger[draft.key]))
    return tuple(numbered), ledger


def get_prefix(chapter: str) -> str:
    """Return the letters of a chapter or of a family of contracts."""
    known = {one.key: one.prefix for one in list_chapters() if one.prefix} | PREFIXES_OF_CONTRACTS
    return known.get(chapter) or chapter.replace("_", "")[:3].upper()
