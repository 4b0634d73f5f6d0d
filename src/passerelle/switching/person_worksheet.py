"""The worksheet of persons who may be the same: somebody who knows them answers. Nothing is merged by itself.

It holds names and dates of birth: it is for its owner's eyes only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import xlsxwriter

from passerelle.documents.workbook_reader import read_returned
from passerelle.documents.workbooks import begin_workbook
from passerelle.switching.decisions import PersonMatch
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_share
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.safe_files import replace_whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from passerelle.switching.compare.similarity import PersonProposal

KEY = "id"
_BETWEEN = " | "
_HEADERS = (
    *(N_("likeness"), N_("place in the old software"), N_("old software"), N_("place in the new software")),
    *(N_("new software"), N_("same person?")),
)
_ANSWER = len(_HEADERS)
YES = ("oui", "yes", "o", "y", "x")
_CONTRACT = "person/1"


def write_worksheet(path: Path, proposals: Iterable[PersonProposal]) -> None:
    """Write one row for each proposal, the likeliest first; only the last column is free. Raises UsageError."""
    try:
        with replace_whole(path) as stream, begin_workbook(stream, _("Persons")) as book:
            _fill_sheet(book, proposals)
    except (OSError, xlsxwriter.exceptions.XlsxWriterException):
        raise UsageError("usage.file.unreadable", file=path.name) from None


def _fill_sheet(book: Any, proposals: Iterable[PersonProposal]) -> None:
    sheet = book.add_worksheet(_("Persons"))
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    locked = book.add_format({"num_format": "@", "text_wrap": True, "bg_color": "#EEEEEE"})
    answer = book.add_format({"num_format": "@", "locked": False})
    for column, name in enumerate((KEY, *map(_, _HEADERS))):
        sheet.write_string(0, column, name, head)
    sheet.set_column(0, _ANSWER, 26)
    number = 0
    for number, proposal in enumerate(proposals, 1):
        key = _BETWEEN.join((proposal.origin_ref, proposal.target_ref))
        origin, target = proposal.descriptions
        share = format_share(proposal.score, decimals=0)
        for column, cell in enumerate((key, share, str(proposal.origin), origin, str(proposal.target), target)):
            sheet.write_string(number, column, cell, locked)
        sheet.write_string(number, _ANSWER, "", answer)
    if number:
        sheet.data_validation(1, _ANSWER, number, _ANSWER, {"validate": "list", "source": [_("yes"), _("no")]})
    sheet.freeze_panes(1, 1)
    # Without a password: it keeps keys from being changed by mistake, not from anybody who means to.
    sheet.protect("", {"format_columns": True, "sort": True, "autofilter": True})


def read_worksheet(path: Path) -> tuple[PersonMatch, ...]:
    """Read the confirmed matches. Raises UsageError for a file that is not this worksheet."""
    (rows,) = read_returned(path, "usage.worksheet.invalid") or ([],)
    if not rows or rows[0][0] != 1 or rows[0][1][0] != KEY or len(rows[0][1]) <= _ANSWER:
        raise UsageError("usage.worksheet.invalid", file=path.name)
    confirmed = [row[0] for _number, row in rows[1:] if row[_ANSWER].strip().casefold() in YES]
    return tuple(PersonMatch(_CONTRACT, *key.split(_BETWEEN, 1)) for key in confirmed)
