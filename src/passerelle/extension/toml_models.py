"""Models of the TOML description of a supplier: the same objects as in Python, less what needs code."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from passerelle.extension.supplier import Access, Send
from passerelle.extension.toml_converters import AnySpec, DateSpec, InstantSpec, LocalDateTimeSpec, Name
from passerelle.extension.writing import RowPart, WholeRow
from passerelle.stages.decode.dialects import Csv, Dialect, FixedWidth, Json, Xlsx, Xml
from passerelle.stages.translate.table import OutOfScope, Where


class TomlEntry(BaseModel):
    """Base of all tables of a description."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def to_arguments(self) -> dict[str, Any]:
        """Return the keys that were written, without `kind`."""
        return {name: getattr(self, name) for name in self.model_fields_set if name != "kind"}


Words = Annotated[
    tuple[Name, ...], Field(min_length=1), BeforeValidator(lambda raw: raw if isinstance(raw, list) else [raw])
]


Rows = Annotated[int, Field(strict=True, ge=1, le=5)]
Place = Annotated[int, Field(strict=True, ge=1)]


class CsvEntry(TomlEntry):
    """Delimited text."""

    kind: Literal["csv"]
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ";"
    quote: str = '"'
    encoding: str = ""
    skip_lines: Annotated[int, Field(strict=True, ge=0)] = 0
    header: tuple[str, ...] = ()
    header_rows: Rows = 1
    members: dict[str, str] = Field(default_factory=dict)


