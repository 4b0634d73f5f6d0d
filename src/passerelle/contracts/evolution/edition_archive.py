"""Archive of published editions, immutable, and the check of a new edition against it.

`contracts/editions/<family>/<version>/` keeps the two schemas of every published edition; `contracts/editions/DIGESTS`
lists the SHA-256 of each file. `make contracts` adds an edition whose version is new; nothing ever replaces one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from passerelle.contracts.evolution.edition import EMISSION, READING, Edition, read_edition
from passerelle.contracts.evolution.edition_comparison import Bump, EditionComparison, compare_editions
from passerelle.contracts.evolution.lifecycle import find_breaches
from passerelle.vocabulary.safe_files import ANYBODY, write_new, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path

EDITIONS = "editions"
DIGESTS = "DIGESTS"


class Refusal(StrEnum):
    """Why an edition may not be published."""

    CHANGED = "changed"
    """A published edition no longer has its digest, or the model no longer gives the edition of that version."""
    DISHONEST = "dishonest"
    """The version number announces a smaller change than the four questions find."""
    LIFECYCLE = "lifecycle"
    """A field leaves, or is announced to leave, against the rules."""
    UNPUBLISHED = "unpublished"
    """The edition is not in the archive yet."""


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason not to publish an edition."""

    family: str
    version: str
    refusal: Refusal
    detail: str = ""
    comparison: EditionComparison | None = None


def archive(contracts: Path) -> list[str]:
    """Add every edition whose version is new, and return their names. Editions already there are never touched."""
    added = []
    for current in _list_current(contracts):
        edition = read_edition(current)
        kept = contracts / EDITIONS / edition.name / edition.version
        if not kept.exists():
            kept.mkdir(parents=True)
            for name in (EMISSION, READING):
                schema = json.loads((current / name).read_text("utf-8"))
                # Sorted and without spaces, so that the digest depends on the schema and not on its layout.
                text = json.dumps(schema, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
                write_new(kept / name, text + "\n", ANYBODY)
            added.append(f"{edition.name} {edition.version}")
    if added:
        editions = contracts / EDITIONS
        lines = [f"{_digest_file(path)}  {path.relative_to(editions).as_posix()}" for path in _list_files(editions)]
        write_whole(editions / DIGESTS, "\n".join(lines) + "\n", ANYBODY)
    return added


def find_objections(contracts: Path, *, published: date) -> Iterator[Objection]:
    """Yield what is wrong with the editions of a folder, compared with everything published before."""
    return check_against_archive(contracts, map(read_edition, _list_current(contracts)), published=published)


def check_against_archive(contracts: Path, editions: Iterable[Edition], *, published: date) -> Iterator[Objection]:
    """Yield what is wrong with editions, written or not yet, compared with the archive of a folder of contracts."""
    # First, because comparing with an edition that was touched proves nothing.
    yield from _find_tampered(contracts / EDITIONS)
    for edition in editions:
        yield from _check_edition(contracts / EDITIONS, edition, published)


def list_archived_editions(editions: Path, family: str) -> list[Edition]:
    """Read every archived edition of a contract, the oldest first."""
    folder = editions / family
    found = [read_edition(entry) for entry in folder.iterdir() if entry.is_dir()] if folder.is_dir() else []
    return sorted(found, key=lambda edition: edition.number)


def _check_edition(editions: Path, edition: Edition, published: date) -> Iterator[Objection]:
    line = list_archived_editions(editions, edition.name)
    same = [kept for kept in line if kept.version == edition.version]
    if not same:
        yield Objection(edition.name, edition.version, Refusal.UNPUBLISHED)
    elif (same[0].emission, same[0].reading) != (edition.emission, edition.reading):
        yield Objection(edition.name, edition.version, Refusal.CHANGED)
    earlier = [kept for kept in line if kept.number < edition.number]
    # A first edition promised nothing yet.
    if not earlier:
        return
    comparison = compare_editions(earlier[-1], edition, line=earlier)
    if not comparison.is_honest:
        yield Objection(edition.name, edition.version, Refusal.DISHONEST, comparison.demanded.name, comparison)
    if comparison.demanded is not Bump.NONE:
        for fault in find_breaches(earlier[-1], edition, published=published):
            yield Objection(edition.name, edition.version, Refusal.LIFECYCLE, f"{fault.field}: {fault.kind}")


def _list_current(contracts: Path) -> list[Path]:
    return sorted(path.parent for path in contracts.glob(f"*/*/{EMISSION}") if path.parent.parent.name != EDITIONS)


def _list_files(editions: Path) -> list[Path]:
    return sorted(editions.glob("*/*/*.json"))


def _digest_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _find_tampered(editions: Path) -> Iterator[Objection]:
    listed = editions / DIGESTS
    lines = listed.read_text("utf-8").splitlines() if listed.is_file() else []
    expected = {name: digest for digest, _space, name in (line.partition("  ") for line in lines)}
    found = {path.relative_to(editions).as_posix(): _digest_file(path) for path in _list_files(editions)}
    # Both ways: a file without a digest was slipped in, a digest without a file was left behind.
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            family, version, _file = name.split("/")
            yield Objection(family, version, Refusal.CHANGED, name)
