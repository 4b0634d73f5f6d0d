"""Pictures of figures: bars and shares, as inline SVG, as native charts of a workbook, and as PNG for Word.

Nothing is told by a picture alone: whoever shows one writes its figures as a table under it. Bars differ by shade and
by what is drawn over them, so that a print in grey or an eye that sees no colours tells them apart.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from passerelle.vocabulary.formatting import format_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlsxwriter.workbook import Workbook

COLOURS = ("#1f5f8b", "#c26a1a", "#5b3f8c", "#3c7d5a")
"""Of series, in their order; each has a contrast above 3:1 on white and a shade of its own."""
_INK, _LINE, _TRACK = "#1d2733", "#d5dce3", "#eef2f5"
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 720, 240, 56, 34, 26
_MOST_LABELS = 16
_WIDEST = 44
"""Points that a bar is wide at most."""
_LETTER = 6.2
"""Width of a letter, on average."""
_LONGEST_LABEL = 34
_MAP_HEAD = 2
_RISE = 0.47
"""Of slanted labels: how far one letter goes down, in its own widths."""
_TICKS = 4
_FEW = 12


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """One series of figures, one for each label of its chart."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class GroupedBars:
    """Bars side by side: for each label one of each series."""

    title: str
    labels: tuple[str, ...]
    series: tuple[ChartSeries, ...]
    says: str = ""
    """The picture in a sentence, for whoever does not see it."""

    @property
    def highest(self) -> float:
        """The largest figure; 0 when there is none."""
        return max((value for one in self.series for value in one.values), default=0.0)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.highest


