"""Why a parcel is not read as declared, or holds more than is read: another kind of document, another layout."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

_DECLARE = N_("If it matters, the connector has to describe it; if not, to declare it unread with a reason.")

_UNREAD: tuple[Reason, ...] = (
    Reason(
        "decode.unread.list",
        N_("The file holds a list beside those that the connector reads; each of its values is counted here."),
        _DECLARE,
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.unread.element",
        N_("The file holds an element beside what the connector reads; each of its values is counted here."),
        _DECLARE,
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.unread.member",
        N_("The archive holds a file that the connector does not read; each of its values is counted here."),
        _DECLARE,
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.unread.resource",
        N_("The connector reads no record of this type; each of their values is counted here."),
        _DECLARE,
        Concerns.DEVELOPER,
    ),
)

_DOCUMENTS: tuple[Reason, ...] = (
    Reason(
        "decode.document.other_kind",
        N_("It says that it is another kind of document: «{where}» should say {expected}."),
        N_("Send it to the flow that reads this kind, or ask the supplier for the right one."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.document.namespace",
        N_("The root element has another namespace than the connector knows ({expected}); it was read all the same."),
        N_("Ask the supplier whether the format has a new edition; if so, the connector has to follow."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.row.hidden",
        N_("The sheet hides {count} rows, by hand or behind a filter; they are read like all others."),
        N_("Nothing to do if they are meant to be read; else delete them in the sheet, save it and send it again."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.column.hidden",
        N_("The sheet hides this column; it is read like all others."),
        N_("Nothing to do if it is meant to be read; else delete it in the sheet, save it and send it again."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.element.namespaces",
        N_("Elements of this name come from several namespaces; they were read as one ({count} times)."),
        N_("Ask the supplier which of them is meant: an extension may say something else under the same name."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.document.error",
        N_("It is no data but an error of the other side («{where}»)."),
        N_("Ask the supplier what is wrong: rights, address, or a service that is down. Then collect again."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.document.null_list",
        N_("Null stands where a list is expected ({where}): that is no answer, not an empty list."),
        N_("Ask the supplier whether there really is nothing; an empty list would say so."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.parcel.web_page",
        N_("It is a web page, not {declared}: a sign-in page, or an error that a site shows."),
        N_("Open it in a browser to see what it says; then sign in again, or correct the address, and collect again."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.parcel.cut",
        N_("It is {declared} whose end is missing (line {line})."),
        N_("It was cut on the way, or while it was written: take it again from where it is whole."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.parcel.flawed",
        N_("It is not valid {declared}: {what} at line {line}."),
        N_("Ask the supplier to write the value as the format asks; nothing was cut on the way."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.record.flawed",
        N_("This record is not valid {declared}: it holds {what}."),
        N_("Ask the supplier to correct this record; the others were read."),
        Concerns.SUPPLIER,
    ),
)

_VALUES: tuple[Reason, ...] = (
    Reason(
        "decode.value.not_text",
        N_("Yes or no («true», «false») stands where a text is expected; it was taken as it is written."),
        N_("Look at it: the supplier's format may have changed. If so, the connector has to follow."),
        Concerns.DEVELOPER,
    ),
)

_NOTHING_TO_DO = N_("Nothing to do, unless it should be a record: then look at it in the file.")

_TABLES: tuple[Reason, ...] = (
    Reason(
        "decode.separator.other",
        N_("The separator is not the declared one; it seems to be «{separator}», and the file was read with it."),
        N_("Export with the usual separator, or have the connector declare this one."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.header.late",
        N_("The column names begin {lines} lines lower than declared; the lines above were not read."),
        N_("Nothing to do, unless these lines hold data. If the export stays so, have the connector declare it."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.header.spelling",
        N_(
            "This column is written with other capitals or spaces than the connector knows: it is read as «{expected}»."
        ),
        N_("Check with the supplier whether the export changed; if so, the connector has to follow."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.row.total",
        N_("This row is a total, and no record."),
        _NOTHING_TO_DO,
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.row.header_again",
        N_("This row repeats the column names."),
        _NOTHING_TO_DO,
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.row.footer",
        N_("This row is a note of the software (end of the list, number of lines…), and no record."),
        _NOTHING_TO_DO,
        Concerns.ORGANISATION,
    ),
)

OTHER_SHAPES: tuple[Reason, ...] = (*_UNREAD, *_DOCUMENTS, *_VALUES, *_TABLES)
