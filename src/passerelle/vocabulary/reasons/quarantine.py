"""What a command cannot do with the records in quarantine."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "usage.corrections.invalid",
        N_("This file is not a quarantine export that can be handed back."),
        N_("Start from a file written by «passerelle quarantine export --reveal» and keep its first row and column."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.items.none",
        N_("No record in quarantine answers to this."),
        N_("List them with «passerelle quarantine list»."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.items.empty",
        N_("Nothing waits in quarantine."),
        N_("Nothing to do."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.items.gone",
        N_("Nothing waits for this cause any more."),
        N_("Somebody decided meanwhile, or a newer export replaced it: go back to the list of causes."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.items.columnless",
        N_("This cause concerns no single column: its values cannot be corrected one by one."),
        N_("Follow the advice of the cause, then have its records taken up again as they are."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.grant.over",
        N_("The leave to see these values is over."),
        N_("Ask for it again: say why, and it lasts ten minutes. What you had typed was not saved."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.account.name",
        N_("This cannot be the name of an account."),
        N_("Give a name of at most 80 characters, without invisible ones."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.account.roles",
        N_("An account needs a role."),
        N_("Name at least one with --role: lecteur, operateur, trieur, auditeur or administrateur."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.account.both",
        N_("An administrator cannot be somebody who sees values of records."),
        N_("Give the two roles to two persons, each with an account."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.account.unknown",
        N_("There is no account of this name."),
        N_("«passerelle account list» shows them."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.account.secret",
        N_("The password is too short, or too long."),
        N_("Choose one of at least {least} characters: four words that do not belong together, for instance."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.draft.overtaken",
        N_("Somebody else corrected this row meanwhile: theirs was kept, yours was not saved."),
        N_("Look at the row as it is now, and correct it again if need be."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.draft.own",
        N_("These corrections are your own: another person has to release them."),
        N_("Ask a colleague who may correct to look at them and release them."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.note.overtaken",
        N_("Somebody else wrote here meanwhile, or nothing waits any more: yours was not saved."),
        N_("Look at what stands there now, and write again if need be."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.note.long",
        N_("The note is too long."),
        N_("Write at most {most} characters."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.correction.nothing",
        N_("No value was corrected: nothing was changed."),
        N_("Write the corrected value beside at least one of them."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.items.unchosen",
        N_("Nothing was chosen: not one record, flow, outcome or reason."),
        N_(
            "Name numbers, or narrow with --flow, --fate or --reason; «passerelle quarantine list» shows what there is."
        ),
        Concerns.OPERATOR,
    ),
)
