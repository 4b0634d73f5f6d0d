"""The price schedules of several offers, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.vocabulary.formatting import format_number
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from passerelle.tender.comparing.comparison import BidComparison
    from passerelle.tender.scoring.offered_prices import PricedLine


@dataclass(frozen=True, slots=True)
class ComparedPrice:
    """One line of the schedule: for each bidder, in their order, what is paid once and by year."""

    code: str
    title: str
    once: tuple[float | None, ...]
    yearly: tuple[float | None, ...]

    def write_cells(self) -> list[str]:
        """Return a cell for each bidder, in words."""
        return [write_amounts(once, yearly) for once, yearly in zip(self.once, self.yearly, strict=True)]


def format_amount(amount: float) -> str:
    """Return an amount as a bid says it: with its cents where it has some."""
    return format_number(amount, 0 if round(amount, 2) % 1 == 0 else 2)


def write_amounts(once: float | None, yearly: float | None) -> str:
    """Write what is paid once and what by year; «no price» where neither is said."""
    parts = [
        words.format(amount=format_amount(amount))
        for amount, words in ((once, _("{amount} € once")), (yearly, _("{amount} € by year")))
        if amount
    ]
    if not parts:
        return _("no price") if once is None and yearly is None else _("included")
    return ", ".join(parts)


def list_prices(comparison: BidComparison) -> list[ComparedPrice]:
    """Return base and options line by line, then what each bidder prices apart as one sum; empty without a schedule."""
    if not any(one.offered for one in comparison.bidders):
        return []
    lines = [{line.code: line for line in (one.offered.lines if one.offered else ())} for one in comparison.bidders]
    titles = {code: line.title for each in lines for code, line in each.items() if line.kind != "own"}
    common = [
        ComparedPrice(
            code,
            title,
            tuple(each[code].once if code in each else None for each in lines),
            tuple(each[code].yearly if code in each else None for each in lines),
        )
        for code, title in sorted(titles.items())
    ]
    own = [[line for line in each.values() if line.kind == "own"] for each in lines]
    if any(own):
        apart = ComparedPrice(
            "E", _("Answers DS or SP, and options of its own"), *map(tuple, zip(*map(_add_up, own), strict=True))
        )
        common.append(apart)
    return common


def _add_up(lines: list[PricedLine]) -> tuple[float | None, float | None]:
    if not lines:
        return None, None
    return sum((one.once or 0 for one in lines), 0.0), sum((one.yearly or 0 for one in lines), 0.0)
