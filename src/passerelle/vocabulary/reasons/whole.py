"""What vanished from a whole export, what was deleted, and why something was not."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "whole.record.vanished",
        N_("The export before held this record; this one, which should hold everything, does not."),
        N_(
            "Look which ones with «passerelle flow vanished»: deleted, moved, or left out by mistake. "
            'With vanished = "delete", the flow deletes them at the destination.'
        ),
        Concerns.ORGANISATION,
    ),
    Reason(
        "whole.record.became",
        N_("This record goes on as a record of another kind: a planned visit was done, for example."),
        N_("Nothing to do. The plan stays at the destination unless the flow deletes what vanished."),
        Concerns.OPERATOR,
    ),
    Reason(
        "whole.record.deleted",
        N_("The supplier says that it deleted this record."),
        N_('Remove it at the destination if it is there, or set vanished = "delete" for the flow, which then does so.'),
        Concerns.OPERATOR,
    ),
    Reason(
        "whole.record.outlived",
        N_("The record was deleted at the destination since: this older state does not bring it back."),
        N_("Nothing to do. If it is needed again, the supplier's next export brings it."),
        Concerns.OPERATOR,
    ),
    Reason(
        "whole.deletion.nameless",
        N_("The supplier announces a deletion and does not say of which record."),
        N_("Ask the supplier what identifies a deleted record in its messages."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "whole.deletion.impossible",
        N_("This destination cannot delete records: what vanished stays there."),
        N_("Remove it there by hand («passerelle flow vanished» lists it), or state delete_path for an API."),
        Concerns.OPERATOR,
    ),
    Reason(
        "whole.deletion.unnamed",
        N_("The destination never said under which id it holds this record: it cannot be deleted there."),
        N_("Remove it there by hand; «passerelle flow vanished» lists it."),
        Concerns.OPERATOR,
    ),
    Reason(
        "whole.parcel.unnamed",
        N_("Rows have no readable identifier: they may be records that seem to have vanished. Nothing was deleted."),
        N_("Correct these rows at the source; the next export decides."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "whole.parcel.overtaken",
        N_("A newer export was compared before: what this one no longer holds says nothing."),
        N_("Nothing to do."),
        Concerns.OPERATOR,
    ),
    Reason(
        "whole.parcel.held",
        N_("Records no longer in the export ({contract}): {count} of {earlier}, too many to be deleted unasked."),
        N_(
            "Look whether the export was cut short («passerelle flow vanished» counts). If it is right, "
            "«passerelle flow confirm» lets it through once; if not, a complete export settles it."
        ),
        Concerns.ORGANISATION,
    ),
    Reason(
        "whole.parcel.thinned",
        N_("Records no longer in the export ({contract}): {count} of {earlier}, more than usual."),
        N_("Look whether the export was cut short. «passerelle flow confirm» notes that somebody did."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "whole.flow.gone",
        N_("The record was delivered by a flow that is no longer in the settings."),
        N_("Remove it by hand at whoever received it."),
        Concerns.OPERATOR,
    ),
    Reason(
        "whole.list.lost",
        N_("The sealed list of the last whole export is lost or damaged: what vanished cannot be told this time."),
        N_("Check the disk and the folder of the state. The next export is compared with this one."),
        Concerns.OPERATOR,
    ),
    Reason(
        "whole.look.incomplete",
        N_("Rows may be missing from this look at the API, or a page was not delivered: what vanished cannot be told."),
        N_("See the notice about its pages, or why a page waits or is parked; the next complete look tells."),
        Concerns.OPERATOR,
    ),
)
