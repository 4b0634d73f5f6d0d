"""What an XML document holds around its rows: values that no row takes, what kind of document it says it is."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, TYPE_CHECKING

from passerelle.stages.decode.kinds import require_kind
from passerelle.stages.decode.unread import ELEMENT, MAX_NAMES, UnreadTally
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lxml.etree import _Element

    from passerelle.stages.decode.dialects import Xml

UP = ".."
ALL = "#*"
"""What the last step of a way ends with that takes every element of that name, not the first only."""
Path = tuple[str, ...]
"""Local names from the root."""
_MACHINERY = ("{http://www.w3.org/2001/XMLSchema-instance}", "{http://www.w3.org/XML/1998/namespace}")
"""Attributes that tell a parser how to read: nobody's data."""
_MAX_MENDED = 256 << 20
_MOST_PATHS = 50_000
"""Most bytes of a document that is mended in memory."""
_RAW = rb"[\x00-\x08\x0b\x0c\x0e-\x1f]"
_CONTROL = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|" + _RAW + rb"|&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));",
    re.IGNORECASE | re.DOTALL,
)
"""Characters that XML 1.0 does not know (production 2), as they are and as references; and whole CDATA sections.

One that never ends goes to the end: else each of many would be searched through all that follows.
"""
_RAW_CONTROL = re.compile(_RAW)
_LOST = b"&#xFFFD;"
_SECTION = b"<![CDATA["
_LOST_IN_SECTION = b"]]>" + _LOST + _SECTION
"""A reference is plain text inside of a CDATA section: the section ends before it, and another begins."""


def split_path(path: str) -> Path:
    """Return the steps of a path from the root."""
    return tuple(path.strip("/").split("/"))


