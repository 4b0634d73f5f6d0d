"""The worksheet of decisions: what is computed is locked, what people decide is free; read back as `Decisions`.

Three sheets, in this order in every language: codes, defaults, losses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import xlsxwriter

from passerelle.contracts.catalogue import get
from passerelle.documents.workbook_reader import read_returned
from passerelle.documents.workbooks import begin_workbook
from passerelle.switching.decisions import AcceptedLoss, CodeReplacement, Decisions
from passerelle.switching.difference_kinds import KIND_LABELS, DifferenceKind
from passerelle.switching.plan.planning import MoveVerdict
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _, get_current
from passerelle.vocabulary.safe_files import replace_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from passerelle.switching.plan.planning import FieldPlan, MovePlan

KEY = "id"
"""Header of the first column, the same in every language: what makes a sheet ours. `contract field code-or-kind`."""
_BETWEEN = " | "
_LEAVE_OUT = "-"
"""What is written in place of a code that is to be left out."""
_CODES = (N_("contract"), N_("field"), N_("code today"), N_("records"), N_("code tomorrow"), N_("list"))
_DEFAULTS = (N_("contract"), N_("field"), N_("what the field is"), N_("value where there is none"))
_LOSSES = (
    *(N_("contract"), N_("field"), N_("what will happen"), N_("records")),
    *(N_("accepted by"), N_("why"), N_("at most")),
)
_SHEETS = ((N_("Codes"), _CODES, 2), (N_("Defaults"), _DEFAULTS, 1), (N_("Losses"), _LOSSES, 3))
"""Title, headers after the first column, and how many of the last ones are free."""
_LONGEST_LIST = 255
"""Characters that a list of choices may have in a workbook."""
_WIDTHS = (24, 16, 22, 34, 12, 24, 34, 12)
Cells = tuple[str, ...]


def write_worksheet(path: Path, plan: MovePlan, decisions: Decisions | None = None) -> None:
    """Write what must be decided, with the answers that `decisions` hold. Raises UsageError if it cannot be."""
    known = decisions or Decisions()
    sheets = (_iter_code_rows(plan, known), _iter_default_rows(plan, known), _iter_loss_rows(plan, known))
    try:
        with replace_whole(path) as stream, begin_workbook(stream, "") as book:
            for (title, headers, free), rows in zip(_SHEETS, sheets, strict=True):
                _fill_sheet(book, _(title), [KEY, *map(_, headers)], free, rows)
    except (OSError, xlsxwriter.exceptions.XlsxWriterException):
        raise UsageError("usage.file.unreadable", file=path.name) from None


def _iter_code_rows(plan: MovePlan, known: Decisions) -> Iterator[tuple[Cells, Sequence[str]]]:
    for contract, one in _iter_fields(plan):
        choices = tuple(one.target.codes) if one.target else ()
        system = one.target.system if one.target else ""
        decided = [key[2] for key in known.codes if key[:2] == (contract, one.name)]
        counts = dict.fromkeys((*decided, *one.without_equivalent), 0) | dict(one.codes)
        for code, count in counts.items():
            if one.verdict is MoveVerdict.LOST:
                continue
            to = known.codes.get((contract, one.name, code))
            answer = "" if to is None else to.code or _LEAVE_OUT
            cells = (contract, one.name, code, str(count), answer, to.system if to else system)
            yield (_BETWEEN.join((contract, one.name, code)), *cells), choices


def _iter_default_rows(plan: MovePlan, known: Decisions) -> Iterator[tuple[Cells, Sequence[str]]]:
    for contract, one in _iter_fields(plan):
        if one.verdict is MoveVerdict.NEEDED:
            fact = get(contract).describe_fields()[one.name]
            about = fact.fr if get_current() == "fr" else fact.en
            choices = tuple(one.target.codes) if one.target else ()
            cells = (contract, one.name, about, known.defaults.get((contract, one.name), ""))
            yield (_BETWEEN.join((contract, one.name)), *cells), choices


def _iter_loss_rows(plan: MovePlan, known: Decisions) -> Iterator[tuple[Cells, Sequence[str]]]:
    losses = dict(plan.predicted)
    if not losses:  # without a sample: the losses that descriptions alone show, of an unknown number of records
        fields = [(entry.contract, field.name, field.verdict) for entry in plan.contracts for field in entry.fields]
        refused = {entry.contract for entry in plan.contracts if not entry.taken}
        losses = {(name, "", DifferenceKind.NOT_TAKEN): 0 for name in refused}
        losses |= {
            (contract, name, DifferenceKind.LOST): 0
            for contract, name, verdict in fields
            if contract not in refused and verdict is MoveVerdict.LOST
        }
    columns = {(one.connector, one.name, DifferenceKind.COLUMN): one.values for one in plan.left if one.kind.is_column}
    for (contract, name, kind), count in (*sorted(losses.items()), *sorted(columns.items())):
        accepted = known.find_acceptance(contract, name, kind, count)
        who, why, most = (accepted.who, accepted.why, accepted.most) if accepted else ("", "", None)
        key = _BETWEEN.join((contract, name, kind.value))
        yield (key, contract, name, _(KIND_LABELS[kind]), str(count), who, why, "" if most is None else str(most)), ()


def _iter_fields(plan: MovePlan) -> Iterator[tuple[str, FieldPlan]]:
    return ((entry.contract, one) for entry in plan.contracts if entry.taken for one in entry.fields)


def _fill_sheet(
    book: Any, title: str, headers: Sequence[str], free: int, rows: Iterable[tuple[Cells, Sequence[str]]]
) -> None:
    sheet = book.add_worksheet(title[:31])
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    fact = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "bg_color": "#EEEEEE"})
    open_cell = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "locked": False})
    for column, name in enumerate(headers):
        sheet.write_string(0, column, name, head)
        sheet.set_column(column, column, _WIDTHS[column])
    first_free = len(headers) - free
    for number, (cells, choices) in enumerate(rows, 1):
        for column, cell in enumerate(cells):
            sheet.write_string(number, column, cell, open_cell if column >= first_free else fact)
        if choices and len(",".join(choices)) <= _LONGEST_LIST:
            about = {"validate": "list", "source": list(choices), "error_type": "warning"}
            sheet.data_validation(number, first_free, number, first_free, about)
    sheet.freeze_panes(1, 1)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})


def read_worksheet(path: Path) -> Decisions:
    """Read the decisions. Raises UsageError for a file that is not this worksheet."""
    codes, defaults, losses = _read_sheets(path)
    return Decisions(
        codes={
            _split_key(row, 3): CodeReplacement("" if row[5] == _LEAVE_OUT else row[5], row[6])  # type: ignore[misc]  # three words
            for row in codes
            if row[5]
        },
        defaults={_split_key(row, 2): row[4] for row in defaults if row[4]},  # type: ignore[misc]  # two words
        accepted=tuple(
            AcceptedLoss(contract, name, kind, row[5], row[6], int(row[7]) if row[7].isdecimal() else None)
            for row in losses
            if row[5] and row[6]
            for contract, name, kind in [_split_loss(row)]
        ),
    )


def _read_sheets(path: Path) -> tuple[list[Cells], ...]:
    found = read_returned(path, "usage.worksheet.invalid", len(_SHEETS))
    if len(found) < len(_SHEETS):
        raise UsageError("usage.worksheet.invalid", file=path.name)
    sheets = []
    for rows, (_title, headers, _free) in zip(found, _SHEETS, strict=True):
        wide = len(headers) + 1
        if not rows or rows[0][0] != 1 or rows[0][1][0] != KEY or len(rows[0][1]) < wide:
            raise UsageError("usage.worksheet.invalid", file=path.name)
        sheets.append([tuple(cell.strip() for cell in row[:wide]) for _number, row in rows[1:] if row[0]])
    return tuple(sheets)


def _split_loss(row: Cells) -> tuple[str, str, str]:
    """Split the key of a loss: the name of a column may hold whatever stands between the parts."""
    contract, _between, rest = row[0].partition(_BETWEEN)
    name, _between, kind = rest.rpartition(_BETWEEN)
    return contract, name, kind


def _split_key(row: Cells, parts: int) -> tuple[str, ...]:
    return tuple(row[0].split(_BETWEEN, parts - 1))
