"""Why the live API refuses a request: what its client is told. No sentence repeats what the client sent."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason


def _reason(code: str, says: str, advice: str, concerns: Concerns = Concerns.DEVELOPER) -> Reason:
    return Reason(code, says, advice, concerns)


REASONS: tuple[Reason, ...] = (
    _reason(
        "api.token.missing",
        N_("The request carries no token."),
        N_("Send the header «Authorization: Bearer pk_…» with the token that you were given."),
    ),
    _reason(
        "api.token.refused",
        N_("This token is not taken: it is wrong, ended, or was taken back."),
        N_("Ask whoever operates Passerelle for a new token."),
    ),
    _reason(
        "api.rate.exceeded",
        N_("Too many requests at once."),
        N_("Wait as long as «Retry-After» says, then go on; ask for larger pages rather than for more of them."),
    ),
    _reason(
        "api.path.unknown",
        N_("There is nothing at this address."),
        N_("The paths of your token are in /v1/openapi.json."),
    ),
    _reason(
        "api.contract.unknown",
        N_("There is no such contract for your token."),
        N_("The contracts of your token are in /v1/openapi.json; ask whoever operates Passerelle for others."),
    ),
    _reason(
        "api.record.unknown",
        N_("There is no such record for your token."),
        N_("Nothing to do, if the record may have gone; else look it up in the list of its contract."),
    ),
    _reason(
        "api.record.gone",
        N_("The record was removed on {day}."),
        N_("Remove it on your side too."),
    ),
    _reason(
        "api.record.changed",
        N_("The record is not what «If-Match» or «If-None-Match» says, or another write of it is not settled yet."),
        N_("Read the record again, and decide anew; of two who write at once, one has to."),
    ),
    _reason(
        "api.record.pending",
        N_("An earlier write of this record is not settled yet, and the record has fields that you do not read."),
        N_("Wait for the next run, as its receipt tells it, read the record again, and write it then."),
    ),
    _reason(
        "api.record.elsewhere",
        N_("This record comes from another software, and is changed there."),
        N_("Change it where it comes from; here, write records that programs hand in."),
    ),
    _reason(
        "api.record.address",
        N_("The record names another reference than the address."),
        N_("Leave «ref» out, or write it as in the address."),
    ),
    _reason(
        "api.deletion.refused",
        N_("What is handed in here cannot be deleted: its destination, or its flow, does not take records back."),
        N_('Ask whoever operates Passerelle: the flow needs «vanished = "delete"», and a destination that deletes.'),
    ),
    _reason(
        "api.method.refused",
        N_("This address does not take that method."),
        N_("«Allow» names those that it takes."),
    ),
    _reason(
        "api.accept.refused",
        N_("None of the formats that you accept can be had here."),
        N_("Accept «{formats}», or leave the header «Accept» out."),
    ),
    _reason(
        "api.purpose.ambiguous",
        N_("Your token serves several purposes, and the request does not say for which it is."),
        N_("Name one of them in the header «Passerelle-Purpose»."),
    ),
    _reason(
        "api.purpose.refused",
        N_("Your token does not serve this purpose."),
        N_("Leave the header «Passerelle-Purpose» out, or ask whoever operates Passerelle for another token."),
    ),
    _reason(
        "api.operation.refused",
        N_("Your token does not allow this operation."),
        N_("Ask whoever operates Passerelle for a token that does."),
    ),
    _reason(
        "api.query.unknown",
        N_("A parameter of the address is not known here, or stands there twice."),
        N_("The parameters and filters of your token are in /v1/openapi.json."),
    ),
    _reason(
        "api.query.value",
        N_("The value of a parameter cannot be read."),
        N_("Its form is in /v1/openapi.json."),
    ),
    _reason(
        "api.query.together",
        N_("These parameters do not go together."),
        N_("«since» brings every change and takes no filter; «cursor» goes on with the filters it was given for."),
    ),
    _reason(
        "api.contract.closed",
        N_("No flow takes records of this contract that are handed in."),
        N_("Ask whoever operates Passerelle for a flow whose source is of the kind «handed»."),
    ),
    _reason(
        "api.receipt.unknown",
        N_("There is no such receipt for your token."),
        N_("A receipt is kept for thirty days, for the token that handed the records in."),
    ),
    _reason(
        "api.key.missing",
        N_("The request carries no usable «Idempotency-Key»."),
        N_("Send a text of 1 to 200 visible characters, the same when you repeat the same request."),
    ),
    _reason(
        "api.key.reused",
        N_("This «Idempotency-Key» came with another body before."),
        N_("Take a new key for a new request; a key stands for its request for a day."),
    ),
    _reason(
        "api.key.running",
        N_("The request with this «Idempotency-Key» is still under way."),
        N_("Repeat it a little later: you then get the same receipt."),
    ),
    _reason(
        "api.field.own",
        N_("This field is filled by Passerelle alone."),
        N_("Leave it out."),
    ),
    _reason(
        "api.field.handle",
        N_("This is a handle that you were given, and stands for a reference that stays here."),
        N_("Hand records in under references of your own software."),
    ),
    _reason(
        "api.record.refused",
        N_("{count} of {of} records cannot be taken as they are."),
        N_("Correct what «errors» names, record by record; nothing was taken."),
    ),
    _reason(
        "api.body.empty",
        N_("There is no record in the body."),
        N_("Send one record, or a list of records."),
    ),
    _reason(
        "api.body.large",
        N_("The body is larger than {most} bytes."),
        N_("Send fewer records at once."),
    ),
    _reason(
        "api.body.many",
        N_("The body has more than {most} records."),
        N_("Send fewer records at once."),
    ),
    _reason(
        "api.body.late",
        N_("The body did not come in time."),
        N_("Send it again, without a pause."),
    ),
    _reason(
        "api.body.media",
        N_("The body is not said to be plain JSON."),
        N_("Send «Content-Type: application/json», and no «Content-Encoding»."),
    ),
    _reason(
        "api.body.unreadable",
        N_("The body is no JSON, or a name stands twice in one of its objects."),
        N_("Send JSON in UTF-8 in which each name stands once."),
    ),
    _reason(
        "api.cursor.unreadable",
        N_("This is no cursor of yours for this contract and purpose."),
        N_("Send a cursor as it was received, with the same token or one of the same client and purpose."),
    ),
    _reason(
        "api.cursor.expired",
        N_("The cursor is too old: removals that it has not seen are forgotten."),
        N_("Read the whole list again, remove on your side what is not in it, and ask for «replay» of a subscription."),
    ),
    _reason(
        "api.service.away",
        N_("The records cannot be read now."),
        N_("Come again later; whoever operates Passerelle is told what is wrong."),
        Concerns.OPERATOR,
    ),
    _reason(
        "api.service.failed",
        N_("Something went wrong here while your request was answered."),
        N_("Nothing was changed unless a receipt says so. Tell whoever operates Passerelle when it was."),
        Concerns.OPERATOR,
    ),
    _reason(
        "api.shelf.absent",
        N_("No flow keeps records that the API could serve."),
        N_("Give a flow a shelf; see the page on the API."),
        Concerns.OPERATOR,
    ),
    _reason(
        "usage.token.client",
        N_("This cannot be the name of a client."),
        N_("Give a name of at most 80 characters, without invisible ones."),
        Concerns.OPERATOR,
    ),
    _reason(
        "usage.token.contract",
        N_("There is no contract «{contract}»."),
        N_("«passerelle contracts list» shows them."),
        Concerns.OPERATOR,
    ),
    _reason(
        "usage.token.figures",
        N_("The purpose «{purpose}» counts: record by record nothing may be read for it."),
        N_("Give a flow this purpose: it delivers figures in groups."),
        Concerns.OPERATOR,
    ),
    _reason(
        "usage.token.unserved",
        N_("A recipient of the kind «{kind}» cannot have the contract {contract} for the purpose «{purpose}»."),
        N_("The contract's page says which field serves which purpose; see also the kinds of recipients."),
        Concerns.OPERATOR,
    ),
    _reason(
        "usage.token.unknown",
        N_("No open token has this number."),
        N_("«passerelle token list» shows them."),
        Concerns.OPERATOR,
    ),
)
