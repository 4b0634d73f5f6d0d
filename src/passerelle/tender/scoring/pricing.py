"""Reads the price schedule out of the grid that a bidder filled in."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from passerelle.documents.workbook_reader import read_returned
from passerelle.tender import price_sheet
from passerelle.tender.price_sheet import AMOUNTS, PLACES, PriceRow
from passerelle.tender.scoring.offered_prices import OfferedPrices, PricedLine
from passerelle.tender.scoring.scorecard import BidResponse
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from passerelle.tender.consultation import Consultation
    from passerelle.tender.scoring.scorecard import BidReply

_SHEETS = 4
"""Among the first ones; a grid that came back may have lost or gained some."""
_CODE = re.compile(r"[BOE]-\d\d\Z")
_INCLUDED = ("inclus", "incluse", "compris", "comprise", "included")
_AMOUNT = re.compile(r"\d{1,9}(\.\d+)?\Z")
_PRICED_APART = (BidResponse.DEVELOPMENT, BidResponse.NOT_COVERED)


def read_prices(path: Path, consultation: Consultation, replies: Mapping[str, BidReply]) -> OfferedPrices | None:
    """Read the schedule of a grid; None when nobody wrote a price. Raises UsageError, which names every faulty line."""
    lines: dict[str, PriceRow] = {one.code: one for one in price_sheet.list_lines(consultation)}
    known = {one.id for one in consultation.requirements}
    problems: list[UsageError] = []
    given: dict[str, PriceRow] = {}
    for number, cells in _find_rows(path):
        code = cells["code"]
        row = lines.get(code) or PriceRow(
            code=code, line=cells["line"], says=cells["says"], requirement=cells["requirement"]
        )
        amounts = {name: _read_amount(cells[name]) for name in AMOUNTS}
        wrong = [name for name in AMOUNTS if cells[name] and amounts[name] is None]
        if row.kind == "own" and any(cells[name] for name in AMOUNTS):
            wrong += ["line"] if not row.line else []
            wrong += ["requirement"] if row.requirement and row.requirement not in known else []
        if wrong:
            columns = ", ".join(price_sheet.get_word(name, consultation) for name in wrong)
            about: dict[str, Any] = {"file": path.name, "line": str(number), "id": code}
            problems.append(UsageError("usage.prices.unreadable_line", columns=columns, **about))
        elif any(amount is not None for amount in amounts.values()):
            given[code] = replace(row, remark=cells["remark"], once=amounts["once"], yearly=amounts["yearly"])
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise UsageError("usage.prices.faulty", problems=problems, file=path.name, count=format_count(len(problems)))
    return _sum_up([given.get(code, row) for code, row in (lines | given).items()], consultation, replies)


def _sum_up(
    rows: Sequence[PriceRow], consultation: Consultation, replies: Mapping[str, BidReply]
) -> OfferedPrices | None:
    if all(row.once is None and row.yearly is None for row in rows):
        return None
    priced = {row.requirement for row in rows}
    apart = (name for name, reply in replies.items() if reply.response in _PRICED_APART)
    return OfferedPrices(
        years=consultation.price_years,
        lines=tuple(
            PricedLine(
                code=row.code,
                title=row.line,
                kind=row.kind,
                requirement=row.requirement,
                once=row.once,
                yearly=row.yearly,
                remark=row.remark,
            )
            for row in rows
        ),
        unpriced=tuple(sorted(name for name in apart if name not in priced)),
    )


def _find_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield number and cells of each line of the schedule, in whichever sheet it stands."""
    for sheet in read_returned(path, "usage.grid.unrecognised", _SHEETS):
        for number, row in sheet:
            if row and _CODE.match(row[0].strip()):
                yield number, {name: row[place].strip() if place < len(row) else "" for name, place in PLACES.items()}


def _read_amount(text: str) -> float | None:
    """Return an amount, as a spreadsheet holds it or as people here write it; None for what is none."""
    if text.casefold() in _INCLUDED:
        return 0.0
    plain = re.sub(r"[\s\u00a0\u202f€]|HT\Z|ht\Z", "", text).replace(",", ".")
    return round(float(plain), 2) if _AMOUNT.match(plain) else None
