"""Models of the TOML description of a supplier: the same objects as in Python, less what needs code."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from passerelle.extension.supplier import Access, Send
from passerelle.extension.toml_converters import AnySpec, DateSpec, InstantSpec, LocalDateTimeSpec, Name
from passerelle.stages.decode.dialects import Csv, Dialect, Json, Xlsx, Xml
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


class CsvEntry(TomlEntry):
    """Delimited text."""

    kind: Literal["csv"]
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ";"
    quote: str = '"'
    encoding: str = ""
    skip_lines: Annotated[int, Field(strict=True, ge=0)] = 0
    header: tuple[str, ...] = ()
    members: dict[str, str] = Field(default_factory=dict)


class XlsxEntry(TomlEntry):
    """A workbook."""

    kind: Literal["xlsx"]
    sheets: dict[str, str] = Field(default_factory=dict)
    header_row: Annotated[int, Field(strict=True, ge=1)] = 1
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


AnyDialect = Annotated[CsvEntry | XlsxEntry | JsonEntry | XmlEntry, Field(discriminator="kind")]


class WhereEntry(TomlEntry):
    """A condition on rows."""

    column: Name
    values: Annotated[tuple[str, ...], Field(min_length=1)]
    negated: StrictBool = False


class TableEntry(TomlEntry):
    """How rows become records of one contract, field by field."""

    contract: Name
    # A field with one converter is written without the brackets of a list.
    fields: dict[
        str, Annotated[tuple[AnySpec, ...], BeforeValidator(lambda raw: raw if isinstance(raw, list) else [raw])]
    ]
    member: str = ""
    where: tuple[WhereEntry, ...] = ()
    required: tuple[str, ...] = ()
    waived: dict[str, Name] = Field(default_factory=dict)
    carried: tuple[str, ...] = ()


class ScopeEntry(TomlEntry):
    """Rows that are left out on purpose."""

    fr: Name
    en: Name
    member: str = ""
    where: tuple[WhereEntry, ...] = ()


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


class ConnectorEntry(TomlEntry):
    """One layout of the supplier. Tables are named, so that what is wrong with one has a line of its own."""

    title: Name
    dialect: AnyDialect
    table: dict[str, TableEntry]
    out_of_scope: dict[str, ScopeEntry] = Field(default_factory=dict)
    nulls: tuple[str, ...] = ("",)
    nothing: tuple[str, ...] = ()
    unread: dict[str, Name] = Field(default_factory=dict)
    access: AccessEntry = AccessEntry()
    send: SendEntry | None = None
    ordered_by: InstantSpec | LocalDateTimeSpec | DateSpec | None = Field(default=None, discriminator="kind")
    absent: Literal["hold", "keep", "empty"] = "hold"


class SupplierEntry(TomlEntry):
    """The whole file."""

    id: Name
    title: Name
    website: str = ""
    connector: Annotated[dict[str, ConnectorEntry], Field(min_length=1)]


_DIALECTS: dict[str, type[Csv | Xlsx | Json | Xml]] = {"csv": Csv, "xlsx": Xlsx, "json": Json, "xml": Xml}


def make_dialect(entry: AnyDialect) -> Dialect:
    """Make the dialect."""
    arguments = entry.to_arguments()
    # `kind` is taken in a description: it says which dialect this is
    if "says" in arguments:
        arguments["kind"] = arguments.pop("says")
    return _DIALECTS[entry.kind](**arguments)


def make_conditions(entries: tuple[WhereEntry, ...]) -> tuple[Where, ...]:
    """Make the conditions."""
    return tuple(Where(entry.column, entry.values, entry.negated) for entry in entries)


def make_scope(entry: ScopeEntry) -> OutOfScope:
    """Make the rule that leaves rows out."""
    return OutOfScope(fr=entry.fr, en=entry.en, member=entry.member, where=make_conditions(entry.where))


def make_access(entry: AccessEntry) -> Access:
    """Make the access to the API."""
    return Access(**entry.to_arguments())


def make_send(entry: SendEntry | None) -> Send | None:
    """Make the description of how to send, if there is one."""
    return None if entry is None else Send(**entry.to_arguments())
