"""Why a change of supplier cannot be planned, moved or compared."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason


def _reason(code: str, says: str, advice: str) -> Reason:
    return Reason(code, says, advice, Concerns.OPERATOR)


REASONS: tuple[Reason, ...] = (
    _reason(
        "settings.export.unclear",
        N_("This export does not say what it is."),
        N_("Give it a path and either a connector or a contract; or else a flow, alone."),
    ),
    _reason(
        "settings.accepted.unclear",
        N_("This acceptance does not say what may stay behind."),
        N_("Give it a contract, for rows; or a connector and a column."),
    ),
    _reason(
        "settings.export.contract",
        N_("There is no contract of that id."),
        N_("Write «{nearest}», if that is what was meant. «passerelle contracts list» shows them all."),
    ),
    _reason(
        "settings.switch.missing",
        N_("There is no «{file}» beside the settings."),
        N_("Write a [side.NAME] for each software, a [switch.NAME] from one to the other; or give --from and --to."),
    ),
    _reason(
        "settings.switch.side",
        N_("There is no side of that name."),
        N_("Describe it under [side.NAME]; known: {known}."),
    ),
    _reason(
        "settings.tolerance.field",
        N_("A tolerance names a field that does not exist, or cannot be said of it."),
        N_("Write «trimmed» for a text, «rounding» for a number, «same_instant» for a moment: one of them each."),
    ),
    _reason(
        "usage.side.unnamed",
        N_("This does not say which two sides."),
        N_("Give the name of a [switch.NAME] of switch.toml, or both --from and --to."),
    ),
    _reason(
        "usage.side.unknown",
        N_("There is no side «{name}» in switch.toml, and no supplier or connector of that name."),
        N_("Known: {known}. Nearest: {nearest}."),
    ),
    _reason(
        "usage.switch.unknown",
        N_("There is no change of supplier «{name}» in switch.toml."),
        N_("Known: {known}. Nearest: {nearest}."),
    ),
    _reason(
        "usage.side.empty",
        N_("The side «{name}» holds no file for «{export}»."),
        N_("Check the path in switch.toml, and that the export has been put there."),
    ),
    _reason(
        "usage.snapshot.invalid",
        N_("«{name}» is not a snapshot, or has been changed since it was taken."),
        N_("Take it anew from the exports."),
    ),
    _reason(
        "usage.worksheet.invalid",
        N_("«{file}» is not a worksheet of decisions, or its first row and column were changed."),
        N_("Start from the file that «passerelle switch plan --worksheet» writes, and fill in the free columns only."),
    ),
    _reason(
        "usage.sample.unclear",
        N_("«{sample}» does not say how the file is read."),
        N_("Write CONNECTOR=FILE, as in compani-interventions=export.csv."),
    ),
)
