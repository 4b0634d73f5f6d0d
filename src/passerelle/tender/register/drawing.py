"""The map of data flows as an SVG picture: source, flow, recipient. Whoever cannot see it has the table."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from passerelle.contracts.field_meta import Sensitivity
from passerelle.vocabulary.formatting import format_count, format_labelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.tender.register.describing import RegisterWords
    from passerelle.tender.register.recording import Activity, Register

_WIDTH, _BOX, _HEIGHT, _GAP, _TOP = 960, 250, 74, 22, 12
_LEFT, _MIDDLE, _RIGHT = 5, (_WIDTH - _BOX) // 2, _WIDTH - _BOX - 5
_LONGEST = 34
"""Letters that fit in a box."""
_STRONG = ' font-weight="600"'
_FILLS = {"ends": "#eef1f4", "flow": "#eaf1f8", "careful": "#fff6ec"}
_LINES = {"ends": "#69737d", "flow": "#1f4e79", "careful": "#b35900"}


def draw(register: Register, words: RegisterWords) -> str:
    """Draw the map, one row for each flow."""
    rows = list(register.activities)
    height = _TOP + max(len(rows), 1) * (_HEIGHT + _GAP)
    parts = [_draw_row(place, activity, words) for place, activity in enumerate(rows)]
    title = escape(words("map"))
    flows = (
        f"{one.supplier} → {one.flow} ({words.name_purpose(one)}) → {words.name_endpoint(one.destination)}"
        for one in rows
    )
    # Screen readers read `desc`: the picture holds nothing that it does not say.
    says = escape("; ".join(flows) or words("no_flow"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-labelledby="carte-titre carte-texte" font-family="Calibri, Carlito, sans-serif">'
        f'<title id="carte-titre">{title}</title><desc id="carte-texte">{says}</desc>'
        '<defs><marker id="pointe" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0 10 5 0 10z" fill="#454c54"/></marker></defs>'
        f"{''.join(parts)}</svg>"
    )


def _draw_row(place: int, activity: Activity, words: RegisterWords) -> str:
    top = _TOP + place * (_HEIGHT + _GAP)
    careful = {Sensitivity.SPECIAL, Sensitivity.SURVEILLANCE} & set(activity.list_sensitivities())
    sent = format_labelled(words("fields"), format_count(len(activity.sent), words.language), words.language)
    beside = ", ".join(words(f"{one.value}_short") for one in activity.list_sensitivities() if one in careful)
    boxes = (
        _draw_box(_LEFT, top, "ends", (activity.supplier, words.name_endpoint(activity.source))),
        _draw_box(
            _MIDDLE, top, "careful" if careful else "flow", (activity.flow, words.name_purpose(activity), sent, beside)
        ),
        _draw_box(_RIGHT, top, "ends", (words.name_endpoint(activity.destination),)),
    )
    middle = top + _HEIGHT // 2
    dashes = "" if activity.is_enabled else ' stroke-dasharray="6 5"'
    arrows = "".join(
        f'<path d="M{start} {middle}H{end}" stroke="#454c54" stroke-width="2"{dashes} marker-end="url(#pointe)"/>'
        for start, end in ((_LEFT + _BOX, _MIDDLE - 2), (_MIDDLE + _BOX, _RIGHT - 2))
    )
    return "".join((*boxes, arrows))


def _draw_box(left: int, top: int, kind: str, lines: Sequence[str]) -> str:
    shown = [
        (part, not number)
        for number, line in enumerate(lines)
        for part in wrap(line, _LONGEST, max_lines=1 if number else 2, placeholder=" …")
    ]
    first = top + _HEIGHT // 2 + 5 - (len(shown) - 1) * 8
    texts = "".join(
        f'<text x="{left + _BOX // 2}" y="{first + number * 16}" text-anchor="middle" font-size="13" fill="#1b1f24"'
        f"{_STRONG if is_strong else ''}>{escape(line)}</text>"
        for number, (line, is_strong) in enumerate(shown)
    )
    frame = f'fill="{_FILLS[kind]}" stroke="{_LINES[kind]}" stroke-width="1.5"'
    return f'<rect x="{left}" y="{top}" width="{_BOX}" height="{_HEIGHT}" rx="6" {frame}/>{texts}'
