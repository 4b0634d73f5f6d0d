"""Why an installation of several organisations, or one of them, cannot go on."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason


def _reason(code: str, says: str, advice: str, concerns: Concerns = Concerns.OPERATOR) -> Reason:
    return Reason(code, says, advice, concerns)


REASONS: tuple[Reason, ...] = (
    _reason(
        "settings.installation.flow",
        N_("A flow is described in the settings of an installation of several organisations."),
        N_("Move it into the settings of the organisation whose data it carries."),
    ),
    _reason(
        "settings.installation.pattern",
        N_("«{key}» does not say where the settings of organisations are."),
        N_("Write a relative path with one «*» for the folder of each: «organisations/*/passerelle.toml»."),
    ),
    _reason(
        "settings.organisation.name",
        N_("The folder «{organisation}» cannot be the name of an organisation."),
        N_("Rename it: 1 to 40 small letters without accents, digits and hyphens. Its state may move with it."),
    ),
    _reason(
        "settings.organisation.shared",
        N_(
            "The organisations «{organisation}» and «{other}» would share what each has to itself: a state, a key, a "
            "keyring, or a name in a shared journal."
        ),
        N_("Give each its own: correct «state», «key_file», «keyring» or «organisation» in the settings of one."),
    ),
    _reason(
        "settings.organisation.elsewhere",
        N_("The organisation «{organisation}» is not in the journal of the others: this worker does not serve it."),
        N_(
            "A worker of several organisations works on one shared journal. Name the same in «journal», or start a "
            "worker for that one alone: «passerelle fleet work --organisation {organisation}»."
        ),
    ),
    _reason(
        "settings.organisation.absent",
        N_("No organisation is found where «{pattern}» points."),
        N_("Mount the disk they are on, correct «organisations», or add one: «passerelle organisation add NAME»."),
    ),
    _reason(
        "settings.organisation.unsettled",
        N_("There are no settings in the folder of the organisation «{organisation}»."),
        N_("Mount the disk they are on, or put them back from a copy; take the folder away if the organisation left."),
    ),
    _reason(
        "settings.supplier.base",
        N_("«{base}», which the description «{file}» extends, is not there or extends it in turn."),
        N_("Paths are relative to the description that says «extends»: correct it, or take it out."),
    ),
    _reason(
        "usage.organisation.unknown",
        N_("There is no organisation «{name}» in this installation."),
        N_("Those there are: {known}. Nearest: {nearest}."),
    ),
    _reason(
        "usage.organisation.needed",
        N_("These settings are of several organisations, and this concerns one."),
        N_("Say which with --organisation, or name its own settings with --settings. Known: {known}."),
    ),
    _reason(
        "usage.installation.none",
        N_("These settings are those of one organisation, and this concerns an installation of several."),
        N_("Name the settings of the installation with --settings: those whose «organisations» says where all are."),
    ),
    _reason(
        "usage.organisation.alone",
        N_("These settings are not those of several organisations."),
        N_("Leave --organisation out, or name the settings of the installation with --settings."),
    ),
    _reason(
        "usage.organisation.name",
        N_("«{name}» cannot be the name of an organisation."),
        N_("Take 1 to 40 small letters without accents, digits and hyphens."),
    ),
    _reason(
        "usage.organisation.exists",
        N_("There is already something in the folder of the organisation «{name}»."),
        N_("Choose another name, or move that folder away."),
    ),
    _reason(
        "incident.installation.busy",
        N_("Another worker of this installation holds the line of flows for too long."),
        N_("Start it again later; if it goes on, look for a worker that stands still, and end it."),
    ),
    _reason(
        "incident.organisation.fault",
        N_("Passerelle failed at the organisation «{organisation}»; the others went on."),
        N_("Run it again; if it fails again, report it with the line of the log, which holds no personal data."),
        Concerns.DEVELOPER,
    ),
)
