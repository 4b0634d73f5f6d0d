"""A source that falls silent, or brings much less than it usually does."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "silence.flow.late",
        N_("Nothing came since {since}, and something is expected every {every}."),
        N_("Look whether the export was made and whether it reaches this folder or this address."),
        Concerns.OPERATOR,
    ),
    Reason(
        "silence.folder.strays",
        N_("Files that lie in the folder for more than a day and that no flow takes, for their names: {count}."),
        N_(
            "Look into the folder: an export may have got another name, or a transfer never ended. Change «glob», move "
            "what does not belong there, or name what stays there on purpose in «leave»."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "silence.mailbox.strays",
        N_("Mails of known senders that stay in the mailbox, for no attachment has a name that a flow takes: {count}."),
        N_("See what these mails bring: an export may have got another name. Change «glob», or file them elsewhere."),
        Concerns.OPERATOR,
    ),
    Reason(
        "silence.parcel.empty",
        N_("The last export holds no record; those before did."),
        N_("Look at the other software whether this is right: a filter, a right or a session may have been lost."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "silence.parcel.small",
        N_("The last export holds {rows} rows; at least {fewest} are expected."),
        N_("Look whether the export was cut short, or lower «fewest_rows»."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "silence.parcel.shrunk",
        N_("Rows of the last export: {rows}, against {usual} usually."),
        N_("Look whether the export was cut short. «passerelle flow confirm» notes that somebody did."),
        Concerns.ORGANISATION,
    ),
)
