"""Shapes of documents, as data: elements or members in their order, and the cells that fill them.

Cells are named by the path they are read from, from the root: `/delivery/Visit/Person/@id` (XML, local names, second
of the same name `#2`), `entry.resource.name.0.family` (JSON). An element, or a `Cell()` of JSON, is filled by the cell
of its own path. Constants alone keep nothing alive: what holds no filled cell is left out, unless it is `always` there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from types import MappingProxyType
from typing import Any, Literal

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Cell:
    """The content of a cell of the row. Empty path: the cell of the place where it stands."""

    path: str = ""
    _: KW_ONLY
    kind: Literal["text", "number", "boolean"] = "text"
    """How JSON writes it: a number digit for digit, a boolean from `true` and `false`."""
    needed: bool = False
    """A record without it is refused."""


@dataclass(frozen=True, slots=True)
class Given:
    """A fact about the document itself. The same batch gives the same, whenever and wherever it is written.

    `issued_at` (when the parcel came in, local time without offset, seconds), `issued_stamp` (the same as
    `yyyyMMddHHmmss`), `number` (of the record in the document, from 0), `transaction` (`issued_stamp` and `number`),
    `count` (of records), `total` (sum of the cells `of`), `batch` (name of the batch), `uuid` (`urn:uuid:…` made from
    the record's field `of`), `field` (the record's field `of`, a text), `version` (of the record, for an API: from 1).
    """

    fact: Literal[
        "issued_at", "issued_stamp", "number", "transaction", "count", "total", "batch", "uuid", "field", "version"
    ]
    of: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """The records, one after the other, each in this shape; or those that share the fields `by`, in one shape.

    What stands around `Rows`, and around an inner one, is filled from the first of its records.
    """

    shape: Any
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, init=False)
class Element:
    """An XML element: `Element("ram:ID", schemeID="token")`, `Element("ram:VersionID", "1.4")`, or with children.

    Without content it is filled by its own cell; a text is what stands there when that cell is empty. Attributes are
    constants, unless the row has a cell for them (`…/@unitCode`). `repeats`: how often at most it may come.
    """

    name: str
    content: tuple[Element | Rows | Cell | Given | str, ...]
    always: bool
    needed: bool
    repeats: int
    attributes: Mapping[str, str]

    def __init__(
        self,
        name: str,
        *content: Element | Rows | Cell | Given | str,
        always: bool = False,
        needed: bool = False,
        repeats: int = 1,
        **attributes: str,
    ) -> None:
        values = {
            "name": name,
            "content": content,
            "always": always,
            "needed": needed,
            "repeats": repeats,
            "attributes": attributes,
        }
        for key, value in values.items():
            object.__setattr__(self, key, value)

    @property
    def local(self) -> str:
        """The name without its prefix: what paths are made of."""
        return self.name.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Always:
    """A JSON value that stays even when no cell fills it."""

    shape: Any


@dataclass(frozen=True, slots=True)
class Many:
    """A JSON list whose items all have this shape: those that cells fill, `at_most` of them."""

    shape: Any
    at_most: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlShape:
    """A whole XML document. `root` holds the `Rows`; its attributes and the namespaces are written in this order."""

    root: Element
    namespaces: Mapping[str, str] = field(default_factory=lambda: _NONE)
    encoding: Literal["utf-8"] = "utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonShape:
    """A whole JSON document: mappings, sequences, `Cell`, `Given`, `Rows` (in place of a list), constants."""

    root: Any


Shape = XmlShape | JsonShape


def list_needed_cells(shape: Shape) -> tuple[str, ...]:
    """List the cells without which a record has no place in the document."""
    if isinstance(shape, XmlShape):
        return tuple(_iter_needed_elements(shape.root, ""))
    return tuple(_iter_needed_members(shape.root, ""))


def _iter_needed_elements(node: object, above: str) -> Iterator[str]:
    if isinstance(node, Rows):
        yield from _iter_needed_elements(node.shape, above)
    if isinstance(node, Element):
        path = f"{above}/{node.local}"
        if node.needed:
            yield path
        for child in node.content:
            yield from _iter_needed_elements(child, path)


def _iter_needed_members(node: object, path: str) -> Iterator[str]:
    if isinstance(node, Cell) and node.needed:
        yield node.path or path
    elif isinstance(node, Rows | Always):
        yield from _iter_needed_members(node.shape, path)
    elif isinstance(node, Many):
        yield from _iter_needed_members(node.shape, join_path(path, "0"))
    else:
        for name, child in iter_members(node):
            yield from _iter_needed_members(child, join_path(path, name))


def iter_members(node: object) -> Iterator[tuple[str, Any]]:
    """Yield the members of a mapping or the items of a sequence, with the step they have in a path."""
    if isinstance(node, Mapping):
        yield from node.items()
    elif isinstance(node, Sequence) and not isinstance(node, str):
        yield from ((str(place), child) for place, child in enumerate(node))


def join_path(path: str, step: str) -> str:
    """Extend a JSON path by one step."""
    return f"{path}.{step}" if path else step


def list_cells(shape: Shape) -> frozenset[str]:
    """List the paths of all cells that the document has a place for."""
    if isinstance(shape, XmlShape):
        return frozenset(_iter_element_cells(shape.root, ""))
    return frozenset(_iter_member_cells(shape.root, ""))


def _iter_element_cells(node: object, above: str) -> Iterator[str]:
    if isinstance(node, Cell):
        yield node.path
    if isinstance(node, Rows):
        yield from _iter_element_cells(node.shape, above)
    if not isinstance(node, Element):
        return
    for nth in range(1, node.repeats + 1):
        path = f"{above}/{node.local}" + ("" if nth == 1 else f"#{nth}")
        yield path
        yield from (f"{path}/@{name}" for name in node.attributes)
        for child in node.content:
            yield from _iter_element_cells(child, path)


def _iter_member_cells(node: object, path: str) -> Iterator[str]:
    if isinstance(node, Cell):
        yield node.path or path
    elif isinstance(node, Rows | Always):
        yield from _iter_member_cells(node.shape, path)
    elif isinstance(node, Many):
        for nth in range(node.at_most):
            yield from _iter_member_cells(node.shape, join_path(path, str(nth)))
    else:
        for name, child in iter_members(node):
            yield from _iter_member_cells(child, join_path(path, name))


def list_stated_fields(shape: Shape) -> frozenset[str]:
    """List the fields that the document states as they are (`Given("field")`), without a cell."""
    return frozenset(_iter_stated_fields(shape.root))


def _iter_stated_fields(node: object) -> Iterator[str]:
    if isinstance(node, Given) and node.fact == "field":
        yield node.of
    elif isinstance(node, Rows | Always | Many):
        yield from _iter_stated_fields(node.shape)
    elif isinstance(node, Element):
        for child in node.content:
            yield from _iter_stated_fields(child)
    else:
        for _name, child in iter_members(node):
            yield from _iter_stated_fields(child)
