"""Why a destination did not take a record."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "deliver.record.refused",
        N_("The destination refused this record (its answer: {status})."),
        N_("Read the destination's own rules for this field, correct the record at the source, then replay it."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "deliver.record.refused_with_code",
        N_("The destination refused this record (its answer: {status}, its code: {code})."),
        N_("Look up the code in the destination's documentation, correct the record at the source, then replay it."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "deliver.answer.missing",
        N_("The record was sent and no usable answer came: the destination may have it or not."),
        N_("Look in the destination whether it is there. If not, replay it: it is sent with the same key."),
        Concerns.OPERATOR,
    ),
    Reason(
        "deliver.references.handles",
        N_(
            "References that may hold a name, a number or a date leave as handles since this version, which the "
            "destination has not met: it has the same records under their former references."
        ),
        N_(
            "Have the records with the former references removed at the destination, then have everything delivered "
            "anew with «passerelle flow deliver-all»."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "deliver.cell.too_long",
        N_("A text is longer than the {limit} characters that a spreadsheet cell can hold."),
        N_("Choose another format for this destination (csv, ndjson, parquet), then replay the record."),
        Concerns.OPERATOR,
    ),
    Reason(
        "deliver.text.unencodable",
        N_("A text holds a character that the layout's encoding ({encoding}) cannot write."),
        N_("Correct the character at the source, or choose a layout in UTF-8, then replay the record."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "deliver.row.unwritten",
        N_("The database took the statement, but the row is not there as it was sent."),
        N_("Look for a trigger, a rule or a right that keeps rows of this table from being written, then replay."),
        Concerns.OPERATOR,
    ),
    Reason(
        "deliver.row.undeleted",
        N_("The database took the statement, but the row that was to be deleted is still there."),
        N_(
            "Look for a trigger, a rule or a right that keeps rows of this table from being deleted, "
            "or delete it by hand."
        ),
        Concerns.OPERATOR,
    ),
    Reason(
        "deliver.row.refused",
        N_("The destination database refused this record (its code: {sqlstate})."),
        N_("Look up the code in the database's documentation, correct the record at the source, then replay it."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "deliver.document.incomplete",
        N_("The document needs {element}, and this record has nothing for it."),
        N_("Complete the record at the source, or what the flow says of it (fill, related), then replay it."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "deliver.row.incomplete",
        N_("The supplier's import wants «{column}» filled in each row, and this record has nothing for it."),
        N_("Complete the record at the source, or say in the flow what it holds then (fill), then replay it."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "deliver.row.without_main",
        N_("The layout writes this in the row of the record it refers to ({contract}), which did not come with it."),
        N_("Export both together, in one file, then replay it."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "deliver.row.taken",
        N_("The layout has one place for this in the row of {contract}, and another record has it."),
        N_("Keep one of the two at the source, or deliver them in another form, then replay it."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "deliver.value.left",
        N_("The destination's layout has no place for this field: what it held was left behind."),
        N_("Check that nobody needs it there; if somebody does, choose another layout or format."),
        Concerns.OPERATOR,
    ),
)