class FixedEntry(TomlEntry):
    """Text without separators."""

    kind: Literal["fixed"]
    columns: Annotated[dict[Name, tuple[Place, Place]], Field(min_length=1)]
    stripped: StrictBool = False
    encoding: str = ""
    skip_lines: Annotated[int, Field(strict=True, ge=0)] = 0
    members: dict[str, str] = Field(default_factory=dict)

    @field_validator("columns")
    @classmethod
    def _check_places(cls, columns: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
        """Refuse a column that ends before it begins."""
        if any(last < first for first, last in columns.values()):
            raise PydanticCustomError("places_reversed", "first and last")
        return columns


class XlsxEntry(TomlEntry):
    """A workbook."""

    kind: Literal["xlsx"]
    sheets: dict[str, str] = Field(default_factory=dict)
    header_row: Annotated[int, Field(strict=True, ge=1)] = 1
    header_rows: Rows = 1
    merged: Literal["", "repeat"] = ""


class JsonEntry(TomlEntry):
    """A JSON document."""

    kind: Literal["json"]
    lists: dict[str, str] = Field(default_factory=dict)
    lines: StrictBool = False
    spread: tuple[str, ...] = ()
    named: dict[str, Annotated[tuple[str, ...], Field(min_length=2)]] = Field(default_factory=dict)
    above: tuple[str, ...] = ()
    addresses: tuple[Annotated[tuple[str, ...], Field(min_length=1)], ...] = ()
    lasting: tuple[str, ...] = ()
    refers: str = "reference"
    types: str = ""
    says: dict[str, Words] = Field(default_factory=dict)


class XmlEntry(TomlEntry):
    """An XML document."""

    kind: Literal["xml"]
    rows: dict[str, str] = Field(default_factory=dict)
    above: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    namespaces: tuple[str, ...] = ()
    says: dict[str, Words] = Field(default_factory=dict)


AnyDialect = Annotated[CsvEntry | FixedEntry | XlsxEntry | JsonEntry | XmlEntry, Field(discriminator="kind")]


Values = Annotated[
    tuple[str, ...], Field(min_length=1), BeforeValidator(lambda raw: raw if isinstance(raw, list) else [raw])
]
"""Texts, or the only one without the brackets of a list; an empty one is a cell that is empty."""
_TESTS = ("equals", "other_than", "begins", "filled", "values")


class WhereEntry(TomlEntry):
    """A condition on rows: one test of one column, or of several of which one is enough."""

    column: Name
    also: tuple[Name, ...] = ()
    equals: Values = ()
    other_than: Values = ()
    begins: Values = ()
    filled: StrictBool | None = None
    values: Annotated[tuple[str, ...], Field(min_length=1)] = ()
    negated: StrictBool = False

    @model_validator(mode="after")
    def _check_tests(self) -> WhereEntry:
        """Refuse none, and several: nobody could say which of them decides."""
        said = [name for name in _TESTS if name in self.model_fields_set]
        if len(said) != 1 or (self.negated and said != ["values"]):
            raise PydanticCustomError("condition_unclear", "one test")
        return self

    def make_condition(self) -> Where:
        """Make the condition."""
        if self.filled is not None:
            return Where(self.column, (), negated=not self.filled, holding="filled", also=self.also)
        if self.begins:
            return Where(self.column, self.begins, holding="begins", also=self.also)
        negated = self.negated or bool(self.other_than)
        return Where(self.column, self.equals or self.other_than or self.values, negated, also=self.also)


class TableEntry(TomlEntry):
    """How rows become records of one contract, field by field."""

    contract: Name
    # A field with one converter is written without the brackets of a list.
    fields: dict[
        str, Annotated[tuple[AnySpec, ...], BeforeValidator(lambda raw: raw if isinstance(raw, list) else [raw])]
    ]
    member: str = ""
    each: tuple[Name, ...] = ()
    where: tuple[WhereEntry, ...] = ()
    required: tuple[str, ...] = ()
    waived: dict[str, Name] = Field(default_factory=dict)
    carried: tuple[str, ...] = ()
    optional: tuple[Name, ...] = ()
    cut: dict[Name, Words] = Field(default_factory=dict)
    glue: dict[Name, Words] = Field(default_factory=dict)
    within: str = ""
    becomes: str = ""
    deleted: tuple[WhereEntry, ...] = ()


class ScopeEntry(TomlEntry):
    """Rows that are left out on purpose."""

    fr: Name
    en: Name
    member: str = ""
    where: tuple[WhereEntry, ...] = ()
    optional: tuple[Name, ...] = ()
    is_error: bool = False


class AccessEntry(TomlEntry):
    """How to get into an API."""

    scheme: Literal["none", "bearer", "oauth2", "basic", "header"] = "none"
    token_path: str = ""
    header: str = "Authorization"
    per_second: Annotated[float, Field(gt=0)] = 10.0
    in_flight: Annotated[int, Field(strict=True, ge=1)] = 4


class SendEntry(TomlEntry):
    """How an API takes records."""

    path: Name
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    lot: Annotated[int, Field(strict=True, ge=1)] = 1
    lot_key: Name = "records"
    key_header: Name = "Idempotency-Key"
    delete_path: Annotated[str, Field(pattern=r"^$|\{id\}")] = ""


def _check_pattern(text: str) -> str:
    """Accept a regular expression that compiles."""
    try:
        re.compile(text)
    except re.error:
        raise PydanticCustomError("pattern_invalid", "not a pattern") from None
    return text


PatternText = Annotated[str, AfterValidator(_check_pattern)]


class RowPartEntry(TomlEntry):
    """Records of another contract that stand in the same row."""

    contract: Name
    by: Name
    repeats: StrictBool = False


class RowEntry(TomlEntry):
    """A row that holds records of several contracts."""

    contract: Name
    parts: Annotated[tuple[RowPartEntry, ...], Field(min_length=1)]


class ConnectorEntry(TomlEntry):
    """One layout of the supplier. Tables are named, so that what is wrong with one has a line of its own."""

    title: Name
    dialect: AnyDialect
    table: dict[str, TableEntry]
    out_of_scope: dict[str, ScopeEntry] = Field(default_factory=dict)
    nulls: tuple[str, ...] = ("",)
    nothing: tuple[str, ...] = ()
    unread: dict[str, Name] = Field(default_factory=dict)
    file_name: Words = ()
    access: AccessEntry = AccessEntry()
    send: SendEntry | None = None
    ordered_by: InstantSpec | LocalDateTimeSpec | DateSpec | None = Field(default=None, discriminator="kind")
    absent: Literal["hold", "keep", "empty"] = "hold"
    whole: StrictBool = False
    row: RowEntry | None = None
    needed: dict[str, PatternText] = Field(default_factory=dict)
    ids_ignore_case: StrictBool = False
    ids_ignore_zeros: StrictBool = False


class SupplierEntry(TomlEntry):
    """The whole file."""

    id: Name
    title: Name
    website: str = ""
    extends: str = ""
    connector: Annotated[dict[str, ConnectorEntry], Field(min_length=1)]


_DIALECTS: dict[str, type[Csv | Xlsx | Json | Xml]] = {
    "csv": Csv,
    "fixed": FixedWidth,
    "xlsx": Xlsx,
    "json": Json,
    "xml": Xml,
}


def make_dialect(entry: AnyDialect) -> Dialect:
    """Make the dialect."""
    arguments = entry.to_arguments()
    # `kind` is taken in a description: it says which dialect this is
    if "says" in arguments:
        arguments["kind"] = arguments.pop("says")
    return _DIALECTS[entry.kind](**arguments)


def make_conditions(entries: tuple[WhereEntry, ...]) -> tuple[Where, ...]:
    """Make the conditions."""
    return tuple(entry.make_condition() for entry in entries)


def make_scope(entry: ScopeEntry) -> OutOfScope:
    """Make the rule that leaves rows out."""
    conditions = make_conditions(entry.where)
    return OutOfScope(
        fr=entry.fr,
        en=entry.en,
        member=entry.member,
        where=conditions,
        optional=entry.optional,
        is_error=entry.is_error,
    )


def make_row(entry: RowEntry | None) -> WholeRow | None:
    """Make the description of a row of several contracts, if there is one."""
    if entry is None:
        return None
    parts = (RowPart(contract=part.contract, by=part.by, repeats=part.repeats) for part in entry.parts)
    return WholeRow(contract=entry.contract, parts=tuple(parts))


def make_access(entry: AccessEntry) -> Access:
    """Make the access to the API."""
    return Access(**entry.to_arguments())


def make_send(entry: SendEntry | None) -> Send | None:
    """Make the description of how to send, if there is one."""
    return None if entry is None else Send(**entry.to_arguments())
