"""Why a row could not become a record of the contract, or what is doubtful about one that did."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

_CORRECT = N_("Correct it in the software and export again, or correct the row in the quarantine and replay it.")
_CORRECT_OR_ADD = N_(
    "Correct it in the software and export again, or correct the row in the quarantine and replay it. If the software"
    " always writes so, the connector lacks a way of writing: «{nearest}»."
)
_DESCRIBE = N_("Complete the connector's description of this column, then replay what was set aside.")

REASONS: tuple[Reason, ...] = (
    Reason(
        "translate.row.out_of_scope",
        N_("The connector leaves this row out on purpose: {why}."),
        N_("Nothing to do, unless this kind of row should be delivered: then the connector has to describe it."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.row.error_answer",
        N_("The supplier's API answered with an error instead of a record: {why}."),
        N_("Ask again later, or correct what was asked; an error never says that there is nothing."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.row.no_table",
        N_("The connector does not describe this kind of row."),
        N_("Describe it in the connector as a table, or as out of scope with a reason, then replay it."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "translate.reference.other_type",
        N_("This refers to another kind of record than {expected}, the only one that the field takes."),
        N_("Nothing to do if that is so in the software; the record goes without this reference."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.text.control",
        N_("This text holds characters that are no text (control characters or lost letters)."),
        N_("Type the text again in the software; if it happens often, ask the supplier to correct the export."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "translate.text.too_long",
        N_("This text has more than {limit} characters."),
        N_("Shorten it in the software, or ask for a longer field in the connector. Texts are never cut."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.code.unknown",
        N_("This word is not in the connector's list for this column."),
        _DESCRIBE,
        Concerns.DEVELOPER,
    ),
    Reason(
        "translate.word.unknown",
        N_("This word is not one of those that the connector knows here: {expected}."),
        _DESCRIBE,
        Concerns.DEVELOPER,
    ),
    Reason(
        "translate.cell.uncut",
        N_("This cell, which holds several things, is not written as expected: {expected}."),
        N_(
            "Correct it in the software, or add this way of writing to the shapes of the column in the connector, then"
            " replay what was set aside."
        ),
        Concerns.DEVELOPER,
    ),
    Reason(
        "translate.cell.unglued",
        N_("These cells do not fit together as expected: {expected}."),
        N_(
            "Correct them in the software, or add this way of writing to the shapes in the connector, then replay what"
            " was set aside."
        ),
        Concerns.DEVELOPER,
    ),
    Reason(
        "translate.cell.lonely",
        N_("This cell means something only with others of the row, and one of them is empty: it was read as unknown."),
        N_("Complete the others in the software, or empty this one."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.date.malformed",
        N_("This day is not written as expected, for example {expected}."),
        _CORRECT_OR_ADD,
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.date.impossible",
        N_("This day does not exist in the calendar."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.date.with_time",
        N_("The cell holds a time of day too, which this field does not take."),
        N_(
            "Nothing to do if only the day matters here; otherwise the connector has to read the time from this column."
        ),
        Concerns.DEVELOPER,
    ),
    Reason(
        "translate.time.malformed",
        N_("This day and time are not written as expected, for example {expected}."),
        _CORRECT_OR_ADD,
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.time.impossible",
        N_("This day and time do not exist in the calendar."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.time.missing",
        N_("This local time does not exist: the clocks of {zone} were put forward that night."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.time.twice",
        N_("This local time exists twice: the clocks of {zone} were put back that night."),
        N_("Ask the supplier to write the offset, or declare in the connector which of the two is meant."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "translate.time.resolved",
        N_("This local time falls in the hour of a clock change in {zone}; the connector's rule decided."),
        N_("Check it against the software if the hour matters."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.time.as_start",
        N_("This end is written with the very time of its start: it lasted nothing, or a whole day."),
        N_(
            "Check the row in the software. If all such rows mean the same, the connector can say so: «same_time»,"
            " «same_day» or «next_day»."
        ),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.instant.malformed",
        N_("This is not a moment written after ISO 8601, for example 2024-12-31T08:30:00+01:00."),
        _CORRECT,
        Concerns.SUPPLIER,
    ),
    Reason(
        "translate.instant.no_offset",
        N_("This moment does not say its offset from universal time."),
        N_("Ask the supplier to write the offset, or declare in the connector in which zone it is."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "translate.duration.malformed",
        N_("This duration is not written as expected, for example {expected}."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.duration.rounded",
        N_("This duration was rounded to the nearest minute."),
        N_("Nothing to do, unless the supplier can export minutes."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "translate.amount.malformed",
        N_("This amount is not written as expected, for example {expected}, to the cent."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.number.malformed",
        N_("This number is not written as expected, for example {expected}."),
        _CORRECT,
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.identifier.empty",
        N_("This cell holds only dots or spaces where a number is expected: it was read as unknown."),
        N_("Empty the cell in the software, or complete the number."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.telecom.empty",
        N_("This cell holds only separators where a number or address is expected: it was read as unknown."),
        N_("Empty the cell in the software, or complete it."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.phone.unusual",
        N_("This is not a complete telephone number: it was kept as it is written."),
        N_("Complete the number in the software if it should be dialled from elsewhere."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.email.unusual",
        N_("This is not a complete e-mail address: it was kept as it is written."),
        N_("Correct the address in the software; write several with a «;» between them."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.number.rewritten",
        N_("Excel has rewritten this column: a number in scientific notation has lost its last digits."),
        N_("Export again and do not open the file in a spreadsheet, or format the column as text before typing."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.ref.too_long",
        N_("This identifier would make a reference of more than {limit} characters."),
        N_("Choose a shorter key in the connector: the supplier's own number of the record."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "translate.text.structured",
        N_("A list or an object stands where a text is expected."),
        N_("The export has changed its form: tell whoever maintains the connector, then replay the record."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "translate.plugin.failed",
        N_("The connector's own code failed on this row: {kind}, {place}."),
        N_("Send the place and this reason to the author of the connector."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "translate.header.elsewhere",
        N_("The columns that the connector needs stand in row {row} of the sheet «{sheet}», where it does not look."),
        N_("Remove what stands before this table, or have the connector read it there (`sheets`, `header_row`)."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.column.misdescribed",
        N_("Nearly every row fails at this column: the connector probably describes it wrongly."),
        N_("Send this report to whoever maintains the connector: the rows need no correction in the software."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "translate.column.missing",
        N_("Columns that the connector needs are missing: {columns}."),
        N_("Ask the supplier whether its export changed, or export again with every column."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "translate.column.renamed",
        N_("A column that the connector knows is not there; «{likely}» may be its new name."),
        N_("Check with the supplier; if it was renamed, the connector has to follow."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "translate.column.absent",
        N_("A column that the connector knows is not there."),
        N_("Check that the export holds every column that is usually exported."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.column.gone",
        N_("Columns that earlier files of this flow had are not in this one: {columns}. Nothing of it was delivered."),
        N_(
            "Are they left out on purpose? To keep what the destination has of them: «passerelle flow resume {name} "
            "--absent keep»; to empty it there: «--absent empty». If not, export again with every column."
        ),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.field.partly_said",
        N_("Only some of the columns of this field are in the file: the destination keeps what it has of the field."),
        N_("Export again with every column if the field has changed; a list or a group is replaced as a whole."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.field.unsaid",
        N_("Records do not have what fills this field, others do: the destination keeps what it has of the field."),
        N_(
            'If the software leaves out what is empty, set «absent = "empty"» in the settings of the flow; if it says '
            'only what has changed, «absent = "keep"».'
        ),
        Concerns.ORGANISATION,
    ),
    Reason(
        "translate.column.unknown",
        N_("The connector does not know this column; its values, each counted here, are carried in «extra»."),
        N_("If it matters, the connector has to describe it; if it does not, to waive it with a reason."),
        Concerns.DEVELOPER,
    ),
)
