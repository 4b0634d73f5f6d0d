"""Doubts: what a delivered record is warned about, what is done with it, and what a flow may change of that.

A doubt never loses a record. A flow may make one strict (the record is then set aside), or silent, with its reason.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

STAGES = ("decode", "translate", "validate", "deliver")
"""Stages whose warnings a flow may silence."""
_STRICT_STAGES = ("translate", "validate")
"""Stages that know which record a warning is about, so that it can be set aside."""


class Treatment(StrEnum):
    """What is done with what is doubtful."""

    KEPT = "kept"
    """The value is delivered as it was read."""
    UNKNOWN = "unknown"
    """The value is read as unknown; the rest of the record is delivered."""
    RESOLVED = "resolved"
    """A rule of the connector decided on the value that is delivered."""
    PARCEL = "parcel"
    """Only the whole parcel shows it: its records are delivered, and it is told once at the end."""


DOUBTS: Mapping[str, Treatment] = MappingProxyType(
    dict.fromkeys(
        (
            "decode.cell.merged",
            "decode.encoding.assumed",
            "decode.reference.dangling",
            "decode.schema.departed",
            "decode.value.not_text",
            "translate.code.unknown",
            "translate.email.unusual",
            "translate.phone.unusual",
            "validate.assessment.no_assessor",
            "validate.cancellation.unexpected",
            "validate.case.closed_while_open",
            "validate.code.unknown",
            "validate.commune.unknown",
            "validate.contact.nameless",
            "validate.country.unknown",
            "validate.day.future",
            "validate.day.past",
            "validate.day.placeholder",
            "validate.entitlement.closed_without_date",
            "validate.identifier.malformed",
            "validate.identifier.wrong_key",
            "validate.interaction.two_days",
            "validate.invoice.credit_unexpected",
            "validate.invoice.price_mismatch",
            "validate.nir.incoherent",
            "validate.period.reversed",
            "validate.person.nameless",
            "validate.postcode.malformed",
            "validate.postcode.short",
            "validate.record.undated",
            "validate.record.undescribed",
            "validate.request.decided_before_opened",
            "validate.request.granted_unaccepted",
            "validate.request.refusal_unexpected",
            "validate.text.placeholder",
            "validate.text.structured",
            "validate.visit.adjustment_contradicts_stamps",
            "validate.visit.quantity_without_unit",
            "validate.visit.raw_stamps_retained",
            "validate.visit.stamped_end_before_start",
            "validate.visit.stamps_copy_plan",
        ),
        Treatment.KEPT,
    )
    | dict.fromkeys(("translate.identifier.empty", "translate.telecom.empty"), Treatment.UNKNOWN)
    | dict.fromkeys(
        ("translate.duration.rounded", "translate.time.resolved", "translate.word.unknown"), Treatment.RESOLVED
    )
    | dict.fromkeys(
        (
            "decode.document.namespace",
            "decode.document.null_list",
            "decode.encoding.recognised",
            "decode.encoding.second_mark",
            "decode.header.late",
            "decode.header.spelling",
            "decode.member.missing",
            "decode.separator.other",
            "decode.unread.element",
            "decode.unread.list",
            "decode.unread.member",
            "decode.unread.resource",
            "decode.unread.sheet",
            "decode.workbook.unmarked",
            "deliver.value.left",
            "translate.column.absent",
            "translate.column.misdescribed",
            "translate.column.renamed",
            "translate.column.unknown",
            "validate.invoice.lines_differ",
            "validate.nir.shared",
            "validate.ref.shared",
            "validate.reference.unresolved",
        ),
        Treatment.PARCEL,
    )
)
"""By code. A code that is a fault elsewhere (`translate.word.unknown`) is a doubt where the value could be read."""


@dataclass(frozen=True, slots=True)
class DoubtRules:
    """What one flow says of doubts, by code; what it does not name only warns."""

    strict: frozenset[str] = frozenset()
    silent: Mapping[str, str] = field(default_factory=dict)
    """Codes that are not counted, each with the reason that the flow gives."""


WARN_ONLY = DoubtRules()
"""A flow that says nothing of doubts."""


def can_be_silent(code: str) -> bool:
    """Whether a flow may silence this code: warnings only, of a stage of the path."""
    return code.partition(".")[0] in STAGES


def can_be_strict(code: str) -> bool:
    """Whether a flow may set records aside for this doubt: it must be about one record."""
    # A code that is not in the list counts as one of the parcel: nothing becomes strict by being forgotten.
    return code.partition(".")[0] in _STRICT_STAGES and DOUBTS.get(code, Treatment.PARCEL) is not Treatment.PARCEL
