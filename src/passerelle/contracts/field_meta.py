"""Metadata of one contract field: titles, data subject, sensitivity, purposes, origin in a standard."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import Any

from pydantic import Field

from passerelle.vocabulary.light_dataclass import dataclass


class DataSubject(StrEnum):
    """Whose data a field is."""

    PERSON = "person"
    RELATED = "related"
    """Somebody close to the person: family, guardian, contact."""
    WORKER = "worker"
    """The professional, as somebody to protect from surveillance."""
    ORGANISATION = "organisation"
    NONE = "none"


class Sensitivity(StrEnum):
    """How much harm a field can do in the wrong hands."""

    ORDINARY = "ordinary"
    IDENTIFYING = "identifying"
    SPECIAL = "special"
    """Special category of data, RGPD article 9."""
    SURVEILLANCE = "surveillance"
    """Traces of a worker's movements or pace."""
    SECRET = "secret"  # noqa: S105  a kind of sensitivity, not a password
    """Under professional secrecy: reserved to the professional who wrote it (code pénal, 226-13)."""


class Purpose(StrEnum):
    """What a flow is for. A field is delivered only to the purposes that its contract names."""

    SUPPORT = "support"
    """Accompagnement: the work with the person."""
    PLANNING = "planning"
    """Who goes where and when."""
    BILLING = "billing"
    """Invoices and payment."""
    EFFECTIVITY = "effectivity"
    """Contrôle d'effectivité: the payer checks that the help was given."""
    RIGHTS = "rights"
    """Access to rights and benefits."""
    PAY = "pay"
    """Paie: what professionals are paid, and paid back, for their work."""
    STEERING = "steering"
    """Figures of the activity for those who direct it, without names: no row leads to a person or a professional."""
    STATISTICS = "statistics"
    """Figures for the public or an authority, without names, coarser than those of steering."""
    PORTABILITY = "portability"
    """The organisation takes its own data along: change of supplier, archive. Everything goes."""


ALL_PURPOSES = tuple(Purpose)
FIGURES = frozenset({Purpose.STEERING, Purpose.STATISTICS})
"""Purposes of counting: no row of theirs leads to a person or a professional."""


class RecipientKind(StrEnum):
    """What a recipient is to the organisation (RGPD 4, points 7 to 10)."""

    SELF = "self"
    """The organisation itself: its archive, its own next software."""
    PROCESSOR = "processor"
    """Somebody who works on its behalf, under a contract (RGPD 28): a host, an office that makes the pay."""
    PAYER = "payer"
    """Who pays for the help: a département, a fund, a mutual insurance."""
    AUTHORITY = "authority"
    """A public authority that is no payer."""
    PARTNER = "partner"
    """Another organisation, which decides for itself what it does with the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation:
    """How a field leaves: announced at least 12 months ahead, with what stands in for it."""

    since: str
    """Version that announces it: `1.2.0`."""
    until: str
    """First day on which a later major version may be without it: `2028-01-01`."""
    replacement: str
    """The field of the same contract that takes over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMeta:
    """Metadata of one field. Everything people read is there in French (`fr_…`) and in English (`en_…`)."""

    fr_title: str
    en_title: str
    fr: str
    """What it is, in one French sentence."""
    en: str
    example: Any
    subject: DataSubject
    sensitivity: Sensitivity
    purposes: tuple[Purpose, ...]
    """Those that need it; PORTABILITY is always added."""
    origin: str = ""
    """Standard and path it comes from: `TDDUI Usager.nomNaissance`, `ESPPADOM DELIVERY ShipFrom/ID` …"""
    withheld_from: tuple[RecipientKind, ...] = ()
    """Recipients that never have it, whatever the purpose: what the rules of `contracts.release` do not say."""
    key: bool = False
    reference: str = ""
    """For a field that refers to another record: the contract family (`person`)."""
    codes: str = ""
    """Code list (name of a file of `nomenclatures/`)."""
    open_codes: bool = True
    """Open list: an unknown code is kept, and warned about."""
    unit: str = ""
    deprecated: Deprecation | None = None

    def serves(self, purpose: Purpose) -> bool:
        """Whether a flow with this purpose may carry the field."""
        return purpose is Purpose.PORTABILITY or purpose in self.purposes


def declare_field(default: Any = None, **about: Any) -> Any:
    """Declare a contract field with its metadata. The default is None; `...` makes the field required."""
    entry = FieldMeta(**about)
    return Field(
        default,
        title=entry.fr_title,
        description=entry.fr,
        examples=[entry.example],
        # Plain data, because pydantic copies it into the schema.
        json_schema_extra={"passerelle": asdict(entry)},
    )
