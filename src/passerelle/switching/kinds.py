"""Kinds of difference that a change of supplier can make: the same for what is predicted and what is observed."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.vocabulary.language import N_

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """What happened to a record, or to one of its fields."""

    DROPPED = "dropped_record"
    EXTRA = "extra_record"
    DUPLICATE = "duplicate"
    MERGED = "merged_homonyms"
    SWAPPED = "swapped_persons"
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


WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.DROPPED: N_("the record is not there"),
        Kind.EXTRA: N_("the record comes from nowhere"),
        Kind.DUPLICATE: N_("the record is there twice"),
        Kind.MERGED: N_("two persons have become one"),
        Kind.SWAPPED: N_("two records have exchanged whom they refer to"),
        Kind.SHIFTED_MONTH: N_("the date is in another month"),
        Kind.TIME_ZONE: N_("the time is off by a time zone"),
        Kind.DATE: N_("the date or time is another"),
        Kind.LOST: N_("the value is not there"),
        Kind.ADDED: N_("there is a value where there was none"),
        Kind.NEGATIVE: N_("«no» or «none» and «unknown» are taken for one another"),
        Kind.TRUNCATED: N_("the text is cut"),
        Kind.TEXT: N_("the text is another"),
        Kind.CODE: N_("the code is another"),
        Kind.ROUNDED: N_("the number or time is rounded"),
        Kind.NUMBER: N_("the number is another"),
        Kind.LIST: N_("the list is another"),
        Kind.BROKEN: N_("the reference leads nowhere"),
        Kind.REFERENCE: N_("the reference leads to another record"),
        Kind.NOT_TAKEN: N_("the new software has no place for these records"),
        Kind.REFUSED: N_("the new software cannot take the record"),
    },
)
"""The sentence of each kind for people."""
