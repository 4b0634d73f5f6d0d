"""The release of every field for one flow: the rules, and what the flow's processing states before a field may go."""

from __future__ import annotations

from dataclasses import field, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import FIGURES, DataSubject, Purpose, RecipientKind, Sensitivity
from passerelle.contracts.processing import NARROWEST_RECIPIENT
from passerelle.contracts.release import (
    NEVER,
    OPEN,
    RECIPIENTS,
    Condition,
    Release,
    find_condition,
    find_release,
    may_be_traced,
)
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.processing import Processing


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraColumn:
    """A column that no contract field holds, described by the organisation as a field would be."""

    title: str
    subject: DataSubject
    sensitivity: Sensitivity
    purposes: tuple[Purpose, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePolicy:
    """What one flow may let go: purpose and recipient, and what its processing states."""

    purpose: Purpose
    recipient_kind: RecipientKind
    is_consulted: bool = False
    """Whether the works council was consulted by the day of the run."""
    has_ground: bool = False
    """Whether special categories rest on something: a stated ground, or settings that are older than the question."""
    columns: Mapping[str, ExtraColumn] = field(default_factory=lambda: MappingProxyType({}))
    """Columns outside the contract that the flow asks for by name."""

    @classmethod
    def of_purpose(cls, purpose: Purpose) -> ReleasePolicy:
        """Return what counts for a flow that declares nothing."""
        return cls(purpose=purpose, recipient_kind=NARROWEST_RECIPIENT[purpose], has_ground=True)

    @classmethod
    def of(cls, processing: Processing, today: date, columns: Mapping[str, ExtraColumn]) -> ReleasePolicy:
        """Return what a processing lets go on a day."""
        return cls(
            purpose=processing.purpose,
            recipient_kind=processing.recipient.kind,
            is_consulted=processing.has_consulted(today),
            # Flows that are older than the question keep what they had, and are told what to state; see `notices`.
            has_ground=bool(processing.special_ground) or not processing.is_declared,
            columns=columns,
        )

    def forget_statements(self) -> ReleasePolicy:
        """Return the same policy as if the processing stated nothing."""
        return replace(self, is_consulted=False, has_ground=False)

    @property
    def is_figures(self) -> bool:
        """Whether the flow counts: then no row of it may lead to anybody."""
        return self.purpose in FIGURES

    @property
    def takes_everything(self) -> bool:
        """Whether the organisation takes its own data along, with what no contract holds."""
        return self.purpose is Purpose.PORTABILITY and self.recipient_kind in RECIPIENTS[self.purpose]

    def find_releases(self, contract: type[Contract]) -> Mapping[str, Release]:
        """Return the release of every field of a contract."""
        return _find_releases(contract, self.purpose, self.recipient_kind, self.is_consulted, self.has_ground)

    def list_held_back(self, contract: type[Contract], condition: Condition) -> list[str]:
        """List the fields that would go if the processing stated what they need."""
        if self.is_consulted if condition is Condition.CONSULTATION else self.has_ground:
            return []
        kinds = (self.purpose, self.recipient_kind)
        return [name for name in contract.list_fields() if find_condition(contract, name, *kinds) is condition]

    def list_columns(self) -> frozenset[str]:
        """List the columns outside the contract that may go by name."""
        return frozenset(name for name, column in self.columns.items() if self.find_column_release(column) == OPEN)

    def find_column_release(self, column: ExtraColumn) -> Release:
        """Return what goes of a column outside the contract: the rules of fields, read from its own description."""
        is_traced = column.sensitivity is Sensitivity.SURVEILLANCE
        is_special = column.sensitivity is Sensitivity.SPECIAL
        may_go = (
            self.recipient_kind in RECIPIENTS[self.purpose]
            # A column is text, and nobody knows what a text holds: figures never have one.
            and not self.is_figures
            and self.purpose in column.purposes
            and column.sensitivity is not Sensitivity.SECRET
            and not (is_traced and not (self.is_consulted and may_be_traced(self.purpose, self.recipient_kind)))
            and not (is_special and not self.has_ground)
        )
        return OPEN if may_go else NEVER


@cache
def _find_releases(
    contract: type[Contract],
    purpose: Purpose,
    recipient_kind: RecipientKind,
    is_consulted: bool,  # noqa: FBT001  a part of the key of the cache
    has_ground: bool,  # noqa: FBT001  a part of the key of the cache
) -> Mapping[str, Release]:
    stated = {Condition.CONSULTATION: is_consulted, Condition.GROUND: has_ground, None: True}
    return MappingProxyType(
        {
            name: find_release(contract, name, purpose, recipient_kind)
            if stated[find_condition(contract, name, purpose, recipient_kind)]
            else NEVER
            for name in contract.list_fields()
        }
    )
