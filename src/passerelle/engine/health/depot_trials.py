"""Tries the object store of a depot as a run uses it, with an object of its own that is gone afterwards."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from passerelle.engine.adapters.web_places import open_s3_deposits
from passerelle.engine.health.findings import HealthFinding, Severity
from passerelle.vocabulary.errors import FatalError, PasserelleError, TransientError
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.reasons import explain
from passerelle.vocabulary.safe_files import write_new

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.edges.places.s3_deposits import S3Deposits
    from passerelle.engine.settings.workspace_settings import Settings

TRIAL = "essai"
"""Where the object is, below the prefix: beside what was received."""
_SIZE = 2 << 20
"""Bytes: more than a depot reads at once, so that the rest is asked for by a range."""


def examine_depot(settings: Settings, *, offline: bool) -> Iterator[HealthFinding]:
    """Put, compare, read in part, list and delete an object, and tell what the store keeps of what is deleted.

    Raises SettingsError for a secret that is not there, or without the library.
    """
    store = settings.shared.store
    if store is None:
        return
    with TemporaryDirectory(prefix="passerelle-") as folder:
        place = open_s3_deposits(store, (settings.shared.organisation, TRIAL), Path(folder))
        try:
            if not offline:
                yield from _try_all(place)
        finally:
            place.close()


@dataclass(slots=True)
class DepotTrial:
    """An object that is written, compared, read in part, listed and deleted; `step` is what is being tried."""

    place: S3Deposits
    step: str = ""
    refuses: bool = False
    """Whether the store refused to put a second object under the name."""

    def try_all(self) -> bool:
        """Try each operation; return whether what came back is what was put. Raises as the place does."""
        place, name, content = self.place, secrets.token_hex(32), secrets.token_bytes(_SIZE)
        draft, other = place.drafts / "a", place.drafts / "b"
        write_new(draft, content)
        write_new(other, content[:-1])
        try:
            self.step = N_("writing an object")
            place.put_new(draft, name)
            self.step = N_("putting an object on the condition that it is new")
            self.refuses = place.is_second_refused(other, name)
            expected = content if self.refuses else content[:-1]
            self.step = N_("reading a part of an object")
            with place.open(name) as file:
                file.seek(-100, os.SEEK_END)
                is_same = file.read() == expected[-100:]
            self.step = N_("listing objects")
            is_listed = name in {each for each, _written in place.list_files()}
            self.step = N_("deleting an object")
        finally:
            with suppress(TransientError, FatalError):
                place.remove(name)
        return is_same and is_listed and not place.has(name)


def _try_all(place: S3Deposits) -> Iterator[HealthFinding]:
    trial = DepotTrial(place)
    try:
        is_good = trial.try_all()
    except PasserelleError as error:
        says, advice = explain(error.code, error.words)
        yield HealthFinding(Severity.WRONG, format_labelled(_(trial.step), says), advice)
        return
    if not is_good:
        says, advice = explain("incident.depot.incompatible", {})
        yield HealthFinding(Severity.WRONG, format_labelled(_(trial.step), says), advice)
        return
    yield HealthFinding(Severity.GOOD, _("the object store writes, reads in part, lists and deletes"))
    if not trial.refuses:
        says = _("the object store knows no conditions: two machines that receive the same file at once both write it")
        advice = _("Nothing is lost by it: both files are the same, and one key is destroyed later.")
        yield HealthFinding(Severity.DOUBTFUL, says, advice)
    yield from _tell_what_stays(place)


def _tell_what_stays(place: S3Deposits) -> Iterator[HealthFinding]:
    """Report where deleting does not delete: what was received stays, sealed, and its key is destroyed all the same."""
    if place.read_flag("versioning", "Status"):
        says = _("the bucket keeps versions: what is erased or too old stays in it, sealed, without its key")
        advice = _("Have the store expire noncurrent versions after some days, or take a bucket without versions.")
        yield HealthFinding(Severity.DOUBTFUL, says, advice)
    if place.read_flag("object-lock", "ObjectLockEnabled") == "Enabled":
        says = _("the bucket locks its objects: what is erased or too old cannot be deleted from it")
        advice = _("Take a bucket without object lock: only the destruction of keys erases there.")
        yield HealthFinding(Severity.DOUBTFUL, says, advice)
