"""What the settings of a flow say of its place and of doubts: checked when read, made into rules for a run."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from passerelle.vocabulary.doubts import DOUBTS, DoubtRules, can_be_silent, can_be_strict
from passerelle.vocabulary.reasons import REASONS
from passerelle.vocabulary.suggestions import find_nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

_IDENTIFIERS = frozenset({"validate.identifier.wrong_key", "validate.identifier.malformed"})
"""What `strict_identifiers` makes strict: the setting is older than `doubts`."""

NEEDED = MappingProxyType(
    {
        "none": (),
        "bearer": ("token",),
        "header": ("token",),
        "basic": ("username", "password"),
        "oauth2": ("client_id", "client_secret", "token_path"),
    },
)
"""Fields that each access scheme needs."""


def check_zone(text: str) -> str:
    """Accept the name of an IANA zone, and no name."""
    try:
        return ZoneInfo(text).key if text else ""
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder of zones, such as «Europe»
        raise PydanticCustomError("zone_unknown", "unknown zone") from None


def check_doubts(doubts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Check what a flow says of each doubt: `"strict"`, or `{ silent = "why" }`."""
    for code, choice in doubts.items():
        if code not in REASONS or not can_be_silent(code):
            nearest = find_nearest(code, DOUBTS) or "–"
            raise PydanticCustomError("doubt_unknown", "unknown doubt", {"doubt": code, "nearest": nearest})
        if choice == "strict":
            if not can_be_strict(code):
                raise PydanticCustomError("doubt_not_strict", "about no single record", {"doubt": code})
        elif not _is_silent(choice):
            raise PydanticCustomError("doubt_invalid", "neither strict nor silent", {"doubt": code})
    return doubts


def _is_silent(choice: Any) -> bool:
    """Whether a choice is `{ silent = "why" }`: a doubt is never dropped without its reason."""
    why = choice["silent"] if isinstance(choice, dict) and set(choice) == {"silent"} else None
    return isinstance(why, str) and bool(why.strip())


def make_doubt_rules(doubts: Mapping[str, Any], *, strict_identifiers: bool) -> DoubtRules:
    """Return the rules of checked settings."""
    strict = frozenset(code for code, choice in doubts.items() if choice == "strict")
    silent = {code: choice["silent"] for code, choice in doubts.items() if choice != "strict"}
    return DoubtRules(strict | _IDENTIFIERS if strict_identifiers else strict, silent)
