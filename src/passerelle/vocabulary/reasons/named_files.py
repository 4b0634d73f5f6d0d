"""What goes wrong with destinations that write one file of a name that stays."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason


def _reason(code: str, says: str, advice: str) -> Reason:
    return Reason(code, says, advice, Concerns.OPERATOR)


REASONS: tuple[Reason, ...] = (
    _reason(
        "incident.folder.untaken",
        N_("The file «{name}» of an earlier run is still there: nobody has taken it yet."),
        N_(
            "Nothing is lost: what comes waits here, and goes out together once the file was taken. If the receiving "
            'program leaves files where they are, say what becomes of them: when_there = "number" or "replace".'
        ),
    ),
    _reason(
        "incident.folder.incomplete",
        N_("Of the {known} records that this flow delivered, the file would hold {count} as they were delivered last."),
        N_(
            "What was delivered before the file held everything, or before its hidden state was removed, is not in it. "
            "Resume the flow, then have everything delivered anew with «passerelle flow deliver-all {flow}»; where "
            "exports no longer hold some of it, give the flow another name: it then begins anew."
        ),
    ),
    _reason(
        "incident.folder.other_form",
        N_("What waits for its file was made in another format ({was}) than the settings name by now."),
        N_("Put the format back as it was, let a run place the file, then change it."),
    ),
    _reason(
        "incident.folder.too_many_rows",
        N_("A workbook holds {limit} records at most, and this file would hold more."),
        N_("Choose another format for this destination (csv, ndjson, parquet), then resume the flow."),
    ),
    _reason(
        "settings.file_name.missing",
        N_("«file_holds» and «when_there» speak of a file that has one name, and «file_name» is not there."),
        N_('Write file_name = "visites.csv" into this table, or take both out.'),
    ),
    _reason(
        "settings.file_name.ending",
        N_("The file's name ends like another format than the one that is written: {needed}."),
        N_("Correct «format», or let «file_name» end with .{needed}."),
    ),
    _reason(
        "settings.file_name.contracts",
        N_("The flow «{name}» delivers several contracts, and all of them would be written into one file."),
        N_("Put the word «contract» between braces into «file_name», or leave contracts out of the flow (leave_out)."),
    ),
    _reason(
        "settings.file_name.shared",
        N_("The flows «{name}» and «{other}» would write the same file, each over the other's."),
        N_("Give one of them another «file_name», or another folder."),
    ),
    _reason(
        "settings.file_name.layout",
        N_(
            "What the layout «{layout}» writes cannot be joined into one file: documents, or rows of several contracts."
        ),
        N_("Take «file_name» out: each batch then has a file of its own."),
    ),
)
