"""What `passerelle.toml` says of the processing of a flow: recipient, basis, retention, information, consultation."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from passerelle.contracts.field_meta import DataSubject, Purpose, RecipientKind, Sensitivity
from passerelle.contracts.processing import (
    NARROWEST_RECIPIENT,
    Basis,
    Controller,
    Processing,
    Processor,
    Recipient,
    Retention,
)
from passerelle.contracts.release_policy import ExtraColumn
from passerelle.engine.settings.setting_values import Country, Name, SettingsTable, Whole

if TYPE_CHECKING:
    from collections.abc import Mapping


def _read_day(value: object) -> object:
    """Read a day of TOML, or the same in quotes: both are written by people."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _refuse_day()
    except ValueError:
        return _refuse_day()


def _refuse_day() -> object:
    raise PydanticCustomError("day", "not a day")


SettingDay = Annotated[date, BeforeValidator(_read_day)]
DayCount = Annotated[Whole, Field(ge=1, le=36_500)]


class RecipientSettings(SettingsTable):
    """Who receives the records."""

    kind: RecipientKind | None = None
    """None: the narrowest kind that the purpose can have."""
    name: str = ""
    country: Country = ""
    secrecy: str = ""


class CategorySettings(SettingsTable):
    """Days of one category of data; a table, so that a category that does not exist is told as a key."""

    ordinary: DayCount | None = None
    identifying: DayCount | None = None
    special: DayCount | None = None
    surveillance: DayCount | None = None
    secret: DayCount | None = None

    def describe(self) -> dict[Sensitivity, int]:
        """Return the categories that are said, by sensitivity."""
        return {level: days for level in Sensitivity if (days := getattr(self, level.value)) is not None}


class RetentionSettings(SettingsTable):
    """How long records are kept at the recipient and here, and what becomes of them then."""

    recipient_days: DayCount | None = None
    here_days: DayCount | None = None
    then: Literal["", "erase", "archive"] = ""
    categories: CategorySettings = Field(default_factory=CategorySettings.model_construct)
    """Days at the recipient of one category of data, where they are other than `recipient_days`."""


class ProcessorSettings(SettingsTable):
    """Somebody who works on the organisation's behalf."""

    name: Name
    task: str = ""
    country: Country = ""


class ControllerSettings(SettingsTable):
    """The table `[controller]`; what each means is said at `Controller`."""

    name: str = ""
    address: str = ""
    contact: str = ""
    representative: str = ""
    dpo: str = ""
    dpo_contact: str = ""
    measures: str = ""

    def describe(self) -> Controller:
        """Return the controller, without the spaces that people leave around words."""
        return Controller(**{name: getattr(self, name).strip() for name in type(self).model_fields})


class ExtraColumnSettings(SettingsTable):
    """A column that no contract field holds, described as a field is: whose data, how sensitive, for what."""

    title: Name
    subject: DataSubject
    sensitivity: Sensitivity
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1)]

    def describe(self) -> ExtraColumn:
        """Return the column as the rules of release read it."""
        return ExtraColumn(title=self.title, subject=self.subject, sensitivity=self.sensitivity, purposes=self.purposes)


def describe_columns(deliver_extra: bool | Mapping[str, ExtraColumnSettings]) -> dict[str, ExtraColumn]:  # noqa: FBT001  a setting's value
    """Return the columns that a flow names; a switch names none."""
    columns = {} if isinstance(deliver_extra, bool) else deliver_extra
    return {name: column.describe() for name, column in columns.items()}


class ProcessingSettings(SettingsTable):
    """The processing of one flow. Nothing is required: what is not said narrows what leaves."""

    recipient: RecipientSettings = Field(default_factory=RecipientSettings.model_construct)
    basis: Basis | None = None
    basis_text: str = ""
    special_ground: Literal["", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] = ""
    special_text: str = ""
    retention: RetentionSettings = Field(default_factory=RetentionSettings.model_construct)
    informed_on: SettingDay | None = None
    professionals_informed_on: SettingDay | None = None
    council_consulted_on: SettingDay | None = None
    impact_assessment: str = ""
    reference: str = ""
    in_use_since: SettingDay | None = None
    joint_controllers: tuple[Name, ...] | None = None
    processors: tuple[ProcessorSettings, ...] | None = None
    safeguards: str = ""
    nir_text: str = ""

    def declare(self, purpose: Purpose) -> Processing:
        """Return the processing of a flow with this purpose, completed by the narrowest recipient."""
        recipient, retention = self.recipient, self.retention
        return Processing(
            purpose=purpose,
            is_declared=bool(self.model_fields_set),
            recipient=Recipient(
                kind=recipient.kind or NARROWEST_RECIPIENT[purpose],
                name=recipient.name.strip(),
                country=recipient.country,
                secrecy=recipient.secrecy,
            ),
            basis=self.basis,
            basis_text=self.basis_text,
            special_ground=self.special_ground,
            special_text=self.special_text,
            retention=Retention(
                recipient_days=retention.recipient_days,
                here_days=retention.here_days,
                then=retention.then,
                categories=retention.categories.describe(),
            ),
            informed_on=self.informed_on,
            professionals_informed_on=self.professionals_informed_on,
            council_consulted_on=self.council_consulted_on,
            impact_assessment=self.impact_assessment,
            reference=self.reference,
            in_use_since=self.in_use_since,
            joint_controllers=self.joint_controllers,
            processors=self._describe_processors(),
            safeguards=self.safeguards,
            nir_text=self.nir_text,
        )

    def _describe_processors(self) -> tuple[Processor, ...] | None:
        if self.processors is None:
            return None
        return tuple(Processor(name=one.name, task=one.task, country=one.country) for one in self.processors)