def get_local_name(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def replace_controls(stream: IO[bytes]) -> BytesIO | None:
    """Return a document with U+FFFD for each control character; None when it is too long, or not one byte a letter."""
    stream.seek(0)
    content = stream.read(_MAX_MENDED + 1)
    is_wide = content[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in content[:4]  # UTF-16, with and without a mark
    if len(content) > _MAX_MENDED or is_wide or b"<" not in content[:4]:
        return None
    return BytesIO(_CONTROL.sub(_replace_control, content))


def _replace_control(found: re.Match[bytes]) -> bytes:
    text = found[0]
    return _RAW_CONTROL.sub(_LOST_IN_SECTION, text) if text.startswith(_SECTION) else _LOST


@dataclass(frozen=True, slots=True)
class _ReadPaths:
    """Which elements are read: rows and what they take from above, and the elements on the way to them."""

    whole: frozenset[Path]
    """All that these elements hold is read."""
    firsts: frozenset[Path]
    """Of each of these, the first in its parent is read or leads to what is read: a row takes no other."""
    ways: frozenset[Path]
    """Elements on the way: what they hold themselves is not read."""

    @classmethod
    def of(cls, rows: Iterable[Path], above: Mapping[Path, tuple[str, ...]]) -> _ReadPaths:
        whole, firsts = set(rows), set()
        holders = {row[:size] for row in rows for size in range(1, len(row) + 1)}
        for row, taken in above.items():
            for way in taken:
                path = _resolve(row, way)
                whole.add(path)
                # what an element that holds rows is read for stands in each of them, not in the first only
                last = len(path) - way.endswith(ALL)
                firsts |= {path[:size] for size in range(1, last + 1) if path[:size] not in holders}
        ways = {path[:size] for path in whole for size in range(1, len(path))}
        return cls(frozenset(whole), frozenset(firsts), frozenset(ways))


def _resolve(row: Path, way: str) -> Path:
    """Return the path from the root of what a row takes from above."""
    path = list(row)
    for step in way.removesuffix(ALL).split("/"):
        if step == UP:
            path.pop()
        else:
            path.append(step)
    return tuple(path)


class Surroundings:
    """Follows the elements of a document, in order, and counts what no row takes."""

    def __init__(self, dialect: Xml, rows: Iterable[Path], above: Mapping[Path, tuple[str, ...]]) -> None:
        self._dialect = dialect
        self._read = _ReadPaths.of(tuple(rows), above)
        self._kinds = {path: _KindWords(*_split_attribute(path)) for path in dialect.kind}
        self._told = frozenset(word.path for word in self._kinds.values())
        self._path: list[str] = []
        self._seen: list[set[str]] = [set()]
        """By open element on the way: the names of children of which only the first is read."""
        self._inside = 0
        """Elements open since one that is read as a whole."""
        self._outside: list[str] = []
        """The path of the element that nobody reads; empty outside of one."""
        self._values = 0
        self._ended: _Element | None = None
        self._tally = UnreadTally()
        self._warned: list[RowWarning] = []
        self._namespaces: dict[tuple[str, ...], str] = {}
        """By path of an element that is read: the namespace that came first."""
        self._mixed: Counter[str] = Counter()

    def start(self, element: _Element) -> None:
        """Note that an element begins."""
        name = get_local_name(element.tag)
        if not self._path:
            self._check_namespace(element)
        self._note_tail()
        self._path.append(name)
        if self._inside:
            self._inside += 1
        elif not self._outside:
            self._open_element(name)
        if self._inside:
            # An element may bear the name of another one at the same place, from another namespace.
            here, namespace = tuple(self._path), element.tag.rpartition("}")[0]
            if len(self._namespaces) < _MOST_PATHS and namespace != self._namespaces.setdefault(here, namespace):
                self._mixed[_name(here)] += 1

    def _open_element(self, name: str) -> None:
        here = tuple(self._path)
        repeated = here in self._read.firsts and name in self._seen[-1]
        self._seen[-1].add(name)
        if repeated or (here not in self._read.whole and here not in self._read.ways):
            self._outside, self._values = list(here), 0
        elif here in self._read.whole:
            self._inside = 1
        else:
            self._seen.append(set())

    @property
    def reads_whole(self) -> bool:
        """Whether the element that began last is read, or stands in one that is: nothing in it is counted."""
        return bool(self._inside)

    def end(self, element: _Element) -> None:
        """Note that an element ends, before it is freed."""
        self._note_tail()
        self._ended = element
        if self._told and tuple(self._path) in self._told:
            self._note_kind(element)
        if self._inside:
            self._inside -= 1
        elif self._outside:
            self._values += _count_own_values(element)
            if self._outside == self._path:
                self._tally.add(ELEMENT, _name(self._path), self._values)
                self._outside = []
        else:
            self._seen.pop()
            self._count_way(element)
        self._path.pop()

    def _note_tail(self) -> None:
        """Count the text behind the element that ended last: it was not parsed yet when that one ended."""
        ended, self._ended = self._ended, None
        if self._inside or ended is None or not (ended.tail or "").strip():
            return
        if self._outside:
            self._values += 1
        else:
            self._tally.add(ELEMENT, _name(self._path), 1)

    def _count_way(self, element: _Element) -> None:
        """Count what an element on the way to rows holds itself."""
        for name, value in element.attrib.items():
            # what says the kind of the document is read for it
            path = f"{_name(self._path)}/@{get_local_name(name)}"
            if value.strip() and not name.startswith(_MACHINERY) and path not in self._kinds:
                self._tally.add(ELEMENT, path, 1)
        self._tally.add(ELEMENT, _name(self._path), int(bool((element.text or "").strip())))

    def _check_namespace(self, root: _Element) -> None:
        namespace = root.tag.rpartition("}")[0].removeprefix("{")
        if self._dialect.namespaces and namespace not in self._dialect.namespaces:
            expected = " / ".join(self._dialect.namespaces)
            self._warned.append(RowWarning("decode.document.namespace", Place(1), {"expected": expected}))

    def _note_kind(self, element: _Element) -> None:
        here = tuple(self._path)
        for words in self._kinds.values():
            if words.path == here:
                found = words.read(element)
                words.found.update(found)
                self._values -= len(list(filter(None, found)))  # read, though no row takes it

    def check_kind(self) -> None:
        """Raise ParcelError unless the document says that it is of a kind that the connector reads."""
        for path, wanted in self._dialect.kind.items():
            require_kind(path, wanted, self._kinds[path].found)

    def list_warnings(self) -> tuple[RowWarning, ...]:
        """Return what is to say of the document as a whole."""
        mixed = (
            RowWarning("decode.element.namespaces", Place(1, column=name), {"count": str(count)})
            for name, count in self._mixed.most_common(MAX_NAMES)
        )
        return (*self._warned, *mixed, *self._tally.drain())


@dataclass(slots=True)
class _KindWords:
    """The words found at one place that says what a document is."""

    path: Path
    attribute: str
    found: Counter[str] = field(default_factory=Counter)

    def read(self, element: _Element) -> list[str]:
        if not self.attribute:
            return [(element.text or "").strip()]
        return [value for name, value in element.attrib.items() if get_local_name(name) == self.attribute]


def _split_attribute(path: str) -> tuple[Path, str]:
    steps = split_path(path)
    return (steps[:-1], steps[-1][1:]) if steps[-1].startswith("@") else (steps, "")


def _count_own_values(element: _Element) -> int:
    attributes = sum(bool(value.strip()) and not name.startswith(_MACHINERY) for name, value in element.attrib.items())
    return attributes + bool((element.text or "").strip())


def _name(path: Iterable[str]) -> str:
    return "/" + "/".join(path)
