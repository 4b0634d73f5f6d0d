"""Scrub an API's answer: replace every value by an invented one, but for those known to be nobody's.

What stays: the names of members that a program gave, true, false and null, zeros, the figures of paging, and words that
the connector itself declares for that member (its code tables, its conditions). Everything else goes, above all what
nobody has thought of.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from passerelle.stages.decode.dialects import Json
from passerelle.testing.connector_under_test import iter_columns, iter_converters
from passerelle.testing.value_inventing import Inventor, Listener

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.extension.supplier import Connector

PAGING = frozenset(
    (
        *("page", "pages", "page_size", "per_page", "nbperpage", "pagenum", "limit", "offset", "size", "count"),
        *("total", "total_count", "total_pages", "totalcount", "totalpages"),
        *("current_page", "next_page", "prev_page", "previous_page", "last_page"),
    ),
)
"""Members whose figures count pages and records, in lower case."""
_FRAME = frozenset(
    (
        *("meta", "pagination", "links", "link", "next", "prev", "previous", "first", "last", "self"),
        *("result", "results", "data", "items"),
    ),
)
"""Members that hold a page together, in lower case."""
_PROTOCOL = frozenset(("OK", "KO", "ok", "ko", "success", "error", "true", "false"))
"""Words that tell how a call went."""
_NAME = re.compile(r"[a-z_$][A-Za-z0-9_$-]{0,39}\Z|[A-Z][A-Za-z0-9]{0,30}[a-z][A-Z][A-Za-z0-9]{0,30}\Z")
"""What a program calls a member: `current_page`, `currentPage`, `CurrentPage`; not `Dupont`."""
_WORD = re.compile(r"[^\W\d]{1,40}\Z|[\w.-]{1,20}\Z")
_LONG_NUMBER = re.compile(r"\d{5}")


@dataclass(slots=True)
class Scrubber:
    """Scrubs the answers of one recording: equal values become equal values."""

    connector: Connector
    keep: Iterable[str] = ()
    """Members whose words a person vouches for."""
    inventor: Inventor = field(default_factory=Inventor)
    kept: set[str] = field(default_factory=set)
    """Words that stayed as they were."""
    _words: dict[str, set[str]] = field(init=False, repr=False)
    _known: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._words = {}
        for column, words in _iter_vocabularies(self.connector):
            # The last name of a path is the member in which the words stand.
            for segment in list(_iter_segments(column))[-1:]:
                self._words.setdefault(segment, set()).update(words)
        self._known = frozenset((*_list_members(self.connector), *self.keep))

    def learn(self, content: bytes) -> None:
        """Learn what is real in an answer, so that nothing real is invented. Raises ValueError when it is not JSON."""
        replace(self, inventor=Listener(real=self.inventor.real)).scrub_value(json.loads(content))

    def scrub_body(self, content: bytes) -> bytes:
        """Scrub the body of an answer. Raises ValueError when it is not JSON."""
        return json.dumps(self.scrub_value(json.loads(content)), ensure_ascii=False).encode()

    def scrub_value(self, real: Any, member: str = "") -> Any:
        """Scrub a value; `member` is the name under which it stands."""
        match real:
            case dict():
                return {
                    self._scrub_name(name, one, len(real)): self.scrub_value(one, name) for name, one in real.items()
                }
            case list() | tuple():
                return [self.scrub_value(one, member) for one in real]
            # Before the numbers: a bool is an int.
            case None | bool():
                return real
            case int() | float():
                written = str(abs(real)) if isinstance(real, int) else f"{abs(real):.6f}".rstrip("0").rstrip(".")
                made = self.scrub_text(written, member)
                number = int(made) if isinstance(real, int) else float(made)
                return -number if real < 0 else number
            case date():
                return self.scrub_text(real.isoformat(), member)
            case _:
                return self.scrub_text(str(real), member)

    def scrub_text(self, real: str, member: str = "") -> str:
        """Scrub a text."""
        # Figures of paging, words that a person vouches for, and words of the protocol or the connector.
        stays = member.lower() in PAGING and real.isdecimal()
        stays = stays or bool(member in self.keep and _WORD.match(real) and not _LONG_NUMBER.search(real))
        if stays or real in _PROTOCOL or real in self._words.get(member, ()):
            self.kept.add(real)
            return real
        if "://" in real:
            # A link becomes a relative one: a player has no such machine. Figures of paging in it stay.
            try:
                parts = urlsplit(real)
            except ValueError:
                return self.inventor.invent_text(real)
            path = "/".join(self.inventor.invent_text(one) for one in parts.path.strip("/").split("/"))
            pairs = []
            for parameter, value in (pair.partition("=")[::2] for pair in parts.query.split("&") if pair):
                name = parameter if parameter.lower() in PAGING else self.inventor.invent_text(parameter)
                pairs.append(f"{name}={self.scrub_text(value, parameter)}")
            return f"{path}?{'&'.join(pairs)}" if pairs else path
        return self.inventor.invent_text(real)

    def _scrub_name(self, name: str, value: Any, siblings: int) -> str:
        """Scrub the name of a member, unless a program gave it: some suppliers key their records by identifier."""
        if name in self._known or name.lower() in PAGING | _FRAME:
            return name
        if name.isdecimal() and int(name) <= siblings:
            return name  # a place in a list
        holds_more = isinstance(value, dict | list)
        is_given = _NAME.match(name) and not _LONG_NUMBER.search(name)
        return name if is_given and not holds_more else self.inventor.invent_text(name)


def _iter_segments(path: str) -> Iterator[str]:
    return (one for one in re.split(r"[.#/]", path) if one not in ("", "*") and not one.isdecimal())


def _list_members(connector: Connector) -> set[str]:
    """List the names of members that the connector knows."""
    tables = connector.tables
    paths = [
        name for table in tables for name in (*iter_columns(table), *table.carried, *table.waived, *table.optional)
    ]
    paths += [name for table in connector.tables for where in table.where for name in where.columns]
    paths += connector.dialect.lists if isinstance(connector.dialect, Json) else ()
    return {segment for path in paths for segment in _iter_segments(path)}


def _iter_vocabularies(connector: Connector) -> Iterator[tuple[str, Iterable[str]]]:
    scopes = [where for table in connector.tables for where in table.where]
    scopes += [where for scope in connector.out_of_scope for where in scope.where]
    for where in scopes:
        yield where.column, where.values
    for table in connector.tables:
        for one in iter_converters(table):
            words = [word for name in ("table", "labels", "yes", "no") for word in getattr(one, name, None) or ()]
            for column in one.columns:
                yield column, (*words, *connector.nothing)


def scrub_settings(scrubber: Scrubber, given: Mapping[str, Any]) -> dict[str, Any]:
    """Scrub a connector's own settings with the same scrubber, so that what they name is found again in the answers."""
    return {name: scrubber.scrub_value(one, name) for name, one in given.items()}
