"""Why a batch waits, a parcel is parked, a flow is suspended or the process stops."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "incident.supplier.unreachable",
        N_("The other system cannot be reached."),
        N_("Nothing to do: the batch waits and is tried again at the next run."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.plugin.failed",
        N_("The plugin «{plugin}» {version} failed ({kind} at {place})."),
        N_("Report it to whoever maintains the plugin, with this line; an earlier version of it may help meanwhile."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "incident.plugin.invalid",
        N_("The plugin «{plugin}» {version} does not keep its contract: {defect}."),
        N_("Report it to whoever maintains the plugin, or take it out of the list «plugins» of the settings."),
        Concerns.DEVELOPER,
    ),
)
