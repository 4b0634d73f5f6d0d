"""What came day by day, as a picture and as a table of the same figures."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.faces.web.blocks import BarChart, DataTable, DayBar, Paragraph
from passerelle.vocabulary.formatting import format_count, format_day
from passerelle.vocabulary.language import _, get_current
from passerelle.vocabulary.outcomes import Balance, Fate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.stores.books import DayBalance


def draw_days(
    chart: str, first: datetime, balances: Iterable[DayBalance], days: int, title: str, *, is_folded: bool = False
) -> list[PageBlock]:
    """Return a picture of so many days from the first, and the same figures as a table; `chart` names it in its page.

    Of a folded table the days on which nothing came are left out, and where nothing came at all, a sentence says so.
    """
    sums: dict[date, Balance] = {}
    for one in balances:
        sums[one.day] = sums.get(one.day, Balance()) + one.balance
    dates = [(first + timedelta(days=nth)).date() for nth in range(days)]
    bars = tuple(_make_bar(day, sums.get(day, Balance())) for day in dates)
    if is_folded and not any(bar.received for bar in bars):
        return [Paragraph(_("Nothing came in these days."))]
    heads = (_("day"), _("received"), _("delivered"), _("known already"), _("set aside"))
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (bar.day, bar.received, bar.delivered, bar.known, bar.aside) for bar in bars if bar.received or not is_folded
    )
    same = _("The same figures")
    # where several such pictures stand on one page, each table says of what it is
    table = DataTable(title, heads, rows, opener=same) if is_folded else DataTable(same, heads, rows)
    return [BarChart(chart, title, bars, _sum_up(bars)), table]


def _make_bar(day: date, balance: Balance) -> DayBar:
    delivered = balance.fates.get(Fate.DELIVERED, 0)
    return DayBar(
        format_day(day.isoformat()),
        f"{day:%d/%m}" if get_current() == "fr" else f"{day:%m-%d}",
        delivered,
        balance.received - balance.aside - delivered,
        balance.aside,
    )


def _sum_up(bars: Sequence[DayBar]) -> str:
    """Return the picture in a sentence."""
    words = _("In {days} days: received {received}, delivered {delivered}, known already {known}, set aside {aside}.")
    return words.format(
        days=len(bars),
        received=format_count(sum(bar.received for bar in bars)),
        delivered=format_count(sum(bar.delivered for bar in bars)),
        known=format_count(sum(bar.known for bar in bars)),
        aside=format_count(sum(bar.aside for bar in bars)),
    )