@dataclass(frozen=True, slots=True)
class FillMap:
    """Shares from 0 to 1 by row and column; None where nothing can be filled."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]


def find_ceiling(highest: float) -> float:
    """Return the end of an axis: a round figure, not below the highest."""
    if highest <= 0:
        return 1.0
    if 1 <= highest <= _FEW:
        # Few things are counted in whole ones: the ticks of the axis are whole too.
        return next(float(end) for end in (4, 8, 12) if end >= highest)
    step = 1.0
    while step * 10 < highest:
        step *= 10
    while step > highest:
        step /= 10
    return next(step * factor for factor in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if step * factor >= highest)


def draw_bars(chart: GroupedBars, *, is_styled: bool = True) -> str:
    """Draw bars as SVG. Everything is escaped; nothing is asked from elsewhere.

    `is_styled`: it says itself how wide it may be; not where a page allows styles of its sheet alone.
    """
    ceiling = find_ceiling(chart.highest)
    height = _HEIGHT + _measure_slant(chart)
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    style = _write_style(is_styled=is_styled)
    parts = [f'<svg class="bars" role="img" aria-label={quoteattr(chart.says or chart.title)} {size} {style}>']
    parts += _draw_axis(ceiling)
    parts += _draw_legend(chart)
    parts += _draw_labels(chart)
    parts += (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{COLOURS[nth % len(COLOURS)]}"'
        f' stroke="{_INK}" stroke-width="{0.4 if nth % 2 else 0}"/>'
        for nth, x, y, wide, high in _iter_bars(chart, ceiling)
    )
    return "".join(parts) + "</svg>"


def _write_style(*, is_styled: bool) -> str:
    fonts = 'font-family="Liberation Sans,Arial,sans-serif" font-size="11"'
    return f'style="max-width:100%;height:auto" {fonts}' if is_styled else fonts


def _iter_bars(chart: GroupedBars, ceiling: float) -> Iterator[tuple[int, float, float, float, float]]:
    """Yield each bar that is not nought: number of its series, x, y, width, height."""
    room = (_WIDTH - _LEFT) / max(len(chart.labels), 1)
    wide = min(room * 0.8 / max(len(chart.series), 1), _WIDEST)
    # Few labels leave room on both sides: a bar as wide as the page would say more than its figure does.
    before = (room - wide * len(chart.series)) / 2
    full = _HEIGHT - _TOP - _BOTTOM
    for nth, one in enumerate(chart.series):
        for place, value in enumerate(one.values):
            high = full * value / ceiling
            if high > 0:
                yield nth, _LEFT + room * place + before + wide * nth, _HEIGHT - _BOTTOM - high, wide, high


def _draw_axis(ceiling: float) -> list[str]:
    full = _HEIGHT - _TOP - _BOTTOM
    parts = []
    for tick in range(_TICKS + 1):
        y = _HEIGHT - _BOTTOM - full * tick / _TICKS
        value = ceiling * tick / _TICKS
        decimals = 0 if ceiling >= _TICKS and (ceiling / _TICKS).is_integer() else 2
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_LINE}"/>')
        text = escape(format_number(value, decimals))
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{_INK}">{text}</text>')
    return parts


def _draw_legend(chart: GroupedBars) -> list[str]:
    parts, x = [], float(_LEFT)
    for nth, one in enumerate(chart.series):
        colour = COLOURS[nth % len(COLOURS)]
        stroke = f' stroke="{_INK}" stroke-width="{0.8 if nth % 2 else 0}"'
        parts.append(f'<rect x="{x:.0f}" y="4" width="11" height="11" fill="{colour}"{stroke}/>')
        parts.append(f'<text x="{x + 16:.0f}" y="14" fill="{_INK}">{escape(one.name)}</text>')
        x += 34 + 6.4 * len(one.name)
    return parts


def _draw_labels(chart: GroupedBars) -> list[str]:
    room = (_WIDTH - _LEFT) / max(len(chart.labels), 1)
    slant, every = _measure_slant(chart), _count_apart(chart)
    parts = []
    for place, label in enumerate(chart.labels):
        if place % every:
            continue
        x, y = _LEFT + room * (place + 0.5), _HEIGHT - _BOTTOM + 16
        text = label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"
        turned = f'text-anchor="end" transform="rotate(-28 {x:.1f} {y})"' if slant else 'text-anchor="middle"'
        parts.append(f'<text x="{x:.1f}" y="{y}" {turned} fill="{_INK}">{escape(text)}</text>')
    return parts


def _count_apart(chart: GroupedBars) -> int:
    """Return how many labels there are for one that is written: all of many would run into one another."""
    return -(-len(chart.labels) // _MOST_LABELS) or 1


def _measure_slant(chart: GroupedBars) -> int:
    """Return the height that slanted labels take more than level ones; 0 where these have the room."""
    longest = min(max(map(len, chart.labels), default=0), _LONGEST_LABEL)
    room = (_WIDTH - _LEFT) / max(len(chart.labels), 1) * _count_apart(chart)
    return 0 if longest * _LETTER <= room else round(longest * _LETTER * _RISE)


def draw_fill_map(
    columns: Sequence[str],
    rows: Sequence[tuple[str, Sequence[float | None]]],
    says: str,
    *,
    is_styled: bool = True,
) -> str:
    """Draw shares from 0 to 1 by row and column: a shade and its figure in each cell; None is left white.

    `is_styled`: as of bars.
    """
    label, wide, high, top = 190, 58, 24, 24
    width, height = label + wide * len(columns), top + high * len(rows)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    style = _write_style(is_styled=is_styled)
    parts = [f'<svg class="fill" role="img" aria-label={quoteattr(says)} {size} {style}>']
    for nth, name in enumerate(columns):
        x = label + wide * nth + wide / 2
        parts.append(f'<text x="{x:.0f}" y="16" text-anchor="middle" fill="{_INK}">{escape(name)}</text>')
    for line, (name, shares) in enumerate(rows):
        y = top + high * line
        parts.append(f'<text x="0" y="{y + 16}" fill="{_INK}">{escape(name)}</text>')
        for nth, share in enumerate(shares):
            x = label + wide * nth
            if share is None:
                parts.append(f'<rect x="{x + 1}" y="{y + 1}" width="{wide - 2}" height="{high - 2}" fill="#fff"/>')
                continue
            ink = "#fff" if share > 0.55 else _INK
            text = f'<text x="{x + wide / 2:.0f}" y="{y + 16}" text-anchor="middle" fill="{ink}">'
            box = f'x="{x + 1}" y="{y + 1}" width="{wide - 2}" height="{high - 2}" fill="{_compute_shade(share)}"'
            parts.append(f"<rect {box}/>{text}{share * 100:.0f} %</text>")
    return "".join(parts) + "</svg>"


def _compute_shade(share: float, dark: tuple[int, int, int] = (20, 74, 112)) -> str:
    """Return a blue from nearly white (0) to dark (1)."""
    light = (238, 242, 245)
    return "#" + "".join(f"{round(low + (high - low) * share):02x}" for low, high in zip(light, dark, strict=True))


def compute_tint(share: float) -> str:
    """Return a blue on which dark words can be read, from nearly white (0) to clear (1)."""
    return _compute_shade(share, (110, 168, 208))


def add_fill_map(workbook: Workbook, sheet_name: str, shown: FillMap) -> None:
    """Add a worksheet of shares by row and column, whose cells a spreadsheet tints by their figures."""
    columns, rows = shown.columns, shown.rows
    sheet = workbook.add_worksheet(sheet_name)
    usual = {"font_name": "Calibri", "font_size": 10, "border": 1, "border_color": "#8A94A0", "text_wrap": True}
    head = workbook.add_format({**usual, "bold": True, "align": "center"})
    name = workbook.add_format({**usual, "bold": True})
    share = workbook.add_format({**usual, "num_format": "0 %", "align": "center"})
    plain_title = workbook.add_format({"font_name": "Calibri", "font_size": 12, "bold": True})
    sheet.write_string(0, 0, shown.title, plain_title)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, max(len(columns), 1), 9)
    for place, column in enumerate(columns, start=1):
        sheet.write_string(_MAP_HEAD, place, column, head)
    for line, (label, shares) in enumerate(rows, start=_MAP_HEAD + 1):
        sheet.write_string(line, 0, label, name)
        for place, one in enumerate(shares, start=1):
            if one is None:
                sheet.write_blank(line, place, None, share)
            else:
                sheet.write_number(line, place, one, share)
    scale = {"type": "2_color_scale", "min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
    colours = {"min_color": compute_tint(0), "max_color": compute_tint(1)}
    sheet.conditional_format(
        _MAP_HEAD + 1, 1, _MAP_HEAD + max(len(rows), 1), max(len(columns), 1), {**scale, **colours}
    )
    sheet.freeze_panes(_MAP_HEAD + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def add_chart(workbook: Workbook, sheet_name: str, chart: GroupedBars) -> None:
    """Add a worksheet with the figures of a chart and the workbook's own chart of them."""
    sheet = workbook.add_worksheet(sheet_name)
    bold = workbook.add_format({"bold": True, "font_name": "Calibri", "font_size": 10, "text_wrap": True})
    plain = workbook.add_format({"font_name": "Calibri", "font_size": 10})
    number = workbook.add_format({"font_name": "Calibri", "font_size": 10, "num_format": "#,##0.##"})
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, len(chart.series), 16)
    drawn: Any = workbook.add_chart({"type": "column"})
    last = len(chart.labels)
    for nth, one in enumerate(chart.series, start=1):
        sheet.write_string(0, nth, one.name, bold)
        for line, value in enumerate(one.values, start=1):
            sheet.write_number(line, nth, value, number)
        colour = COLOURS[(nth - 1) % len(COLOURS)]
        drawn.add_series(
            {
                "name": [sheet_name, 0, nth],
                "categories": [sheet_name, 1, 0, last, 0],
                "values": [sheet_name, 1, nth, last, nth],
                "fill": {"color": colour},
                "border": {"none": True},
            }
        )
    for line, label in enumerate(chart.labels, start=1):
        sheet.write_string(line, 0, label, plain)
    drawn.set_title({"name": chart.title, "name_font": {"size": 12}})
    drawn.set_legend({"position": "bottom"})
    drawn.set_size({"width": 760, "height": 380})
    sheet.insert_chart(0, len(chart.series) + 2, drawn, {"description": chart.says or chart.title})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def draw_png(chart: GroupedBars, scale: int = 2) -> bytes:
    """Draw the bars of a chart as PNG, without words: for documents that show no SVG. Labels stand in the table."""
    width, height = _WIDTH * scale, (_HEIGHT - _TOP) * scale
    rows = [bytearray(b"\xff" * width * 3) for _line in range(height)]

    def fill(x: float, y: float, wide: float, high: float, colour: str) -> None:
        pixel = bytes.fromhex(colour[1:])
        left, right = max(0, round(x * scale)), min(width, max(round((x + wide) * scale), round(x * scale) + 1))
        for line in range(max(0, round(y * scale)), min(height, max(round((y + high) * scale), round(y * scale) + 1))):
            rows[line][left * 3 : right * 3] = pixel * (right - left)

    ceiling = find_ceiling(chart.highest)
    full = _HEIGHT - _TOP - _BOTTOM
    for tick in range(_TICKS + 1):
        fill(_LEFT, full - full * tick / _TICKS, _WIDTH - _LEFT, 0.5, _LINE)
    for nth, x, y, wide, high in _iter_bars(chart, ceiling):
        fill(x, y - _TOP, wide, high, COLOURS[nth % len(COLOURS)])
    raw = b"".join(b"\x00" + bytes(row) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_write_chunk(*chunk) for chunk in chunks)


def _write_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
