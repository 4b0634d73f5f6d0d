"""How a connector writes documents: shapes as data, filled by the same tables that read them.

`from passerelle import writing`: what a plugin needs to describe an XML or JSON document, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from passerelle.edges.destinations.response_rules import ResponseRules
from passerelle.stages.render.shape import (
    Always,
    Cell,
    Element,
    Given,
    JsonShape,
    Many,
    Rows,
    Shape,
    XmlShape,
)

__all__ = [
    "Always",
    "Cell",
    "Complete",
    "Element",
    "Given",
    "JsonShape",
    "Many",
    "Month",
    "Related",
    "ResponseRules",
    "RowPart",
    "Rows",
    "Shape",
    "WholeRow",
    "Writing",
    "XmlShape",
]

Record = Mapping[str, Any]
Complete = Callable[[Record, Mapping[str, Record]], Record]
"""`complete(record, related)`: give the record with what can be derived from it, and from the records it refers to (by
the field that refers). Pure, and called once a record and delivery; what it raises costs one record, and its text is
not kept. For an API the record holds its version too, `_version`: 1 when the other side never had it."""


@dataclass(frozen=True, slots=True)
class Month:
    """Records of one month: `202405`, from the first of these fields that is filled."""

    fields: tuple[str, ...]

    def of(self, record: Record) -> str:
        """Return the month; empty when no field is filled."""
        moment = next((str(record[name]) for name in self.fields if record.get(name)), "")
        return moment[:7].replace("-", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A record that the document holds as well, because the field `by` refers to it.

    It is found beside (the destination's `related` files). Where `by` is empty, the record that has the same values in
    `match` and covers the day of `during` (the first that is filled) stands in, if it is the only one; then `by` refers
    to it.
    """

    contract: str
    by: str
    member: str = ""
    """Member of the dialect whose table writes it, at the place where that member is read. Empty: nothing of it is
    written; `complete` may use it."""
    match: tuple[str, ...] = ()
    during: tuple[str, ...] = ()
    through: str = ""
    """The field that refers to the record which holds `by`: an invoice line names no payer, its invoice does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How records of one contract become documents. The connector's tables of that contract give the cells."""

    contract: str
    shape: Shape
    member: str = ""
    """Member whose table gives the cells; empty: the first table of the contract."""
    per: tuple[str | Month, ...] = ()
    """Fields whose values the records of one document share: a document for each month and payer, for example."""
    related: tuple[Related, ...] = ()
    complete: Complete | None = None
    zone: str = "Europe/Paris"
    """In which the document says when it was issued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPart:
    """Records of another contract that stand in the row of the record they refer to."""

    contract: str
    by: str
    """The field that refers to the record whose row it is."""
    repeats: bool = False
    """Whether each of several makes a further row (the persons in charge of a structure); else all stand in one row,
    each in columns of its own (the rights of a person), and what finds its columns taken is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeRow:
    """A row that holds records of several contracts, as the supplier imports it: written whole or not at all."""

    contract: str
    """The contract of the record that the row is about."""
    parts: tuple[RowPart, ...]

    @property
    def contracts(self) -> tuple[str, ...]:
        """All contracts whose records stand in the row, the main one first."""
        return (self.contract, *(part.contract for part in self.parts))
