"""Types of contract fields. Each carries its own shape, so that model, schema and fast path agree.

Every type has one canonical JSON form; what a converter produces is already canonical, and validation checks it
without changing it.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from passerelle.vocabulary.light_dataclass import dataclass

# 40 characters for the system, 30 for the entity, 160 for the local id: 232 with both colons.
URN = r"^[a-z0-9][a-z0-9_.-]{0,39}:[a-z][a-z_]{0,29}:[!-~]{1,160}$"
DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
PARTIAL_DAY = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
# Offsets of time zones end at +14:00.
INSTANT = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\+(0[0-9]|1[0-4]):[0-5][0-9]|-((0[1-9]|1[0-4]):[0-5][0-9]|00:(0[1-9]|[1-5][0-9])))$"
)
"""Without `-00:00`: it would be written back as `+00:00`, and RFC 3339 gives it another meaning (offset unknown)."""
AMOUNT = r"^(0|-?[1-9][0-9]{0,8}|-?0)\.[0-9]{2}$"
QUANTITY = r"^(0|[1-9][0-9]{0,6})(\.[0-9]{1,3})?$"
DIGEST = r"^[0-9a-f]{64}$"
# XML 1.0 forbids these control characters; U+FFFD is what a decoder leaves of bytes that it could not read.
TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]*$"


class FieldKind(StrEnum):
    """Closed list of the shapes of a field, on which the fast path, the schemas and the templates depend."""

    TEXT = "text"
    URN = "urn"
    DAY = "day"
    PARTIAL_DAY = "partial_day"
    INSTANT = "instant"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    INTEGER = "integer"
    FLAG = "flag"
    WORD = "word"
    """One of our own small closed lists (a Literal)."""
    OBJECT = "object"
    LIST = "list"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a value, as annotation metadata. Bounds are in the type's own unit."""

    kind: FieldKind
    pattern: str = ""
    min_length: int = 0
    max_length: int = 0
    minimum: int | None = None
    maximum: int | None = None
    reading_max_length: int = 0
    """Declared head-room of the reading profile: how long a value readers must be ready for."""


def _match_pattern(pattern: str, what: type, build: Any) -> Any:
    """Accept the canonical text (or the Python object itself) and nothing else."""
    # `$` also matches before a last line break in Python; `\Z` is the end, as in ECMA-262.
    compiled = re.compile(pattern.removesuffix("$") + r"\Z")

    def match(value: object) -> object:
        if isinstance(value, what) and not isinstance(value, str):
            return value
        if not isinstance(value, str) or not compiled.match(value):
            message = "pattern"
            raise ValueError(message)
        return build(value)

    return BeforeValidator(match)


def _make_text_shape(minimum: int, maximum: int) -> Any:
    return Shape(FieldKind.TEXT, TEXT, minimum, maximum, reading_max_length=maximum * 2)


Text = Annotated[str, Field(strict=True, min_length=1, max_length=255, pattern=TEXT), _make_text_shape(1, 255)]
"""A short text on one or several lines, without control characters."""

LongText = Annotated[str, Field(strict=True, min_length=1, max_length=20000, pattern=TEXT), _make_text_shape(1, 20000)]
"""A narrative."""

Word = Annotated[str, Field(strict=True, min_length=1, max_length=64, pattern=TEXT), _make_text_shape(1, 64)]
"""A code, a number, an id: something people copy."""

Urn = Annotated[str, Field(strict=True, pattern=URN), Shape(FieldKind.URN, URN, 1, 232)]
"""`<source system>:<entity>:<local id>`, the local id in printable ASCII (other characters percent-encoded)."""

Day = Annotated[
    date,
    _match_pattern(DAY, date, date.fromisoformat),
    PlainSerializer(date.isoformat, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DAY}),
    Shape(FieldKind.DAY, DAY, 10, 10),
]
"""A calendar day, `2024-12-31`."""

