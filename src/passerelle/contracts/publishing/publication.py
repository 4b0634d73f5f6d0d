"""Publication of the contracts, refused when an archived edition changes or a version number is too low."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import catalogue
from passerelle.contracts.evolution.edition_archive import EDITIONS, Refusal, archive, check_against_archive
from passerelle.contracts.publishing.published_files import build_edition, write_files
from passerelle.contracts.publishing.release_matrix import MATRIX, find_changes, write_matrix
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from passerelle.contracts.evolution.edition_archive import Objection

FIRST = "1.0.0"
_SENTENCES: Mapping[Refusal, str] = {
    Refusal.CHANGED: N_(
        "{family} {version} is published and can no longer change ({detail}). Give the contract a new version, with a "
        "line in its changes; if the archive itself was touched, restore it."
    ),
    Refusal.DISHONEST: N_(
        "{family} {version}: the number promises too much, the change demands {detail}. See «passerelle contracts "
        "diff», then correct the number or the change."
    ),
    Refusal.LIFECYCLE: N_(
        "{family} {version}: {detail}. A field leaves with a replacement and an end at least 12 months ahead, and not "
        "before that end."
    ),
    Refusal.UNPUBLISHED: N_("{family} {version} is not in the archive; «make contracts» adds it."),
}
_RELEASED = N_(
    "Version {version} is released: editions {first} are published for good. Give the contract a new version."
)

_WIDER = N_(
    "Release matrix: more of «{cell}» would go than is published. That is a breaking change: take it back, or begin a "
    "new major line of the contract."
)
_NARROWER = N_("Release matrix: less of «{cell}» goes than before.")


def publish_honestly(folder: Path, today: date, *, refreeze: bool = False) -> list[str]:
    """Write the published form below a folder and archive new editions; return what prevents it, as sentences.

    `refreeze` first forgets the editions 1.0.0, which is possible only while passerelle itself is below 1.0.
    """
    if refreeze:
        released = version("passerelle-social")
        if not released.startswith("0."):
            return [_(_RELEASED).format(version=released, first=FIRST)]
    editions = [build_edition(contract) for contract in catalogue().values()]
    refusals = [
        explain_objection(objection)
        for objection in check_against_archive(folder, editions, published=today)
        if objection.refusal is not Refusal.UNPUBLISHED and not (refreeze and objection.version == FIRST)
    ]
    refusals += [] if refreeze else find_widenings(folder)
    # All or nothing: a half-published folder would mix two editions.
    if not refusals:
        for edition in (folder / EDITIONS).glob(f"*/{FIRST}") if refreeze else ():
            shutil.rmtree(edition)
        write_files(folder)
        archive(folder)
    return refusals


def find_widenings(folder: Path) -> list[str]:
    """Return what the matrix of releases gives and its published form does not, as sentences."""
    wider, _narrower = _compare_matrix(folder)
    return [_(_WIDER).format(cell=cell) for cell in wider]


def find_narrowings(folder: Path) -> list[str]:
    """Return what the published matrix of releases gives and the rules no longer do, as sentences."""
    _wider, narrower = _compare_matrix(folder)
    return [_(_NARROWER).format(cell=cell) for cell in narrower]


def _compare_matrix(folder: Path) -> tuple[list[str], list[str]]:
    published = folder / MATRIX
    return find_changes(published.read_bytes(), write_matrix()) if published.is_file() else ([], [])


def explain_objection(objection: Objection) -> str:
    """Return what prevents the publication and what to do, as a sentence."""
    words = {"family": objection.family, "version": objection.version, "detail": objection.detail or "schema"}
    return _(_SENTENCES[objection.refusal]).format(**words)
