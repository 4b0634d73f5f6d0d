"""Deprecation of fields: announced with a replacement and an end, and removed only after that end."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.contracts.evolution.edition import Edition

# What docs/contrats.md announces to suppliers: 12 months of notice, 18 months of support.
NOTICE_DAYS = 365
"""Least time between the announcement and the end of a field."""
SUPPORT_DAYS = 548
"""How long a major line lives after its successor is published: 18 months."""


class BreachKind(StrEnum):
    """Breaches of the deprecation rules."""

    NO_END = "no_end"
    NO_REPLACEMENT = "no_replacement"
    SHORT_NOTICE = "short_notice"
    BROUGHT_FORWARD = "brought_forward"
    REMOVED_EARLY = "removed_early"
    REMOVED_UNANNOUNCED = "removed_unannounced"


@dataclass(frozen=True, slots=True)
class LifecycleBreach:
    """One breach of the deprecation rules by one field."""

    field: str
    kind: BreachKind
    until: str = ""


def find_support_end(successor_published: str) -> str:
    """Return the last day on which a major version is supported; "" when it has no successor."""
    if not successor_published:
        return ""
    return (date.fromisoformat(successor_published) + timedelta(days=SUPPORT_DAYS)).isoformat()


def find_breaches(old: Edition, new: Edition, *, published: date) -> list[LifecycleBreach]:
    """Return the breaches of a new edition, published on that day, by deprecated and removed fields."""
    found = [fault for name, about in new.fields.items() for fault in _check_announcement(name, about, old, published)]
    for name in old.fields.keys() - new.fields.keys():
        until = old.fields[name].get("deprecated", {}).get("until", "")
        if not until:
            found.append(LifecycleBreach(name, BreachKind.REMOVED_UNANNOUNCED))
        elif date.fromisoformat(until) > published:
            found.append(LifecycleBreach(name, BreachKind.REMOVED_EARLY, until))
    return sorted(found, key=lambda fault: (fault.field, fault.kind))


def _check_announcement(name: str, about: object, old: Edition, published: date) -> Iterator[LifecycleBreach]:
    deprecated = about.get("deprecated") if isinstance(about, dict) else None
    if not deprecated:
        return
    until = deprecated.get("until", "")
    if not until:
        yield LifecycleBreach(name, BreachKind.NO_END)
        return
    if not deprecated.get("replacement"):
        yield LifecycleBreach(name, BreachKind.NO_REPLACEMENT, until)
    before = old.fields.get(name, {}).get("deprecated", {}).get("until", "")
    if before and until < before:
        yield LifecycleBreach(name, BreachKind.BROUGHT_FORWARD, until)
    # Notice counts from the first announcement; later editions only repeat it.
    if not before and (date.fromisoformat(until) - published).days < NOTICE_DAYS:
        yield LifecycleBreach(name, BreachKind.SHORT_NOTICE, until)
