"""What the settings do not say of a processing: each narrows what leaves, or has to be known before it leaves."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "processing.flow.incomplete",
        N_("The settings do not state everything of this processing: {missing}."),
        N_(
            "This stops nothing: what is not stated can only make less go. «passerelle doctor» says which lines to add."
        ),
        Concerns.ORGANISATION,
    ),
    Reason(
        "processing.recipient.missing",
        N_("{flow}: it is not said to whom the records go. It counts as a recipient of the kind «{kind}»."),
        N_("GDPR article 30: name the recipient, its country and the secrecy that binds it."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "processing.basis.missing",
        N_("{flow}: it is not said on what the processing rests."),
        N_("GDPR article 6: state the basis, and the text that founds it; see a lawyer."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "processing.ground.missing",
        N_("{flow}: special categories of data rest on nothing that is stated: {fields}."),
        N_(
            "GDPR article 9, paragraph 2: state the letter, and the text. As soon as anything of the processing is "
            "declared, these fields stay here without it."
        ),
        Concerns.ORGANISATION,
    ),
    Reason(
        "processing.consultation.missing",
        N_("{flow}: traces of work stay here, for no consultation of the works council is dated: {fields}."),
        N_(
            "Code du travail, L. 2312-38 and L. 1222-4: inform and consult the works council, inform the "
            "professionals, then write the days."
        ),
        Concerns.ORGANISATION,
    ),
    Reason(
        "processing.retention.missing",
        N_("{flow}: it is not said how long the recipient keeps the records."),
        N_("GDPR article 5, paragraph 1, e: agree on a duration with the recipient, and on what follows."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "processing.information.missing",
        N_("{flow}: it is not said when the persons were informed."),
        N_("GDPR articles 13 and 14: inform the persons, then write the day."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "processing.extra.unnamed",
        N_("{flow}: «deliver_extra = true» lets nothing go for the purpose «{purpose}»: nobody described the columns."),
        N_("Name each column that has to go, with whose data it is, how sensitive, and for which purposes."),
        Concerns.ORGANISATION,
    ),
)
