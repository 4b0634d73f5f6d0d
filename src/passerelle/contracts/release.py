"""What of a field a recipient may have, for a purpose: one total function. What no rule names never goes.

The rules are few, and read the field's own metadata: whose data, how sensitive, for which purposes, which kind of
value. What is particular to a field stands beside it (`withheld_from`). Widening what they give is a breaking change:
`contracts/release-matrix.csv` holds every answer.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from passerelle.contracts.field_meta import FIGURES, DataSubject, Purpose, RecipientKind, Sensitivity
from passerelle.contracts.field_types import find_shape, get_item_type, get_model
from passerelle.contracts.types import Coded, FieldKind
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.field_meta import FieldMeta

LEAST = 5
"""People whose records share a combination before figures may show it; records, where they name nobody."""
LEAST_SPECIAL = 11
"""The same where a special category is in it, and for whatever the public may read."""

_SELF, _PROCESSOR, _PAYER, _AUTHORITY, _PARTNER = RecipientKind
_OWN = frozenset({_SELF, _PROCESSOR})
RECIPIENTS: Mapping[Purpose, frozenset[RecipientKind]] = MappingProxyType(
    {
        Purpose.SUPPORT: _OWN | {_PARTNER, _AUTHORITY},
        Purpose.PLANNING: _OWN | {_PARTNER},
        Purpose.BILLING: _OWN | {_PAYER, _AUTHORITY},
        Purpose.EFFECTIVITY: _OWN | {_PAYER, _AUTHORITY},
        Purpose.RIGHTS: frozenset(RecipientKind),
        Purpose.PAY: _OWN | {_AUTHORITY},
        Purpose.STEERING: frozenset(RecipientKind),
        Purpose.STATISTICS: frozenset(RecipientKind),
        Purpose.PORTABILITY: _OWN,
    }
)
"""Who can have anything at all for a purpose: a payer has no part in pay, a partner none in invoices."""

_TRACED = frozenset({Purpose.PAY, Purpose.BILLING, Purpose.EFFECTIVITY})
"""Purposes that may need traces of work; the works council has to be consulted before."""
_CODED_KINDS = frozenset(
    {FieldKind.WORD, FieldKind.FLAG, FieldKind.INTEGER, FieldKind.QUANTITY, FieldKind.AMOUNT, FieldKind.OBJECT}
)
"""Kinds of value that can be counted; a text cannot, for nobody knows what it holds."""
Step = Literal["", "day", "week", "band"]
_STEPS: Mapping[FieldKind, Step] = MappingProxyType(
    {FieldKind.INSTANT: "day", FieldKind.DAY: "week", FieldKind.PARTIAL_DAY: "band"}
)
_PUBLIC_STEPS: Mapping[FieldKind, Step] = MappingProxyType({**_STEPS, FieldKind.INSTANT: "week"})
"""What days and moments are made coarse to: for those who direct the work, and for everybody else."""


class Way(StrEnum):
    """How a value goes, the narrowest last."""

    OPEN = "open"
    PSEUDONYM = "pseudonym"
    """A reference, as a handle of this recipient and purpose."""
    COARSE = "coarse"
    """A day or moment, as the beginning of its day, week or band of years."""
    AGGREGATE = "aggregate"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Release:
    """What becomes of a value on its way to a recipient."""

    way: Way
    step: Step = ""
    """What a day or moment is made coarse to."""
    least: int = 0
    """People in a batch whose records have to share it, together with other such fields, or it stays empty; 0: none."""

    def __str__(self) -> str:
        """`aggregate(5)`, `coarse(week, 5)`, `never`."""
        within = ", ".join(part for part in (self.step, str(self.least or "")) if part)
        return f"{self.way}({within})" if within else str(self.way)

    def is_within(self, other: Release) -> bool:
        """Whether no more goes this way than the other way."""
        if self.way is Way.NEVER or other.way is Way.OPEN:
            return True
        steps = ("", "day", "week", "band")
        is_coarser = steps.index(self.step) >= steps.index(other.step)
        return self.way is other.way and is_coarser and self.least >= other.least


OPEN = Release(Way.OPEN)
PSEUDONYM = Release(Way.PSEUDONYM)
NEVER = Release(Way.NEVER)


class Condition(StrEnum):
    """What the processing of a flow has to state before a field goes."""

    CONSULTATION = "consultation"
    """The day on which the works council was consulted (code du travail, L. 2312-38)."""
    GROUND = "ground"
    """The ground of RGPD 9, paragraph 2."""


@cache
def find_release(
    contract: type[Contract], field_name: str, purpose: Purpose | str, recipient_kind: RecipientKind | str
) -> Release:
    """Return what of a field goes to a kind of recipient for a purpose. Total: what nothing allows is NEVER."""
    # Words from elsewhere may be no purpose and no kind: they allow nothing, and raise nothing.
    if purpose not in tuple(Purpose) or recipient_kind not in tuple(RecipientKind):
        return NEVER
    meta = contract.describe_fields().get(field_name)
    if meta is None or not _may_go(field_name, meta, Purpose(purpose), RecipientKind(recipient_kind)):
        return NEVER
    if purpose in FIGURES:
        return _find_figure_release(contract, field_name, meta, is_public=purpose == Purpose.STATISTICS)
    return PSEUDONYM if purpose != Purpose.PORTABILITY and _is_reference(contract, field_name) else OPEN


def _may_go(field_name: str, meta: FieldMeta, purpose: Purpose, recipient_kind: RecipientKind) -> bool:
    """Whether a field goes to a kind of recipient for a purpose at all, in whatever form."""
    if recipient_kind not in RECIPIENTS[purpose] or recipient_kind in meta.withheld_from:
        return False
    if purpose is Purpose.PORTABILITY:
        return True
    # Nobody has judged what is in `extra`: its columns go by name, when they are described.
    if field_name == "extra" or purpose not in meta.purposes or meta.sensitivity is Sensitivity.SECRET:
        return False
    return meta.sensitivity is not Sensitivity.SURVEILLANCE or may_be_traced(purpose, recipient_kind)


def find_condition(
    contract: type[Contract], field_name: str, purpose: Purpose, recipient_kind: RecipientKind
) -> Condition | None:
    """Return what has to be stated before a field goes; None when nothing has to, or when it never goes."""
    if purpose == Purpose.PORTABILITY or find_release(contract, field_name, purpose, recipient_kind) == NEVER:
        return None
    sensitivity = contract.describe_fields()[field_name].sensitivity
    if sensitivity is Sensitivity.SURVEILLANCE:
        return Condition.CONSULTATION
    return Condition.GROUND if sensitivity is Sensitivity.SPECIAL else None


def may_be_traced(purpose: Purpose, recipient_kind: RecipientKind) -> bool:
    """Whether traces of work may serve a purpose: outside the organisation, only the proof that help was given."""
    return purpose in _TRACED and (recipient_kind in _OWN or purpose is Purpose.EFFECTIVITY)


def _find_figure_release(contract: type[Contract], field_name: str, meta: FieldMeta, *, is_public: bool) -> Release:
    """Return what figures may have: nothing that names, links or tells; coded values and coarse days, in groups."""
    # A line number links the records of a line; names of empty fields tell of the fields.
    if field_name in ("source", "confirmed_none"):
        return NEVER
    kind = _find_kind(contract, field_name)
    if meta.key or (kind is FieldKind.URN and _is_about_organisations(contract)):
        return PSEUDONYM
    if _is_about_organisations(contract):
        return OPEN
    least = LEAST_SPECIAL if is_public or meta.sensitivity is Sensitivity.SPECIAL else LEAST
    if kind is FieldKind.URN:
        return Release(Way.PSEUDONYM, least=least) if meta.reference == "organisation" else NEVER
    if kind in _STEPS:
        return Release(Way.COARSE, _STEPS[kind] if not is_public else _PUBLIC_STEPS[kind], least)
    return Release(Way.AGGREGATE, least=least) if _can_be_counted(contract, field_name, kind) else NEVER


def _find_kind(contract: type[Contract], field_name: str) -> FieldKind:
    info = contract.model_fields[field_name]
    return find_shape(info.annotation, tuple(info.metadata)).kind


def _is_reference(contract: type[Contract], field_name: str) -> bool:
    """Whether a field holds references, one or several."""
    kind = _find_kind(contract, field_name)
    items = contract.model_fields[field_name].annotation if kind is FieldKind.LIST else None
    return kind is FieldKind.URN or (items is not None and find_shape(get_item_type(items)).kind is FieldKind.URN)


def _can_be_counted(contract: type[Contract], field_name: str, kind: FieldKind) -> bool:
    """Whether a field holds codes, numbers or words of ours, and no free text; of an object, only a code is one."""
    annotation = contract.model_fields[field_name].annotation
    if kind is FieldKind.LIST:
        annotation = get_item_type(annotation)
        kind = find_shape(annotation).kind
    return kind in _CODED_KINDS and (kind is not FieldKind.OBJECT or get_model(annotation) is Coded)


@cache
def _is_about_organisations(contract: type[Contract]) -> bool:
    """Whether no field of a contract is about a person: then nobody can be found out by it."""
    shared = ("identifiers", "extra")
    fields = contract.describe_fields().items()
    return not contract.about.person and all(
        meta.subject in (DataSubject.ORGANISATION, DataSubject.NONE) for name, meta in fields if name not in shared
    )
