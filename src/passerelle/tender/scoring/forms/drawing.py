"""Small drawings as inline SVG, readable without colour and by a screen reader: an interval, shares, a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from passerelle.tender.scoring import score_labels
from passerelle.tender.scoring.scorecard import BidVerdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passerelle.tender.scoring.scorecard import ScoreNote

_SURE, _MAYBE, _TRACK = "#1f5f8b", "#b9d3e6", "#eef2f5"
_WIDTH = 400
_CELL = 15
_LABEL = 108


def draw_interval(note: ScoreNote, *, height: int = 18) -> str:
    """Draw an interval out of 100: what is proved in full, what may be added lighter and hatched."""
    floor, ceiling = (round(note_part * _WIDTH / 100, 1) for note_part in (note.floor, note.ceiling))
    # The widest first: SVG paints in the order of the document, and the narrow ones must stay visible.
    sizes = ((_WIDTH, _TRACK), (ceiling, _MAYBE), (floor, _SURE))
    parts = [f'<rect width="{width}" height="{height}" fill="{colour}"/>' for width, colour in sizes]
    return _draw_bar(score_labels.write_interval(note), height, parts)


def draw_stack(counts: Mapping[str, int], *, height: int = 14) -> str:
    """Draw how many requirements have each verdict, side by side."""
    # A tender without any requirement is drawn as an empty bar.
    total = sum(counts.values()) or 1
    label = ", ".join(f"{score_labels.write_verdict(name)} {number}" for name, number in counts.items() if number)
    parts, at = [], 0.0
    for name, number in counts.items():
        width = _WIDTH * number / total
        if number:
            colour = score_labels.COLOURS[BidVerdict(name)]
            parts.append(f'<rect x="{at:.1f}" width="{width:.1f}" height="{height}" fill="{colour}"/>')
        at += width
    return _draw_bar(label, height, parts)


def draw_share(part: float, label: str, *, height: int = 14) -> str:
    """Draw one share."""
    width = round(_WIDTH * part, 1)
    sizes = ((_WIDTH, _TRACK), (width, _SURE))
    return _draw_bar(
        label, height, [f'<rect width="{one}" height="{height}" fill="{colour}"/>' for one, colour in sizes]
    )


def _draw_bar(label: str, height: int, parts: Iterable[str]) -> str:
    size = f'viewBox="0 0 {_WIDTH} {height}" preserveAspectRatio="none"'
    return f'<svg class="bar" role="img" aria-label={quoteattr(label)} {size}>{"".join(parts)}</svg>'


def draw_heat_map(columns: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]], label: str) -> str:
    """Draw verdicts by requirement (rows) and bidder (columns): a tint and a sign in each cell.

    `columns` are short names; `rows` the number of a requirement and a verdict for each bidder.
    """
    rows = list(rows)
    wide = 46
    width, top = _LABEL + wide * len(columns), 24
    height = top + _CELL * len(rows)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [f'<svg class="heat" role="img" aria-label={quoteattr(label)} {size}>']
    for nth, name in enumerate(columns):
        parts.append(f'<text x="{_LABEL + wide * nth + wide // 2}" y="16" text-anchor="middle">{escape(name)}</text>')
    for nth, (name, verdicts) in enumerate(rows):
        y = top + _CELL * nth
        parts.append(f'<text x="0" y="{y + 11}">{escape(name)}</text>')
        for place, verdict in enumerate(verdicts):
            tint, colour = score_labels.TINTS[BidVerdict(verdict)], score_labels.COLOURS[BidVerdict(verdict)]
            x = _LABEL + wide * place
            parts.append(f'<rect x="{x + 1}" y="{y + 1}" width="{wide - 2}" height="{_CELL - 2}" fill="{tint}"/>')
            sign = score_labels.MARKS[BidVerdict(verdict)]
            parts.append(f'<text x="{x + wide // 2}" y="{y + 11}" text-anchor="middle" fill="{colour}">{sign}</text>')
    return "".join(parts) + "</svg>"
