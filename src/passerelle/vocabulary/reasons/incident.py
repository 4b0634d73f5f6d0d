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
        "incident.port.taken",
        N_("It is not possible to listen at this address, port {port}."),
        N_("Another program may hold it, or this machine does not have it: choose another with --port or --address."),
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
    Reason(
        "incident.supplier.slow",
        N_("The other system did not answer in time."),
        N_("Nothing to do: the batch waits and is tried again at the next run."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.supplier.failing",
        N_("The other system reports a fault of its own (its answer: {status})."),
        N_("Nothing to do now: the batch waits. If it lasts, tell the people who run that system."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "incident.supplier.busy",
        N_("The other system asks us to slow down."),
        N_(
            "Nothing to do: the batch waits as long as it asks. If it lasts, lower «per_second» in the flow's settings."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.supplier.garbled",
        N_("The other system's answer cannot be read: it was cut, or it comes from something in between."),
        N_("Nothing to do now: the batch waits. If it lasts, look for a proxy or a sign-in page in between."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "incident.supplier.redirected",
        N_("The other system sends us elsewhere for the moment (its answer: {status}). Redirections are not followed."),
        N_("Nothing to do now: the batch waits. If it lasts, check the base URL in the flow's settings."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.supplier.moved",
        N_("The other system has moved for good. Redirections are not followed."),
        N_("Ask the supplier for the new base URL, put it in the flow's settings, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.supplier.oversized",
        N_("The other system's answer is larger than the limit of {limit} bytes."),
        N_("Ask the supplier for smaller pages, then resume the flow."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "incident.supplier.untrusted",
        N_("The other system's certificate is not trusted: expired, of another name, or of an unknown authority."),
        N_("Do not go round it. Ask the supplier for a valid one, or install your network's root certificate."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "incident.credentials.refused",
        N_("The other system refuses our credentials."),
        N_("Renew the password, key or token, check the reference to it in the settings, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.access.forbidden",
        N_("The other system knows us but forbids this access."),
        N_("Ask the supplier to open this right for our account, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.request.malformed",
        N_("A name or secret holds a character that HTTP cannot carry in a header."),
        N_("Look for a line break or an accent in the password, key or token, correct it, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.address.unusable",
        N_("This is not an address: an URL was expected."),
        N_("Correct the base URL in the flow's settings, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.address.clear",
        N_("The address does not begin with https: personal data would travel in clear over a public network."),
        N_("Use the https address. Plain http is for this machine, and for networks declared as private."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.address.private",
        N_("The address leads into a private or reserved network, which this flow does not allow."),
        N_("If that system really is on your own network, say so in the flow's settings, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.address.foreign",
        N_("The supplier's answer, or the connector, leads to another host than the flow's. It was not followed."),
        N_("Ask the supplier why its pages lead elsewhere. Do not simply allow it: our credentials would go there."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "incident.address.climbing",
        N_("A path of the API holds «.» or «..», which would lead to another part of that host. It was not followed."),
        N_("Ask the supplier, or whoever wrote the connector, where this path comes from."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "incident.folder.unreadable",
        N_("The folder cannot be read: the rights are missing, or it is no folder."),
        N_("Check the path and the rights in the flow's settings, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.folder.unwritable",
        N_("The folder cannot be written to: it is absent, or the rights are missing."),
        N_("Check the path and the rights in the flow's settings, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.file.unreadable",
        N_("A file that was dropped cannot be opened: the rights are missing, or it has gone."),
        N_("Check its rights; it is tried again at the next run."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.disk.full",
        N_("There is no room left on the disk, or it has become read-only."),
        N_("Make room, then run the same command again: nothing is lost."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.cursor.unreadable",
        N_("The connector declares an overlap, but the place where it stopped is neither a moment nor a number."),
        N_("Report it to whoever maintains the plugin: what came late cannot be asked for again like this."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "incident.source.misaddressed",
        N_("The supplier's API does not know this path or this kind of request (its answer: {status})."),
        N_("Check the base URL in the flow's settings, and the version of the API that the connector covers."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.destination.misaddressed",
        N_("The destination does not know this path or this kind of request (its answer: {status})."),
        N_("Check the base URL, path and method in the flow's settings, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.destination.unclear",
        N_("The destination answered to a lot without saying what became of each record."),
        N_("Send one by one («lot = 1»), or ask for an answer with one result a record, then resume the flow."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "incident.destination.unreachable",
        N_("The destination database cannot be reached, or is busy."),
        N_("Nothing to do now: the batch waits and is tried again. If it lasts, check that its server runs."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.destination.unknown_database",
        N_("This is not the URL of a database that can be used here."),
        N_("Write «sqlite:///file», «postgresql://…», «mysql://…», «mssql://…» or «oracle://…», as the guide says."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.destination.forbidden",
        N_("The destination database refuses what we ask (its code: {sqlstate})."),
        N_("Check the account's rights and the tables, then resume the flow."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.database.unreachable",
        N_("The database cannot be reached."),
        N_("Check that its server runs and that the address and the credentials in the settings are right."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.database.unsupported",
        N_("The database must be a SQLite file or a PostgreSQL address."),
        N_("Correct the database in the settings, for example «postgresql://server/passerelle»."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.database.newer",
        N_("The database was migrated by a later version of Passerelle than this one."),
        N_("Install that version or a later one; nothing was changed."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.database.busy",
        N_("Another process has been writing to the database for too long."),
        N_("Look for a Passerelle process that is stuck or stopped, end it, then run again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.database.full",
        N_("There is no room left for the database."),
        N_("Free some disk space, then run again: what was not finished is taken up where it stopped."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.journal.gone",
        N_("The journal is gone, but the keys that belong to it are there: what was delivered is no longer known."),
        N_(
            "If the state folder is on another disk, mount it. Else restore the whole folder from your backup; if "
            "there is none, begin a new journal knowingly with «passerelle init --fresh»: every file that comes is "
            "then delivered as new."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.database.failed",
        N_("The database failed ({cause})."),
        N_("Check the disk and the rights on the files with «passerelle doctor», then run again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.disk.failed",
        N_("The disk refused an operation on Passerelle's own files ({cause})."),
        N_("Check the rights on the state folder with «passerelle doctor», then run again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.key.missing",
        N_("The key file «{file}» is lost: what is here was sealed with it. No new one was made."),
        N_("Put it back from your backup. Without it, what was sealed cannot be opened; a new key would not open it."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.key.exposed",
        N_("Other accounts of this machine may read the key file."),
        N_("Leave it to its owner alone (on Linux: chmod 600), and change the key if somebody may have copied it."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.key.malformed",
        N_("The key file does not hold a key."),
        N_("Put it back from your backup: 32 bytes in base64."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.key.other",
        N_("This key is not the one that the journal was written with."),
        N_("Put the right key file back: with another key, every record would be delivered again as new."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.keyring.missing",
        N_("The keyring is not there: what this journal sealed cannot be opened."),
        N_("Put the folder of the keyring back from its own backup; «passerelle key where» says where it belongs."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.keyring.locked",
        N_("The keyring was not locked with this key."),
        N_("Put back the key file and the keyring that belong together."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.keyring.other",
        N_("This keyring is not the one of the journal."),
        N_("Put the keyring of this installation back, or correct «keyring» in the settings."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.keyring.older",
        N_("The keyring is older than the journal: it lacks the key of something that was sealed since."),
        N_("Put the latest copy of the keyring back: an older one opens nothing that came after it."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.keyring.broken",
        N_("A part of the keyring does not open: it was damaged."),
        N_("Put the folder of the keyring back from its own backup."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.seal.destroyed",
        N_("The key of sealed data was destroyed: it was erased on purpose."),
        N_("Nothing to do: the state folder was put back from a copy made before the erasure."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.seal.broken",
        N_("Sealed data does not open: it was damaged, moved, or sealed with another key."),
        N_("Restore the state folder and the key file from the same backup."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.deposit.missing",
        N_("The bytes of a registered parcel are not in the depot."),
        N_("Restore the state folder from a backup, or ask the supplier to send the parcel again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.deposit.broken",
        N_("The bytes of a registered parcel were damaged in the depot."),
        N_("Check the disk, then restore the state folder from a backup."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.books.unbalanced",
        N_("The books of a batch do not add up: nothing of it was recorded."),
        N_("Report it with the number of the parcel: this is a mistake of Passerelle or of a plugin."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "incident.books.incomplete",
        N_("A parcel cannot be closed: some of its batches are not settled."),
        N_("Report it with the number of the parcel: this is a mistake of Passerelle."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "incident.batch.settled",
        N_("This batch was already settled: nothing was recorded twice."),
        N_("Check that no copy of this installation works on the same database, then run again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.parcel.unregistered",
        N_("This parcel is not in the journal."),
        N_("Report it with the number of the parcel: this is a mistake of Passerelle."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "incident.parcel.closed",
        N_("This parcel is already finished or parked."),
        N_("Check that no copy of this installation works on the same database, then run again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.flow.busy",
        N_("Another process is working on this flow."),
        N_("Nothing to do: wait until it has finished, then run again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.audit.broken",
        N_("The audit trail was changed: entry {entry} does not hold."),
        N_("Keep the state folder as it is and tell whoever is responsible for data protection."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.audit.truncated",
        N_("The end of the audit trail was cut off: it has {count} entries, and an earlier head has seen {anchored}."),
        N_("Keep the state folder as it is and tell whoever is responsible for data protection."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.audit.unanchored",
        N_("The head of the audit trail could not be written to the file of «audit_anchor»."),
        N_("Check that its folder is there and may be written to; the next run tries again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.replay.nothing",
        N_("None of these records can be replayed: what was received is gone, or was never readable as cells."),
        N_("Correct unreadable ones in a sheet written by «passerelle quarantine export --reveal»."),
        Concerns.OPERATOR,
    ),
)
