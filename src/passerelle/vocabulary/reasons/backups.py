"""Why a backup is not made, does not hold, or is not put back."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason


def _reason(code: str, says: str, advice: str) -> Reason:
    return Reason(code, says, advice, Concerns.OPERATOR)


REASONS: tuple[Reason, ...] = (
    _reason(
        "usage.backup.nothing",
        N_("There is no journal yet: there is nothing to save."),
        N_("It is created by the first run. Keep a copy of the settings file and of the key."),
    ),
    _reason(
        "usage.backup.folder",
        N_("The folder «{file}» for the backup is not there."),
        N_("Create it, or check that its disk is attached; nothing was written."),
    ),
    _reason(
        "usage.backup.inside",
        N_("The copy «{file}» would lie in the folder that it is a copy of."),
        N_("Choose another folder, best on another machine: what is lost together is no backup."),
    ),
    _reason(
        "usage.backup.together",
        N_("The copies of state and keyring would lie in one folder."),
        N_("Choose two places: whoever takes one of them then opens nothing."),
    ),
    _reason(
        "usage.state.there",
        N_("There is a state already in «{file}», and it is left as it is."),
        N_("Rename this folder first, then run the same command again; the keyring stays where it is."),
    ),
    _reason(
        "incident.backup.busy",
        N_("Another backup is being made."),
        N_("Wait for its end, or run the same command later."),
    ),
    _reason(
        "incident.backup.broken",
        N_("The backup «{file}» was cut off or changed, or is no backup of this program."),
        N_("Take another one. A backup that is being written has a name that ends in «.part»."),
    ),
    _reason(
        "incident.backup.newer",
        N_("The backup «{file}» was written by a later version of this program."),
        N_("Install that version, or a later one, then run the same command again."),
    ),
    _reason(
        "incident.backup.books",
        N_("The journal in the backup does not hold the books that were counted when it was written."),
        N_("Take another backup, and report this: the copy is damaged though its digests hold."),
    ),
)
