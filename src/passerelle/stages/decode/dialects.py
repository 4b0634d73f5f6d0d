"""Dialects: how a supplier's files are written; declared by its connector, never guessed."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  evaluated where suppliers are described in TOML
from dataclasses import field
from types import MappingProxyType
from typing import Any, Literal

from passerelle.vocabulary.light_dataclass import dataclass

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_NOWHERE: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_NO_ALIASES: Mapping[str, Mapping[str, Mapping[str, str]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Csv:
    """Delimited text with one header row, or a zip of such files."""

    delimiter: str = ";"
    quote: str = '"'
    encoding: str = ""
    """Empty: strict UTF-8 (byte-order mark honoured), else cp1252 with a warning when doubtful."""
    skip_lines: int = 0
    """Physical lines before the header (banners)."""
    header: tuple[str, ...] = ()
    """Names for a file without a header row."""
    header_rows: int = 1
    """Rows that the names stand in. Of two, the first names groups: a column is then called `Usager / Nom`."""
    members: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """For a zip: file name pattern (`personnes*.csv`) → member name that tables use. Empty: the parcel is one file."""
    needed: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOWHERE)
    """Columns without which nothing can be read, by member: whoever knows the tables fills this in. By them a separator
    other than the declared one, and notices before the names, are recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedWidth(Csv):
    """Text without separators: each column has its place in the line. Otherwise as delimited text is read."""

    delimiter: str = "\x1f"
    quote: str = ""
    columns: Mapping[str, tuple[int, int]] = field(default_factory=lambda: _NOTHING)
    """Name → its first and last character, from 1. What stands in no column is carried as `#21-25`, where it is filled.

    Columns may overlap: lines of several kinds share a file, and conditions tell them apart."""
    stripped: bool = False
    """Whether spaces at the end of lines are left out, so that a short line has empty cells; else it is set aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Xlsx:
    """A workbook; every worksheet that `sheets` names is a member."""

    sheets: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """Worksheet name → member name that tables use. Empty: the first that people see, as member `""`, or the only other
    one that has the columns which it lacks."""
    header_row: int = 1
    """Row (from 1) that holds the column names, or the first of them."""
    header_rows: int = 1
    """Rows that the names stand in. Of two, the first names groups: a column is then called `Usager / Nom`."""
    merged: Literal["", "repeat"] = ""
    """What merged cells below the header mean: `repeat` reads their value in each of them. Empty: a doubt."""
    needed: tuple[str, ...] = ()
    """Columns without which nothing can be read, where no sheet is named: whoever knows the tables fills this in. By
    them a table behind a notice, or below one, is recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Json:
    """A JSON document or one API page. Nested objects become columns by path: `customer.id`."""

    lists: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """Path of a list (or keyed object) of records, dotted, → member name. `""` is the document itself.

    Several paths may lead to one member: those that are there are read.
    """
    kind: Mapping[str, str | tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    """Path, from the document, of a word that says what it is → the words that the connector reads, or `!word` for
    one that it does not. A document that says anything else is parked. `{"type": ("transaction", "batch")}`. For
    lines: each line is a document."""
    types: str = ""
    """Column that names the type of a record (FHIR: `resource.resourceType`). A type that no table and no scope
    names is reported, with the number of its values."""
    lines: bool = False
    """One JSON object a line (NDJSON)."""
    spread: tuple[str, ...] = ()
    """Paths, from the record, of short lists whose items become columns: `agents.0.id`, `agents.1.id`."""
    named: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOWHERE)
    """Path of a short list → the member that names its items, and the names that are known.

    `{"identifier": ("system", "urn:a", "urn:b")}` gives columns `identifier.urn:a.value`; a second item of that name is
    `urn:a#2`, and an item of another name is named by its place, as in `spread`.
    """
    aliases: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=lambda: _NO_ALIASES)
    """Path of a list in `named` → a member of its items → a word of it → the name of the item; the first that fits.

    Earlier editions of a format write other words, and a type may say more than a system:
    `{"identifier": {"type.coding.0.code": {"FILE": "file"}, "system": {"urn:old-a": "urn:a"}}}`.
    """
    above: tuple[str, ...] = ()
    """Paths, from the document, of what every record also takes: columns `../meta.event`. Not for lines."""
    addresses: tuple[tuple[str, ...], ...] = ()
    """Columns that together, with `/` between them, are an address by which records of the same document refer to one.

    With addresses, each record has a column `@name`: the first of `lasting` that is filled, else its first address;
    and a column that ends with `refers` holds the name of the record it refers to. Not for lines.
    """
    lasting: tuple[str, ...] = ()
    """Columns that name a record for ever, the best first. `identifier.system|identifier.value` is a name of two parts,
    both of which must be filled: a number that only its system makes unique."""
    refers: str = "reference"
    targets: tuple[str, ...] = ()
    """Columns that refer, and whose target may be a record of several types: the type is told in a column beside,
    `author.0.@type` for `author.0.reference`. It is that of the record in the document, else the one that the address
    itself names (`Organization/7`). Needs `types`."""
    stands_for: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """Type of record that only stands for another → its column that refers to that one: what refers to the first is
    taken to refer to the second (FHIR: a role of a practitioner)."""
    through: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=lambda: _NOTHING)
    """Column that refers, and may be left out because another record says it → columns that refer to that record, the
    best first, and the columns in which it says it: a task without person that is part of a person's plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Xml:
    """An XML document without DTD; every element of a named path is a row, its descendants are columns by path."""

    rows: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """Element path (local names, `/Racine/InfosFoyerRSA`) → member name."""
    above: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOWHERE)
    """Element path of a row → what it also takes from the elements that hold it, as paths from the row.

    `../Identification/NIR` is an element beside it, with all it holds; `..` is everything that the parent holds and
    that is in no row. Columns have these paths for names. `../Identification/NIR#*` takes every element of that name,
    where the path alone takes the first: `../Identification/NIR`, `../Identification/NIR#2`.
    """
    kind: Mapping[str, str | tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    """Path of an element (`/Racine/Version`) or attribute (`/Racine/type/@code`) that says what the document is → the
    words that the connector reads. One of them must stand there once at least; else the document is parked."""
    namespaces: tuple[str, ...] = ()
    """Namespaces that the root element is known to have; `""` for none. Another one is reported. Empty: any."""
    attached: tuple[str, ...] = ()
    """A JSON document is taken as well: paths of its objects that hold XML documents as base64 (`data`)."""
    schema: bytes = field(default=b"", repr=False)
    """An XSD, given by whoever runs the flow: what departs from it is a warning, and is read all the same."""


Dialect = Csv | Xlsx | Json | Xml
