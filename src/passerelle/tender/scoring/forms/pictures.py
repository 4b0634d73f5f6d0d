"""The pictures of a score, with their words: bars of what the samples hold, and the map of what they fill."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.documents import charts
from passerelle.documents.charts import ChartSeries, FillMap, GroupedBars
from passerelle.vocabulary.formatting import format_measured_share, format_number
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.tender.scoring.scorecard import Score

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "hours": N_("Visits by the hour at which they start"),
        "minutes": N_("Visits by the minute at which they start"),
        "months": N_("Hours of visits by month"),
    }
)
_FIRST: Mapping[str, str] = MappingProxyType({"hours": N_("hour"), "minutes": N_("minute"), "months": N_("month")})
_READ: Mapping[str, str] = MappingProxyType(
    {
        "hours": N_(
            "Planned and stamped hours usually follow one another. Shifted by an hour or two: ask about zones."
        ),
        "minutes": N_("Plans are often made of quarters of an hour. Where stamps are as round, ask how one clocks."),
        "months": N_("From the plan to the invoice the hours usually change a little. Where they part, ask why."),
    }
)
STAGES: Mapping[str, str] = MappingProxyType(
    {"planned": N_("planned"), "stamped": N_("stamped"), "retained": N_("retained"), "billed": N_("billed")}
)


def iter_charts(score: Score) -> Iterator[tuple[GroupedBars, str, str]]:
    """Yield each chart with how to read it and the name of its first column."""
    for one in score.pictures:
        series = tuple(ChartSeries(_(STAGES[name]), row) for name, row in zip(one.names, one.rows, strict=True))
        title = _(TITLES[one.key])
        # In words for whoever does not see it: where each series is highest.
        tops = ", ".join(
            _("{name}: most at {label}").format(name=each.name, label=one.labels[each.values.index(max(each.values))])
            for each in series
        )
        yield GroupedBars(title, one.labels, series, f"{title}. {tops}."), _(_READ[one.key]), _(_FIRST[one.key])


def draw_chart(chart: GroupedBars) -> str:
    """Draw a chart for a page."""
    return charts.draw_bars(chart)


def list_figures(chart: GroupedBars) -> list[tuple[str, ...]]:
    """Return the figures of a chart as rows of a table; labels at which nothing is are left out."""
    rows = []
    for place, label in enumerate(chart.labels):
        values = [one.values[place] for one in chart.series]
        if any(values):
            decimals = 0 if all(value.is_integer() for value in values) else 1
            rows.append((label, *(format_number(value, decimals) for value in values)))
    return rows


def draw_filled(score: Score) -> str:
    """Draw the map of contracts and months; empty when no record has a month."""
    shown = make_fill_map(score)
    if shown is None:
        return ""
    return charts.draw_fill_map(shown.columns, shown.rows, shown.title)


def make_fill_map(score: Score) -> FillMap | None:
    """Return the map of contracts and months; None when no record has a month."""
    if not score.filled.months:
        return None
    titles = {one.contract: one.title for one in score.coverage}
    rows = tuple((titles.get(contract, contract), shares) for contract, shares in score.filled.rows)
    return FillMap(write_fill_title(), score.filled.months, rows)


def write_fill_title() -> str:
    """Write what the map shows."""
    return _("Share of the fields asked for that are filled, by contract and month")


def list_filled(score: Score) -> list[tuple[str, ...]]:
    """Return the figures of the map as rows of a table."""
    titles = {one.contract: one.title for one in score.coverage}
    return [
        (titles.get(contract, contract), *("–" if one is None else format_measured_share(one) for one in shares))
        for contract, shares in score.filled.rows
    ]