PartialDay = Annotated[str, Field(strict=True, pattern=PARTIAL_DAY), Shape(FieldKind.PARTIAL_DAY, PARTIAL_DAY, 4, 10)]
"""A day of which only the year, or the year and month, may be known: `1947`, `1947-04`, `1947-04-03`."""

Instant = Annotated[
    datetime,
    _match_pattern(INSTANT, datetime, datetime.fromisoformat),
    PlainSerializer(datetime.isoformat, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT}),
    Shape(FieldKind.INSTANT, INSTANT, 25, 25),
]
"""A moment with its offset, to the second: `2024-12-31T08:00:00+01:00`."""

Amount = Annotated[
    Decimal,
    _match_pattern(AMOUNT, Decimal, Decimal),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": AMOUNT}),
    Shape(FieldKind.AMOUNT, AMOUNT, 4, 14),
]
"""Euros with two decimals, as text: `-12.50`."""

Quantity = Annotated[
    Decimal,
    _match_pattern(QUANTITY, Decimal, Decimal),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": QUANTITY}),
    Shape(FieldKind.QUANTITY, QUANTITY, 1, 11),
]
"""A measured quantity with at most three decimals, as text: `1.75`."""

# 527,040 minutes are 366 days.
Minutes = Annotated[
    int,
    Field(strict=True, ge=0, le=527_040),
    Shape(FieldKind.INTEGER, minimum=0, maximum=527_040),
]
"""A duration in whole minutes, at most a year."""

Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000), Shape(FieldKind.INTEGER, minimum=0, maximum=1_000_000)]

Size = Annotated[
    int,
    Field(strict=True, ge=0, le=1_000_000_000_000),
    Shape(FieldKind.INTEGER, minimum=0, maximum=1_000_000_000_000),
]
"""A size in bytes, at most a terabyte."""

Flag = Annotated[bool, Field(strict=True), Shape(FieldKind.FLAG)]


class Part(BaseModel):
    """An object inside a record: closed, frozen, strict."""

    # `hide_input_in_errors`: an error of pydantic must not carry a value into a log.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)


class Coded(Part):
    """A coded value: what the list says, and the supplier's own word, which is never overwritten."""

    code: Word | None = None
    system: Text | None = None
    """Whose list: a URI, or the name of one of our nomenclatures."""
    label: Text | None = None
    original: Text | None = None

    @model_validator(mode="after")
    def _require_code_or_original(self) -> Coded:
        if self.code is None and self.original is None:
            message = "code_or_original"
            raise ValueError(message)
        return self


class Identifier(Part):
    """A number that names somebody or something in a system."""

    system: Word
    """`nir`, `ins`, `finess`, `siret`, `caf`, `france_travail` … or the supplier's name for a local number."""
    value: Word
    use: Word | None = None


class Telecom(Part):
    """A way to reach somebody."""

    kind: Literal["phone", "mobile", "fax", "email", "url", "other"]
    value: Text
    use: Word | None = None


class Address(Part):
    """A postal address, after AFNOR NF Z10-011."""

    # AFNOR NF Z10-011 gives an address six lines.
    lines: list[Text] = Field(default_factory=list, max_length=6)
    postcode: Word | None = None
    city: Text | None = None
    commune: Word | None = None
    """COG code, five characters."""
    country: Word | None = None
    """ISO 3166-1, two letters."""
    use: Word | None = None


class Provenance(Part):
    """Where a record comes from. Added by the pipeline, never by a mapping."""

    supplier: Word
    connector: Word
    connector_version: Word
    parcel: Annotated[str, Field(strict=True, pattern=DIGEST), Shape(FieldKind.TEXT, DIGEST, 64, 64)]
    row: Count
    """First line (or ordinal) in the parcel."""
    received_at: Instant
    unsaid: Annotated[list[Word], Field(max_length=200)] | None = None
    """Fields that the parcel says nothing of: what a receiver has of them stays as it is."""
