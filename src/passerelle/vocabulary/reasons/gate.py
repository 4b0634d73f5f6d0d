"""Why a good record may not go."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "gate.consent.refused",
        N_("The person refused to take part for this purpose."),
        N_("Nothing to do. If the person has changed their mind, record it with «passerelle consent accept»."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "gate.objection.professional",
        N_("The professional objects to their own record being passed on for this purpose."),
        N_("Nothing to do. If the objection was lifted, record it with «passerelle consent accept»."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "gate.consent.missing",
        N_("This flow only carries records of persons who accepted, and this person has not answered."),
        N_("Ask the person, then record the answer with «passerelle consent accept» or «passerelle consent refuse»."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "gate.consent.others",
        N_("Somebody else whom this record is about has a say in it: it stays here for now."),
        N_("Nothing to do. What somebody answered is theirs, and is told to nobody who asks for their own data."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "gate.consent.nobody",
        N_("This flow only carries records of persons who accepted, and this record does not say whom it is about."),
        N_("Complete the person in the software and export again, or ask the supplier to export the person's number."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "gate.group.small",
        N_("The record stands nearly alone among the figures of its batch: it would tell of one person."),
        N_("Nothing to do. Larger exports, of whole months or of the whole organisation, leave fewer records behind."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "gate.contract.left_out",
        N_("The flow leaves this contract out («leave_out» in its settings)."),
        N_("Nothing to do, unless these records should go: then take the contract out of «leave_out»."),
        Concerns.OPERATOR,
    ),
    Reason(
        "settings.leave_out.unknown",
        N_("The flow leaves out contracts that its connector does not give: {keys}."),
        N_("Correct «leave_out» in the settings; the connector gives: {known}."),
        Concerns.OPERATOR,
    ),
    Reason(
        "settings.leave_out.everything",
        N_("The flow leaves out every contract that the connector {connector} gives."),
        N_("Take those that should go out of «leave_out», or switch the flow off with «enabled = false»."),
        Concerns.OPERATOR,
    ),
    Reason(
        "gate.ground.missing",
        N_("The contract {contract} requires {fields}, which may tell of somebody's health or intimate life."),
        N_("Add «special_ground» to [flow.NAME.processing]: the letter of GDPR article 9, paragraph 2; see a lawyer."),
        Concerns.OPERATOR,
    ),
    Reason(
        "gate.recipient.excluded",
        N_("A recipient of the kind «{kind}» can have nothing for the purpose «{purpose}»."),
        N_("Correct «kind» in the recipient of [flow.NAME.processing], or the purpose. Possible here: {known}."),
        Concerns.OPERATOR,
    ),
    Reason(
        "gate.purpose.unserved",
        N_("The contract {contract} does not serve the purpose «{purpose}»: it requires {fields}."),
        N_("Give the flow another purpose, or another connector; the contract's page says which field serves which."),
        Concerns.OPERATOR,
    ),
)
