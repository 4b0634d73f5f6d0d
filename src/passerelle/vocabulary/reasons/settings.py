"""Why the settings or a command cannot be used."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason


def _reason(code: str, says: str, advice: str) -> Reason:
    return Reason(code, says, advice, Concerns.OPERATOR)


REASONS: tuple[Reason, ...] = (
    _reason(
        "settings.file.missing",
        N_("There is no settings file «{file}»."),
        N_("Write one with «passerelle init», or name yours with --settings."),
    ),
    _reason(
        "settings.file.unreadable",
        N_("The settings file «{file}» cannot be read."),
        N_("Check its rights, and that it is saved as UTF-8."),
    ),
    _reason(
        "settings.file.syntax",
        N_("This line is not valid TOML."),
        N_("Check quotes, brackets and equal signs on this line and on the one before; each key may appear once."),
    ),
    _reason(
        "settings.file.invalid",
        N_("The settings file «{file}» cannot be used."),
        N_("Correct what is listed, then run the same command again."),
    ),
    _reason(
        "settings.key.misspelt",
        N_("The key «{key}» does not exist."),
        N_("Write «{nearest}», if that is what was meant."),
    ),
    _reason(
        "settings.key.unknown",
        N_("The key «{key}» does not exist."),
        N_("Known here: {known}."),
    ),
    _reason(
        "settings.key.missing",
        N_("The key «{key}» is missing."),
        N_("Add it to this table."),
    ),
    _reason(
        "settings.value.invalid",
        N_("The value of «{key}» cannot be used."),
        N_("Expected: {expected}."),
    ),
    _reason(
        "settings.value.misspelt",
        N_("The value of «{key}» is not one of the words it can take."),
        N_("Write one of these: {known}. Nearest: {nearest}."),
    ),
    _reason(
        "settings.whole.no_field",
        N_("No record that the connector «{connector}» reads has the field «{field}»."),
        N_("Name a field of its contracts in «within», or contracts that it reads in «contracts»."),
    ),
    _reason(
        "settings.supplier.absent",
        N_("No description of a supplier is found where «{pattern}» points."),
        N_("Paths are relative to the settings file: correct it, or take it out of «suppliers»."),
    ),
    _reason(
        "settings.supplier.unknown",
        N_("«{word}» does not exist."),
        N_("Nearest: {nearest}. Known here: {known}."),
    ),
    _reason(
        "settings.supplier.defect",
        N_("The description of «{key}» cannot be used: {defect}."),
        N_("Correct this table; «passerelle contracts show» gives the fields and their types."),
    ),
    _reason(
        "settings.codes.unreadable",
        N_("The code table «{table}» cannot be read."),
        N_("It stands below the description's folder, as a CSV file saved as UTF-8."),
    ),
    _reason(
        "settings.codes.line",
        N_("Line {row} of the code table «{table}» is not a pair of a word and a code, or its word is there already."),
        N_("Write one pair a line, «word;code», under a header line; each word once."),
    ),
    _reason(
        "settings.audit_anchor.inside",
        N_("The head of the audit trail would be kept in the state folder, beside the trail."),
        N_("Keep it elsewhere, best on another machine: whoever can cut the one could cut the other."),
    ),
    _reason(
        "settings.schedule.unclear",
        N_("When these flows are due is not understood: {flows}."),
        N_(
            "Write «schedule» as a day and times («chaque nuit à 2 h 30», «jours ouvrés à 6 h 30», "
            "«fin de mois à 20 h», «lundi et jeudi à 7 h»), as «toutes les 15 minutes», or as five fields of cron "
            "(«30 6 * * 1-5»)."
        ),
    ),
    _reason(
        "settings.flow.name",
        N_("«{key}» cannot be the name of a flow."),
        N_("Use 1 to 40 lower-case letters without accents, digits and hyphens, a letter or a digit first."),
    ),
    _reason(
        "settings.purpose.missing",
        N_("This flow does not say what it is for."),
        N_("Add one of these lines: {purposes}\nWhat the purpose does not need is not delivered."),
    ),
    _reason(
        "settings.purpose.unknown",
        N_("This purpose does not exist."),
        N_("Use one of these lines: {purposes}\nWhat the purpose does not need is not delivered."),
    ),
    _reason(
        "settings.secret.literal",
        N_("The key «{key}» must hold a reference, not the secret itself."),
        N_("Write env:NAME, file:PATH or keyring:SERVICE/NAME, and renew a secret that stood in a file."),
    ),
    _reason(
        "settings.secret.misplaced",
        N_("The table «{key}» holds something that is called a secret; connectors are never handed one."),
        N_("Put a reference to it in client_id, client_secret, token, username or password of the source."),
    ),
    _reason(
        "settings.secret.absent",
        N_("There is nothing behind the reference «{reference}»."),
        N_("Set this variable, file or keyring entry for the account that runs passerelle."),
    ),
    _reason(
        "settings.secret.no_keyring",
        N_("The reference «{reference}» needs the Python package «keyring», which is not installed."),
        N_("Install passerelle-social[keyring], or use env: or file:."),
    ),
    _reason(
        "settings.credentials.incomplete",
        N_("The access scheme «{scheme}» needs more: {needed}."),
        N_("Add these keys to this table, as references."),
    ),
    _reason(
        "settings.organisation.missing",
        N_("It is not said whose rows of the shared database are meant."),
        N_('Add «organisation», for example organisation = "una-35".'),
    ),
    _reason(
        "settings.zone.unknown",
        N_("«{key}» is no time zone."),
        N_("Write a name of the IANA list, such as «Europe/Paris», «Indian/Reunion» or «America/Martinique»."),
    ),
    _reason(
        "settings.doubt.unknown",
        N_("There is no doubt of the code «{doubt}»."),
        N_("Nearest: {nearest}. The page of reasons lists them all."),
    ),
    _reason(
        "settings.doubt.not_strict",
        N_("The doubt «{doubt}» cannot be strict: it is not about one record."),
        N_("It can be made silent, with a reason; otherwise leave it out."),
    ),
    _reason(
        "settings.doubt.invalid",
        N_("What is said of the doubt «{doubt}» is neither strict nor silent with a reason."),
        N_('Write "strict", or {{ silent = "the reason" }}.'),
    ),
    _reason(
        "settings.plugin.absent",
        N_("The plugin «{plugin}», which the settings allow, is not installed."),
        N_("Install it, or correct the list «plugins». Installed: {known}."),
    ),
    _reason(
        "settings.connector.no_api",
        N_("The connector «{connector}» reads files; it cannot read an API."),
        N_("Give the flow a source of the kind «folder», or another connector."),
    ),
    _reason(
        "settings.connector.no_send",
        N_("The connector «{connector}» does not say how its supplier's API takes records."),
        N_("Give the flow a destination of another kind, or another connector."),
    ),
    _reason(
        "settings.connector.no_push",
        N_("The connector «{connector}» does not take messages that are pushed."),
        N_("Give the flow a source of another kind, or another connector."),
    ),
    _reason(
        "settings.secret.short",
        N_("A secret that signs messages has fewer than {least} characters: it can be guessed."),
        N_("Agree on a longer one with the supplier, drawn at random."),
    ),
    _reason(
        "settings.secret.shared",
        N_("Two flows have the same secret ({flows}): a message signed for one would be taken by the other."),
        N_("Agree on a secret of its own for each flow."),
    ),
    _reason(
        "usage.inbox.none",
        N_("No enabled flow takes messages that are pushed."),
        N_("Give a flow a source of the kind «inbox»."),
    ),
    _reason(
        "settings.connector.invalid",
        N_("The connector «{connector}» cannot use these of its settings: {keys}."),
        N_("Correct them under [flow.NAME.source.settings]; the connector's page says what each may be."),
    ),
    _reason(
        "settings.layout.no_table",
        N_("The layout «{connector}» has no table for what the flow reads: {contract}."),
        N_("Choose another layout, name these contracts in «leave_out» of the flow, or write the contracts' own form."),
    ),
    _reason(
        "settings.fill.unknown",
        N_("What «{connector}» writes has no such fields to fill: {keys}."),
        N_("Correct «fill» under [flow.NAME.destination]; the contracts' pages list their fields."),
    ),
    _reason(
        "settings.related.absent",
        N_("No file matches «{pattern}»."),
        N_("Check «related» under [flow.NAME.destination]: the files are looked for from the folder of the settings."),
    ),
    _reason(
        "settings.related.unreadable",
        N_("A file that «related» names cannot be read as records in contract form, one a line."),
        N_("Name files that a flow with the format ndjson writes, and check their rights."),
    ),
    _reason(
        "settings.schema.unreadable",
        N_("The schema cannot be read as an XSD."),
        N_("Give the path of the XSD file that belongs to this version of the supplier's files."),
    ),
    _reason(
        "settings.schema.unfit",
        N_("«{connector}» does not read XML: there is nothing that a schema could judge."),
        N_("Leave «schema» out, or choose a connector that reads XML."),
    ),
    _reason(
        "settings.order.unreadable",
        N_("How the column «{column}» of «ordered_by» is written, or its zone, cannot be read."),
        N_("Write its formats with %Y, %m, %d, %H, %M and %S, as in the file, and a zone such as Europe/Paris."),
    ),
    _reason(
        "usage.parcel.unknown",
        N_("No parcel of the flow «{flow}», or more than one, has a number that begins with «{parcel}»."),
        N_("«passerelle status» shows the latest numbers, with --format json all of them: type more of one."),
    ),
    _reason(
        "usage.parcel.finished",
        N_("Parcel {parcel} is finished: there is nothing to try again or to drop."),
        N_("«passerelle status» shows the state of each parcel."),
    ),
    _reason(
        "usage.flow.unknown",
        N_("There is no flow «{name}» in the settings."),
        N_("Known: {known}. Nearest: {nearest}."),
    ),
    _reason(
        "usage.flow.nothing_held",
        N_("Nothing of the flow «{name}» is held, and it has no notice."),
        N_("See its state with «passerelle status»."),
    ),
    _reason(
        "usage.again.both",
        N_("--file does not go with --parcel and --since."),
        N_("Give the files, then the parcels, each with a command of its own."),
    ),
    _reason(
        "usage.connector.unknown",
        N_("There is no connector «{name}»."),
        N_("Known: {known}. Nearest: {nearest}. A plugin may have to be installed or allowed in the settings."),
    ),
    _reason(
        "usage.plugin.unknown",
        N_("There is no plugin «{name}»."),
        N_("Known: {known}. Nearest: {nearest}."),
    ),
    _reason(
        "usage.contract.unknown",
        N_("There is no contract «{name}»."),
        N_("Known: {known}. Nearest: {nearest}."),
    ),
    _reason(
        "usage.edition.unknown",
        N_("This installation does not publish «{name}», and no file or folder has that name."),
        N_("It publishes {known}. For another edition give its folder, like contracts/editions/visit/1.0.0."),
    ),
    _reason(
        "usage.edition.unreadable",
        N_("«{name}» is not an edition of a contract: it holds no JSON Schema that can be read."),
        N_("Give a published folder (contracts/visit/1), an archived one, visit@1.0.0, or a JSON Schema file."),
    ),
    _reason(
        "usage.output.missing",
        N_("A workbook cannot be shown on a terminal."),
        N_("Name the file to write with --output."),
    ),
    _reason(
        "usage.recording.other",
        N_("The flow «{flow}» does not read an API through the connector «{connector}»."),
        N_("Name a flow whose source is the API of this connector."),
    ),
    _reason(
        "usage.recording.long",
        N_("The account answered more than {most} times: that is a copy and not a sample."),
        N_("Narrow what the flow asks for in its own settings, by days or by organisation."),
    ),
    _reason(
        "usage.recording.unreadable",
        N_("An answer is not JSON, so it cannot be scrubbed; nothing was written."),
        N_("Write the exchanges of this connector by hand, with invented values."),
    ),
    _reason(
        "usage.recording.unplayable",
        N_("The connector does not find its way through the scrubbed answers; nothing was written."),
        N_("Name with --keep the members whose words steer it, if their words are nobody's."),
    ),
    _reason(
        "usage.output.unnamed",
        N_("Values are never shown on a terminal."),
        N_("Name the file to write with --output."),
    ),
    _reason(
        "usage.reveal.unexplained",
        N_("This is done only with a reason, which is recorded."),
        N_("Add --why with a sentence, of two words at least, that says why."),
    ),
    _reason(
        "usage.person.nothing",
        N_("Nothing says whom to find."),
        N_("Give the supplier's own id, or a record of the quarantine with --item."),
    ),
    _reason(
        "usage.audit.anchor",
        N_("No head of an audit trail is in what was given with --anchor."),
        N_("Give a line that «passerelle run» or «passerelle audit anchor» wrote, or the file that keeps them."),
    ),
    _reason(
        "usage.audit.inside",
        N_("The file «{file}» lies in the state folder, beside the audit trail: there it proves nothing."),
        N_("Keep heads elsewhere, best on another machine."),
    ),
    _reason(
        "usage.references.invalid",
        N_("Nothing was done, because {count} of the lines cannot be read as references. {faults}."),
        N_("Correct these lines and give the whole file again; nobody in it is forgotten then."),
    ),
    _reason(
        "usage.references.none",
        N_("No reference was given."),
        N_("Give one a line, as in the records: system:person:number."),
    ),
    _reason(
        "usage.recipient.unknown",
        N_("No flow has the recipient «{name}», so that a refusal towards it would hold nothing back."),
        N_("Known: {known}. Nearest: {nearest}."),
    ),
    _reason(
        "usage.consent.over",
        N_("The day {day} is over: an answer that ends there would never hold."),
        N_("Give a day to come with --until, or none."),
    ),
    _reason(
        "usage.file.unreadable",
        N_("The file «{file}» cannot be read or written."),
        N_("Check its name and its rights."),
    ),
    _reason(
        "usage.file.exists",
        N_("The file «{file}» exists already and is left as it is."),
        N_("Remove it first, or choose another folder."),
    ),
    _reason(
        "usage.journal.there",
        N_("The journal is there: nothing was changed."),
        N_("Only a journal that is lost can be begun anew. To see the state: passerelle status."),
    ),
    _reason(
        "usage.workbook.protected",
        N_("The workbook «{file}» is protected by a password."),
        N_("Save it without a password, then run the same command again."),
    ),
    _reason(
        "usage.workbook.too_big",
        N_("The workbook «{file}» claims far more than a worksheet filled in by hand, as in an attack."),
        N_(
            "Do not open it. Start again from the file that passerelle wrote, or ask whoever sent this one where it "
            "comes from; nothing was changed."
        ),
    ),
)
