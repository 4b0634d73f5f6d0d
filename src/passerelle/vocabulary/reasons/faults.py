"""What fails alone: one disk, one parcel, one flow, a clock, a journal. The rest of the run goes on, where it can."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "incident.folder.full",
        N_("There is no room left where this flow reads or writes."),
        N_("Free some room there: the parcel waits, and is tried again at the next run. Other flows go on."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.folder.failing",
        N_("The disk, or the share on another machine, where this flow reads or writes does not answer as it should."),
        N_("Check that disk or share: the parcel waits, and is tried again at the next run. Other flows go on."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.parcel.fault",
        N_("Passerelle itself failed on this parcel. It is parked; the others go on."),
        N_(
            "Report it with the line «parcel_parked» of the log, which holds no personal data. After an update try "
            "again with «passerelle flow retry», or give it up with «passerelle flow drop»."
        ),
        Concerns.DEVELOPER,
    ),
    Reason(
        "incident.reader.crashed",
        N_("The program that reads workbooks crashed on this file. It is parked; the others go on."),
        N_("Open the file in a spreadsheet, save it again as .xlsx and drop it anew; report it if that does not help."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "incident.flow.fault",
        N_("Passerelle itself failed on this flow. The other flows were served; the next run tries it again."),
        N_("Report it with the line «flow_failed» of the log, which holds no personal data."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "incident.parcel.dropped",
        N_("Somebody dropped this parcel: it is not delivered."),
        N_("As long as its bytes are held, «passerelle flow retry» takes it up again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.parcel.expired",
        N_("This parcel was parked for so long that it was dropped, as a record in quarantine would have been."),
        N_(
            "Ask the supplier to send it again if it is needed; «retention_days» in the settings says how long is long."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow.waits",
        N_("The flow waits for the other side, longer than the settings call usual."),
        N_("Look at «passerelle status»; if it lasts, tell the people who run that system."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.quarantine.waiting",
        N_("{count} records wait in quarantine."),
        N_("«passerelle quarantine list» shows why, the most frequent cause first."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "incident.quarantine.grown",
        N_("The last run set aside {aside} of {received} rows."),
        N_("A new and frequent cause is nearly always a change at the supplier: «passerelle quarantine list»."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "incident.channel.failed",
        N_("A message could not be sent ({channel}, {cause})."),
        N_("Check the table «notify» of the settings with «passerelle notify --test»; the next run sends it again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.collector.failed",
        N_("The collector did not take the figures of this run ({cause})."),
        N_(
            "Nothing is lost: the next run sends newer ones. If it lasts, check «endpoint» and «headers» in the table "
            "«metrics» of the settings, and whether the collector runs."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "settings.metrics.no_library",
        N_("The collector is told figures with the Python package «opentelemetry-proto»; it is not installed."),
        N_("Install passerelle-social[metrics]."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.channel.none",
        N_("The settings name nobody to be told."),
        N_("Write a table «notify.mail», «notify.webhook» or «notify.command»."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.mail.none",
        N_("The settings name no mail server and no readers."),
        N_("Write a table «notify.mail»; see «passerelle notify --test»."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.tidying.failed",
        N_("The run was served, but what is no longer needed could not be removed."),
        N_("Report it with the line «tidy_failed» of the log; the next run tries again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.clock.jumped",
        N_(
            "The clock shows another time than the last runs lead to expect ({days} days apart): nothing was destroyed."
        ),
        N_(
            "Check the clock of the machine. If it is right, there is nothing to do: what is too old goes once runs "
            "have kept to it for a day."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.journal.corrupt",
        N_("The journal is damaged ({cause})."),
        N_(
            "Do not run on it. Check the disk; put the whole state folder aside, and that of the last backup in its "
            "place, with the keyring of today; ask «passerelle doctor»; then have everything delivered again with "
            "«passerelle flow deliver-all»."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.journal.changed",
        N_("The journal was changed since Passerelle closed it, though its structure holds."),
        N_(
            "If somebody restored a backup, there is nothing to do. Otherwise the disk may be failing: check it, and "
            "compare with the last backup."
        ),
        Concerns.OPERATOR,
    ),
)
