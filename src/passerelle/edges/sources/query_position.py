"""How far the looks of a query have come: the value of its cursor column, as a text that says its type."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from passerelle.edges.sources.overlapping import Overlap

_NUMBER, _DECIMAL, _MOMENT, _DAY, _TEXT = "n:", "f:", "m:", "d:", "t:"


def write_position(value: Any) -> str:
    """Return the text of a value that can be gone on from. Raises FlowError for any other."""
    match value:
        case bool():
            pass
        case int():
            return f"{_NUMBER}{value}"
        case Decimal() if value.is_finite():
            is_whole = value == value.to_integral_value()
            return f"{_NUMBER}{int(value)}" if is_whole else f"{_DECIMAL}{value:f}"
        case datetime():
            return f"{_MOMENT}{value.isoformat()}"
        case date():
            return f"{_DAY}{value.isoformat()}"
        case str():
            return f"{_TEXT}{value}"
    raise FlowError("incident.query.unordered")


def read_position(position: str) -> Any:
    """Return the value of a position, of its own type: a database compares no numbers with texts."""
    kind, text = position[:2], position[2:]
    try:
        match kind:
            case "n:":
                return int(text)
            case "f:":
                return Decimal(text)
            case "m:":
                return datetime.fromisoformat(text)
            case "d:":
                return date.fromisoformat(text)
    except (ValueError, ArithmeticError):
        raise FlowError("incident.query.unordered") from None
    return text


def step_back(position: str, overlap: Overlap) -> str:
    """Return where a look begins for the position that is kept. Raises FlowError when the overlap does not fit."""
    try:
        return position[:2] + overlap.step_back(position[2:])
    except FlowError:
        raise FlowError("incident.query.unordered") from None


def advance(kept: str, reached: str, overlap: Overlap, now: datetime) -> str:
    """Return the position to keep after a look: never before the one that is kept, nor in the future."""
    if not reached:
        return kept
    before = kept[2:] if kept[:2] == reached[:2] else ""
    try:
        return reached[:2] + overlap.advance(before, reached[2:], now)
    except FlowError:
        raise FlowError("incident.query.unordered") from None
