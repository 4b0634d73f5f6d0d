"""Why a pack, an erasure, a move or a proof does not hold."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason


def _reason(code: str, says: str, advice: str, concerns: Concerns = Concerns.OPERATOR) -> Reason:
    return Reason(code, says, advice, concerns)


_AGAIN = N_("Ask whoever handed the pack over for a new one: this one was changed or damaged on its way.")
_REFUSE = N_("Do not rely on this dossier: ask whoever signed it for the original.")

REASONS: tuple[Reason, ...] = (
    _reason(
        "usage.pack.sealed",
        N_("The pack is sealed, and this passphrase does not open it; or it was cut or changed."),
        N_("Check the passphrase; if it is right, have the pack sent again."),
    ),
    _reason(
        "usage.pack.unreadable",
        N_("This file is not an exit pack that can be read."),
        N_("Take the file as «passerelle exit-pack» wrote it."),
    ),
    _reason(
        "usage.person.unknown",
        N_("{count} of the references are known nowhere (lines: {places}), {known} are known. Nothing was erased."),
        N_("Write them as they stand in the records, «system:person:number»; who was never here needs nothing."),
    ),
    _reason(
        "usage.person.several",
        N_("{count} references were given, and an answer is about one person: each would read of the others."),
        N_("Make one answer for each reference."),
    ),
    _reason(
        "usage.output.needed",
        N_("The file to write is not named."),
        N_("Name it with --output."),
    ),
    _reason(
        "usage.pack.period",
        N_("The period ends before it begins: from {start} to {end}."),
        N_("Give the first day with --from and the last one with --to."),
    ),
    _reason(
        "usage.pack.selection",
        N_("The type «{type}» does not go with the options given."),
        N_("UNITAIRE takes --person, CIBLE takes --from or --to, MASSIF takes neither."),
    ),
    _reason(
        "deliver.pack.gone",
        N_("The file as received is no longer held: its time was over."),
        N_(
            "Ask the supplier for it again if it is needed; «received_days» in the settings says how long such files "
            "are kept."
        ),
    ),
    _reason(
        "deliver.pack.unread",
        N_("The file is there as received only: its flow is not in the settings any more."),
        N_("Put the flow back into the settings (it need not be enabled), and make the pack again."),
    ),
    _reason("validate.pack.identity", N_("The manifest is not the one that the pack was closed with."), _AGAIN),
    _reason("validate.pack.altered", N_("The file is not what the manifest says: its digest differs."), _AGAIN),
    _reason("validate.pack.absent", N_("The manifest lists a file that is not in the pack."), _AGAIN),
    _reason("validate.pack.stranger", N_("The pack holds a file that the manifest does not list."), _AGAIN),
    _reason("validate.pack.count", N_("The number of records is not the one that the manifest says."), _AGAIN),
    _reason(
        "validate.pack.links",
        N_("References and persons are not those that the manifest counts."),
        _AGAIN,
    ),
    _reason("validate.pack.form", N_("The line is not a record in canonical form."), _AGAIN),
    _reason("validate.pack.twin", N_("The spreadsheet does not hold the same records as the JSON."), _AGAIN),
    _reason(
        "validate.pack.record",
        N_("The contract does not accept the record ({reason}, field «{field}»)."),
        N_("Tell whoever made the pack: its records were accepted when it was made."),
        Concerns.DEVELOPER,
    ),
    _reason(
        "validate.pack.contract",
        N_("The contract «{contract}» is not known here."),
        N_("Verify the pack with a version of passerelle that knows it."),
    ),
    _reason(
        "usage.switch.no_door",
        N_("The change of supplier «{name}» does not say where records go."),
        N_("Describe the doors of the new software under [[switch.{name}.deliver]]."),
    ),
    _reason(
        "usage.switch.no_connector",
        N_("Files in contract form ({contract}) cannot be moved: no connector reads them."),
        N_("Name the supplier's own files and their connector in the side that is left."),
    ),
    _reason(
        "usage.switch.rolling_back",
        N_("The change of supplier «{name}» is being taken back."),
        N_("Finish that first: passerelle switch rollback {name}."),
    ),
    _reason(
        "deliver.reference.waiting",
        N_("The record refers to one that the new software does not have yet."),
        N_(
            "Nothing to do: it goes as soon as the other one is there. If that never comes, accept the loss of the "
            "reference in the worksheet of decisions."
        ),
        Concerns.ORGANISATION,
    ),
    _reason(
        "deliver.record.matched",
        N_("Somebody confirmed that the new software has this record already, under its own number."),
        N_("Nothing to do: what refers to it refers to the one that is there."),
        Concerns.ORGANISATION,
    ),
    _reason(
        "deliver.loss.undecided",
        N_("More records are set aside than anybody answers for."),
        N_(
            "Look at them in quarantine and correct them, or accept the loss, with who and why, in the worksheet of "
            "decisions or under «accepted» in switch.toml; then run the same command again."
        ),
    ),
    _reason(
        "deliver.column.undecided",
        N_("Columns of the exports would stay behind, and nobody answers for that: {count}."),
        N_(
            "Accept each of them, with who and why, in the worksheet of decisions or under «accepted» in switch.toml; "
            "or ask for a place where they can go. Nothing moved in this run: start the same command again."
        ),
    ),
    _reason(
        "deliver.parcel.parked",
        N_("A file of the old software cannot be read: nothing in it has moved."),
        N_("Have the file exported again, take the unreadable one away, then run the same command again."),
    ),
    _reason(
        "usage.key.unusable",
        N_("«{file}» is not a private key that can be used, or the passphrase is wrong."),
        N_("Make one with «passerelle switch keygen»."),
    ),
    _reason(
        "usage.dossier.unreadable",
        N_("«{name}» is not a dossier: its signature is missing or cannot be read."),
        N_("Name the folder that «passerelle switch prove» wrote."),
    ),
    _reason(
        "usage.dossier.version",
        N_("The dossier was made with version {version} of the connector «{connector}», and another one is here."),
        N_("Install that version to compute everything again; the signature and the digests hold without it."),
    ),
    _reason("validate.dossier.signature", N_("The signature is not of this dossier."), _REFUSE),
    _reason("validate.dossier.key", N_("The dossier was signed with another key than the one you name."), _REFUSE),
    _reason("validate.dossier.altered", N_("The file is not the one that was signed."), _REFUSE),
    _reason("validate.dossier.absent", N_("A file that was signed is missing."), _REFUSE),
    _reason("validate.dossier.stranger", N_("There is a file that was not signed."), _REFUSE),
    _reason("validate.dossier.form", N_("The document is not in its canonical form."), _REFUSE),
    _reason(
        "validate.dossier.export",
        N_("No file here has the digest {digest}…: an export is missing, or it was changed."),
        N_("Put the exports there as they were when the dossier was made."),
    ),
    _reason(
        "validate.dossier.unlisted",
        N_("The dossier does not speak of this export: it was changed, or it is another one."),
        N_("Leave only the exports there that the dossier was made from, as they were."),
    ),
    _reason(
        "validate.dossier.unread",
        N_("The exports cannot be read again ({cause})."),
        N_("Install the connectors and versions that the dossier names, then verify again."),
    ),
    _reason("validate.dossier.fingerprint", N_("The exports do not give the counts and fingerprints told."), _REFUSE),
    _reason("validate.dossier.balance", N_("The exports do not give the books told."), _REFUSE),
    _reason(
        "validate.dossier.comparison",
        N_("Both softwares compared again do not give what the dossier tells of their comparison."),
        _REFUSE,
    ),
    _reason(
        "validate.dossier.terms",
        N_("The dossier does not tell on which terms it compared: its comparison cannot be computed again."),
        N_("Ask for a dossier made with the present edition of «switch prove», and refuse any other result."),
    ),
    _reason(
        "validate.dossier.older",
        N_(
            "An older version made this dossier. Its comparison was made by older rules, and the present ones do not "
            "find quite the same: that proves nothing against the dossier, nor for its comparison."
        ),
        N_(
            "Check the comparison with the version that made the dossier, or ask for a dossier made with the present "
            "one. The signature, the files, the counts and fingerprints of each side and the sample were checked."
        ),
    ),
    _reason("validate.dossier.sample", N_("The seed does not draw the sample told."), _REFUSE),
)
