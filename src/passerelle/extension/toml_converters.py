"""The converters as a TOML description writes them: one table a converter, `kind` first, checked before it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from passerelle.stages import translate as to

if TYPE_CHECKING:
    from passerelle.stages.translate.converter import Converter

CodeTables = Callable[[str], Mapping[str, str]]
"""Reads the code table of a file that stands beside the description."""

Columns = str | tuple[str, ...]
Name = Annotated[str, Field(min_length=1)]
Year = Annotated[int, Field(strict=True, ge=1000, le=2900)]
Mark = Literal[",", "."]
Codes = Name | dict[str, str]
"""A code table: the name of a CSV file beside the description, or the table itself."""


class Spec(BaseModel):
    """What every converter of a description shares: `kind` says which, the other keys are its own arguments."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    makes: ClassVar[Callable[..., Any]]

    def to_arguments(self) -> dict[str, Any]:
        """Return what was written, without `kind`; what was left out keeps the converter's own default."""
        # Only what was written: defaults live in the converters, in one place.
        return {name: getattr(self, name) for name in self.model_fields_set if name != "kind"}

    def make_converter(self, tables: CodeTables) -> Converter:
        """Make the converter. Raises ValueError when its arguments do not go together."""
        given = self.to_arguments()
        if isinstance(file := given.get("table"), str):
            given["table"] = tables(file)
        made: Converter = self.makes(**given)
        return made


class TextSpec(Spec):
    """A text."""

    makes = to.Text
    kind: Literal["text"]
    column: Name
    max_length: int = 255
    collapse: bool = False


class JoinedSpec(Spec):
    """Several columns as one text."""

    makes = to.Joined
    kind: Literal["joined"]
    columns: tuple[Name, ...]
    separator: str = " "


class ConstantSpec(Spec):
    """The same value for every row."""

    makes = to.Constant
    kind: Literal["constant"]
    value: Any


class CodeSpec(Spec):
    """A coded value."""

    makes = to.Code
    kind: Literal["code"]
    column: Name
    table: Codes | None = None
    system: str = ""
    labels: dict[str, str] | None = None
    closed: bool = False


class WordSpec(Spec):
    """One of our own small closed lists."""

    makes = to.Word
    kind: Literal["word"]
    column: Name
    table: Codes
    default: str = ""


class YesNoSpec(Spec):
    """A flag."""

    makes = to.YesNo
    kind: Literal["yes_no"]
    column: Name
    yes: tuple[Name, ...] = ("Oui",)
    no: tuple[Name, ...] = ("Non",)


class DateSpec(Spec):
    """A calendar day."""

    makes = to.Date
    kind: Literal["date"]
    column: Name
    formats: tuple[Name, ...] = ("%d/%m/%Y",)
    years_from: Year | None = None


class PartialDateSpec(Spec):
    """A day of which the month or the day may be unknown."""

    makes = to.PartialDate
    kind: Literal["partial_date"]
    column: Name
    formats: tuple[Name, ...] = ("%d/%m/%Y",)
    years_from: Year | None = None


class LocalDateTimeSpec(Spec):
    """A local time; two columns: the day and the time of day."""

    makes = to.LocalDateTime
    kind: Literal["local_date_time"]
    column: Name | tuple[Name, Name]
    formats: tuple[Name, ...]
    years_from: Year | None = None
    zone: Name = "Europe/Paris"
    missing: Literal["refuse", "later"] = "refuse"
    twice: Literal["refuse", "earlier", "later"] = "refuse"
    untimed: Literal["refuse", "none"] = "refuse"
    after: str = ""
    same_time: Literal["doubt", "same_day", "next_day", "refuse"] = "doubt"


class InstantSpec(Spec):
    """An ISO 8601 moment with its offset."""

    makes = to.Instant
    kind: Literal["instant"]
    column: Name


class MinutesSpec(Spec):
    """A duration from minutes or decimal hours."""

    makes = to.Minutes
    kind: Literal["minutes"]
    column: Name
    unit: Literal["minutes", "hours"] = "minutes"
    decimal: Mark = ","


class DurationSpec(Spec):
    """A duration in hours and minutes."""

    makes = to.Duration
    kind: Literal["duration"]
    column: Name


class AmountSpec(Spec):
    """Euros."""

    makes = to.Amount
    kind: Literal["amount"]
    column: Name
    decimal: Mark = ","


class NumberSpec(Spec):
    """A quantity."""

    makes = to.Number
    kind: Literal["number"]
    column: Name
    decimal: Mark = ","
    integer: bool = False


class IdentifierSpec(Spec):
    """A number that names somebody."""

    makes = to.Identifier
    kind: Literal["identifier"]
    column: Name
    system: Name
    use: str = ""


class TelecomSpec(Spec):
    """Ways to reach somebody; `of` says of which kind."""

    kind: Literal["telecom"]
    column: Name
    of: Literal["phone", "mobile", "fax", "email", "url", "other"] = "phone"
    use: str = ""
    separators: tuple[Name, ...] = ("/", ";", ",")
    country: str = "33"

    def make_converter(self, tables: CodeTables) -> Converter:  # noqa: ARG002  it looks nothing up
        """Make the converter."""
        given = self.to_arguments()
        # `kind` is taken: in a description it says which converter this is.
        given["kind"] = given.pop("of", "phone")
        return to.Telecom(**given)


class AddressSpec(Spec):
    """A postal address from its columns."""

    makes = to.AddressOf
    kind: Literal["address"]
    lines: tuple[Name, ...]
    postcode: str = ""
    city: str = ""
    commune: str = ""
    country: str = ""
    use: str = ""


class RefSpec(Spec):
    """A reference; `system` is the supplier's id unless it is said."""

    makes = to.Ref
    kind: Literal["ref"]
    column: Name | tuple[Name, ...]
    entity: Name
    system: str = ""
    whole: bool = False
    opaque: StrictBool = False
    """The ids say nothing about anybody: the references leave as they are."""


class FirstOfSpec(Spec):
    """The first of several converters that finds something."""

    kind: Literal["first_of"]
    of: tuple[AnySpec, ...]

    def make_converter(self, tables: CodeTables) -> Converter:
        """Make the converters and choose among them."""
        return to.FirstOf(*(one.make_converter(tables) for one in self.of))


AnySpec = Annotated[
    TextSpec
    | JoinedSpec
    | ConstantSpec
    | CodeSpec
    | WordSpec
    | YesNoSpec
    | DateSpec
    | PartialDateSpec
    | LocalDateTimeSpec
    | InstantSpec
    | MinutesSpec
    | DurationSpec
    | AmountSpec
    | NumberSpec
    | IdentifierSpec
    | TelecomSpec
    | AddressSpec
    | RefSpec
    | FirstOfSpec,
    Field(discriminator="kind"),
]
"""Every converter that needs no Python. `PerRecord` does: a supplier that needs one is described in Python."""

FirstOfSpec.model_rebuild()
