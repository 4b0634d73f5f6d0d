"""Kinds of difference that a change of supplier can make: the same for what is predicted and what is observed."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from collections.abc import Mapping


class DifferenceKind(StrEnum):
    """What happened to a record, or to one of its fields."""

    DROPPED = "dropped_record"
    EXTRA = "extra_record"
    DUPLICATE = "duplicate"
    MERGED = "merged_homonyms"
    SWAPPED = "swapped_persons"
    WAITING = "waiting"
    SHIFTED_MONTH = "shifted_month"
    TIME_ZONE = "wrong_time_zone"
    DATE = "changed_date"
    LOST = "lost_attribute"
    ADDED = "added_value"
    NEGATIVE = "negative_versus_unknown"
    TRUNCATED = "truncated_text"
    TEXT = "changed_text"
    CODE = "changed_code"
    ROUNDED = "rounding"
    NUMBER = "changed_number"
    LIST = "changed_list"
    BROKEN = "broken_reference"
    REFERENCE = "changed_reference"
    NOT_TAKEN = "contract_not_taken"
    REFUSED = "record_refused"
    COLUMN = "column_left"
    """Of a connector, not of a contract: the name is that of a column that no field takes."""


KIND_LABELS: Mapping[DifferenceKind, str] = MappingProxyType(
    {
        DifferenceKind.DROPPED: N_("the record is not there"),
        DifferenceKind.EXTRA: N_("the record comes from nowhere"),
        DifferenceKind.DUPLICATE: N_("the record is there twice"),
        DifferenceKind.MERGED: N_("two persons have become one"),
        DifferenceKind.WAITING: N_("it waits for an answer: who is this person in the new software?"),
        DifferenceKind.SWAPPED: N_("two records have exchanged whom they refer to"),
        DifferenceKind.SHIFTED_MONTH: N_("the date is in another month"),
        DifferenceKind.TIME_ZONE: N_("the time is off by a time zone"),
        DifferenceKind.DATE: N_("the date or time is another"),
        DifferenceKind.LOST: N_("the value is not there"),
        DifferenceKind.ADDED: N_("there is a value where there was none"),
        DifferenceKind.NEGATIVE: N_("«no» or «none» and «unknown» are taken for one another"),
        DifferenceKind.TRUNCATED: N_("the text is cut"),
        DifferenceKind.TEXT: N_("the text is another"),
        DifferenceKind.CODE: N_("the code is another"),
        DifferenceKind.ROUNDED: N_("the number or time is rounded"),
        DifferenceKind.NUMBER: N_("the number is another"),
        DifferenceKind.LIST: N_("the list is another"),
        DifferenceKind.BROKEN: N_("the reference leads nowhere"),
        DifferenceKind.REFERENCE: N_("the reference leads to another record"),
        DifferenceKind.NOT_TAKEN: N_("the new software has no place for these records"),
        DifferenceKind.COLUMN: N_("the column stays behind"),
        DifferenceKind.REFUSED: N_("the new software cannot take the record"),
    },
)
"""The sentence of each kind for people."""
