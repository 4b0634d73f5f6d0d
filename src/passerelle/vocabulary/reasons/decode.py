"""Why bytes could not be read as rows."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.archives import ARCHIVES, FEWER, SEND_AGAIN
from passerelle.vocabulary.reasons.other_shapes import OTHER_SHAPES
from passerelle.vocabulary.reasons.reason import Concerns, Reason

_QUOTE_CELLS = N_("Ask the supplier to quote cells that hold a separator or a line break, and to write every cell.")
_DOUBLE_QUOTES = N_("Ask the supplier to quote cells that hold a quote, and to double the quotes inside.")
_CONVERT_ONCE = N_("Export again in UTF-8, without opening and saving the file in another program in between.")

_ROWS: tuple[Reason, ...] = (
    Reason(
        "decode.row.too_short",
        N_("This line breaks off: it has {found} characters, and the last column begins at number {expected}."),
        N_(
            "Export again. If the software leaves out the spaces at the end of lines, the connector can say so"
            " (`stripped`)."
        ),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.row.too_few_cells",
        N_("This row has {found} cells where the header has {expected}."),
        _QUOTE_CELLS,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.row.too_many_cells",
        N_("This row has {found} cells where the header has only {expected}."),
        _QUOTE_CELLS,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.row.stray_quote",
        N_("A quote stands inside a cell that is not quoted."),
        _DOUBLE_QUOTES,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.row.text_after_quote",
        N_("Text follows the quote that closes a cell."),
        _DOUBLE_QUOTES,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.row.quote_not_closed",
        N_("A quote opens a cell and nothing closes it."),
        _DOUBLE_QUOTES,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.row.lone_return",
        N_("A carriage return without line feed stands outside quotes: one line may hide two rows."),
        _QUOTE_CELLS,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.row.too_long",
        N_("This row is longer than {limit} bytes."),
        FEWER,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.record.too_many_cells",
        N_("This record brings the table beyond {limit} columns."),
        FEWER,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.record.empty",
        N_("This record holds nothing."),
        N_("Ask the supplier why it exports a record without content."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.record.too_deep",
        N_("This record is nested more than {limit} levels deep."),
        N_("Ask the supplier for a flatter export."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.record.repeated_key",
        N_("The same key stands twice in this record: which one counts is not said."),
        N_("Ask the supplier to write each key once."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.record.not_object",
        N_("An object with named members is expected here, and something else was found."),
        N_("Ask the supplier what this entry is, or have the connector read another list."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.record.malformed",
        N_("This line is not valid {declared}."),
        N_("Ask the supplier to export this record again."),
        Concerns.SUPPLIER,
    ),
)

_WORKBOOKS: tuple[Reason, ...] = (
    Reason(
        "decode.cell.error",
        N_("The cell holds an error of the spreadsheet ({error}), not a value."),
        N_("Correct the formula or the value in the spreadsheet, save it, then send the file again."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.cell.not_computed",
        N_("The cell holds a formula whose result is not in the file."),
        N_("Open the file in the spreadsheet program, save it so that formulas are computed, then send it again."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.cell.too_long",
        N_("The cell holds a number of more than fifteen digits: a spreadsheet writes zeros for the last ones."),
        N_("Ask for an export in which this column is text: the digits that are gone cannot be found again."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.cell.merged",
        N_("Merged cells hold one value for several rows or columns; it was read in the first cell only."),
        N_("Unmerge them and fill each cell, or have the connector repeat their value (`merged`)."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.row.twice",
        N_("The file holds this row, or one of its cells, twice: which one counts is not said."),
        N_("Open the file in a spreadsheet program, check this row, save the file and send it again."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.unread.sheet",
        N_("The sheet «{name}» is not read; it holds {count} filled cells."),
        N_("Nothing to do if it holds no data that should be read: then the connector can say so (`unread`)."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.workbook.unmarked",
        N_("In a workbook of this kind, errors and formulas without result look like empty cells."),
        N_("Save it as an Excel workbook (.xlsx), then send it again."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.header.blank",
        N_("Row {expected} of the sheet, where column names are expected, is empty; the first that is not is {found}."),
        N_("Delete the empty rows above the column names, or have the connector say where they stand (`header_row`)."),
        Concerns.ORGANISATION,
    ),
)

_TEXT: tuple[Reason, ...] = (
    Reason(
        "decode.text.nul",
        N_("The text holds a NUL character."),
        N_("Ask the supplier to clean this record: NUL is never part of a text."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.text.control",
        N_("The text holds a control character (U+0080 to U+009F): its encoding was mistaken."),
        _CONVERT_ONCE,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.text.replaced",
        N_("A character was lost before the text came here, or cannot be read in the declared encoding."),
        _CONVERT_ONCE,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.text.mojibake",
        N_("Accents are garbled: this text was converted twice."),
        _CONVERT_ONCE,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.text.code_page",
        N_(
            "Signs stand inside a word (as in «H‚lène»): this text was read in another code page than it is written in."
        ),
        _CONVERT_ONCE,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.encoding.recognised",
        N_("The text is not in the declared encoding: by its letters it was read as {encoding}."),
        N_("Look at a few accents. If they are right, have the connector declare this encoding."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.encoding.assumed",
        N_("The encoding is not said and was taken to be {encoding}."),
        N_("Look at a few accents. If they are wrong, have the connector declare the encoding."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.encoding.second_mark",
        N_("The file starts with two byte-order marks."),
        N_("Nothing to do: the second was left out. A program in between adds it."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.encoding.undecodable",
        N_("Most characters of the file cannot be read in the declared encoding ({encoding})."),
        N_("Export again in this encoding, or have the connector declare the right one."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.encoding.replaced",
        N_("The accents of the whole file were lost before it came here."),
        _CONVERT_ONCE,
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.encoding.mojibake",
        N_("The accents of the whole file are garbled: it was converted twice."),
        _CONVERT_ONCE,
        Concerns.ORGANISATION,
    ),
)

_PARCELS: tuple[Reason, ...] = (
    Reason(
        "decode.parcel.empty",
        N_("There is nothing in it, not even column names."),
        SEND_AGAIN,
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.name.other",
        N_("The connector reads the name of this file, which is not written as expected: {expected}."),
        N_("Give the file its name back, or add this way of naming to the connector (`file_name`)."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.parcel.not_declared",
        N_("The connector expects {declared}, and this is something else."),
        SEND_AGAIN,
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.parcel.malformed",
        N_("It is not valid {declared} (line {line})."),
        N_("Ask the supplier to write this line as the format asks; nothing shows that it was cut on the way."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.parcel.too_deep",
        N_("It is nested more than {limit} levels deep."),
        N_("Ask the supplier for a flatter export."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.parcel.too_big",
        N_("It holds more than {limit} bytes that must be read at once."),
        FEWER,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.parcel.encrypted",
        N_("It is protected by a password."),
        N_("A zip: name its password by «zip_password» and drop it again. Another file: export it without password."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.parcel.openpgp",
        N_("It is encrypted with OpenPGP, and was not opened when it came."),
        N_("Name the private key by «pgp_key» and drop the file again. If it is named, ask for smaller files."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.parcel.document_type",
        N_("It carries a document type definition (DTD), which is refused."),
        N_("Ask the supplier to leave out what begins with «<!DOCTYPE»: data need none, and attacks use it."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.parcel.miscounted",
        N_("Two ways of counting its rows disagree ({found}, {expected})."),
        N_("Keep the file and tell the developers: this is a defect of Passerelle."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.parcel.unfinished",
        N_("Reading it took more time or memory than is allowed."),
        FEWER,
        Concerns.OPERATOR,
    ),
    Reason(
        "decode.header.unreadable",
        N_("The row of column names cannot be read."),
        N_("Check the separator, the quotes and the number of lines before the column names."),
        Concerns.DEVELOPER,
    ),
    Reason(
        "decode.header.too_wide",
        N_("There are more than {limit} columns."),
        FEWER,
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.member.missing",
        N_("Nothing in it goes by the name «{expected}»."),
        N_("Check that the export is complete. If names changed, have the connector follow."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.reference.dangling",
        N_("References in this column lead to records that are not in the document."),
        N_("Nothing to do if they came before. Otherwise ask the supplier to send them together."),
        Concerns.SUPPLIER,
    ),
    Reason(
        "decode.member.none",
        N_("Nothing of what the connector expects is in it."),
        SEND_AGAIN,
        Concerns.ORGANISATION,
    ),
    Reason(
        "decode.member.ambiguous",
        N_("Several entries go by the name «{expected}»."),
        N_("Send one file of each kind."),
        Concerns.ORGANISATION,
    ),
)

_SCHEMA = (
    Reason(
        "decode.schema.departed",
        N_("The file departs from its schema here (rule {rule}); what it holds was read all the same."),
        N_("Send the line and the rule to whoever made the file; check that the schema is of the same version."),
        Concerns.SUPPLIER,
    ),
)

REASONS: tuple[Reason, ...] = (*_ROWS, *_WORKBOOKS, *_TEXT, *_PARCELS, *ARCHIVES, *OTHER_SHAPES, *_SCHEMA)
