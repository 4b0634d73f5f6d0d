"""What is wrong where several organisations share one journal."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "incident.database.bypass",
        N_("This account of PostgreSQL sees the rows of all organisations: it is a superuser, or has BYPASSRLS."),
        N_(
            "Have an ordinary account made that owns the database of the journal (CREATE ROLE passerelle LOGIN "
            "NOSUPERUSER NOBYPASSRLS), and name it in the address: only then the server keeps organisations apart."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.key.shredded",
        N_("The key of the organisation «{organisation}» was destroyed: nothing of it can be opened any more."),
        N_("If it begins anew, give it another name in «organisation»: what was is gone, as was decided."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.journal.moved",
        N_("The journal of this folder was carried into a shared one; these settings do not name it."),
        N_("Name it in the settings («journal», «organisation», «key_file»), as «fleet move» said."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.journal.elsewhere",
        N_("The shared journal knows nothing of «{organisation}», and its keyring is here: it is another one."),
        N_(
            "Check the address behind «journal» and the name in «organisation»; if the database was lost, restore it. "
            "To begin anew knowingly, move the folder of the keyring away: every file that comes is then delivered as "
            "new."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.keyring.together",
        N_("Keyring and journal are in the same database: a copy of it would open itself."),
        N_("Give the keyring a database of its own, with backups of its own, and name it in «keyring»."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.move.books",
        N_("What came over is not what was there: the books of both sides differ. Nothing was carried over."),
        N_("Look whether another program works on the journal, end it, then do the same again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.move.taken",
        N_("There is a journal already where this one would go."),
        N_("Choose another name for the organisation, or another folder: two journals are never put together."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.move.shared",
        N_("The journal of these settings is shared already."),
        N_("Carry it out first: «passerelle fleet move --from … --to …», with the folder of the state behind «--to»."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.move.sides",
        N_("One side must be a folder, the other the reference of a database: env:NAME or file:PATH."),
        N_("Write for example «fleet move --from etat --to env:PASSERELLE_JOURNAL»."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.backup.organisation",
        N_("This backup is not one of the organisation «{name}» of a shared journal."),
        N_("Take a backup that was written with the settings of this organisation."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.backup.shared",
        N_(
            "The received files of this organisation lie elsewhere than its journal: this command would save a part of "
            "them."
        ),
        N_(
            "Save the state folder and the place of received files together, while no flow runs; or share the journal "
            "too (docs/journal-partage.md): then «backup» saves both."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.key.shared",
        N_("The key file is that of an installation, which locks the keys of several organisations."),
        N_("Change it with «passerelle organisation rotate-key»."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.journal.unshared",
        N_("These settings share no journal: there is no organisation of that kind here."),
        N_("Name the journal and the organisation in «journal» and «organisation»; docs/journal-partage.md says how."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.organisation.other",
        N_("These settings are not those of the organisation that was named."),
        N_("Run the command with the settings of that organisation (--settings)."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.move.organisation",
        N_("An organisation is named by 1 to 40 lower-case letters, digits and hyphens."),
        N_("Give it with --organisation, for example «--organisation una-35»."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.organisation.typed",
        N_("The name that was typed is not the one of the organisation: nothing was destroyed."),
        N_("Type the name exactly as it stands in «organisation»."),
        Concerns.OPERATOR,
    ),
)
