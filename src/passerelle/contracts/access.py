"""What of a record somebody reads who asks for their own data (RGPD 15): one total function, from the field's metadata.

Their own data goes to them whole; that of others in the same record does not (RGPD 15, paragraph 4). Of a professional
a person reads what the release matrix would let an outside partner of their support have, and never who it is.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import DataSubject, Purpose, RecipientKind, Sensitivity
from passerelle.contracts.release import Way, find_release

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.field_meta import FieldMeta

ASKERS: Mapping[str, DataSubject] = MappingProxyType(
    {"person": DataSubject.PERSON, "related_contact": DataSubject.RELATED, "professional": DataSubject.WORKER}
)
"""Who may ask, by the entity of their reference."""
_OWNERS: Mapping[str, DataSubject] = MappingProxyType({**ASKERS, "organisation": DataSubject.ORGANISATION})
_SHARED = frozenset({"identifiers", "extra"})
"""Fields of every contract: whose data they hold, the contract says and not the field."""
_OF_THE_CHAIN = frozenset({"ref", "source", "confirmed_none", "sha256", "media_type"})
_NAMES_OTHERS = frozenset({("note", "author"), ("document", "author"), ("interaction", "contact_person")})
"""Texts beside a person's own data in which somebody else stands by name: their description says so."""


class Showing(StrEnum):
    """What becomes of a field in the answer to who asked."""

    OPEN = "open"
    NUMBERED = "numbered"
    """A professional's reference: «professional 1», the same through one answer."""
    PROFESSIONAL = "professional"
    """Withheld: it is a professional's."""
    OTHERS = "others"
    """Withheld: it is another person's."""
    RESERVED = "reserved"
    """Withheld: under professional secrecy, reserved to who wrote it."""
    UNDESCRIBED = "undescribed"
    """Withheld: columns that no contract holds; nobody has judged whom they are about."""
    TECHNICAL = "technical"
    """Left out: it says nothing of anybody (a reference, a digest)."""


def find_subject(contract: type[Contract], field_name: str) -> DataSubject:
    """Return whose data a field is; of fields that every contract has, the contract says it."""
    meta, about = contract.describe_fields()[field_name], contract.about
    if field_name not in _SHARED:
        return meta.subject
    return _OWNERS.get(about.family, DataSubject.PERSON if about.person else DataSubject.NONE)


@cache
def find_showing(contract: type[Contract], field_name: str, asker: DataSubject) -> Showing:
    """Return what becomes of a field in the answer to who asked. Total: an unknown field is another person's."""
    meta = contract.describe_fields().get(field_name)
    if meta is None:
        return Showing.OTHERS
    if (left_out := _find_left_out(field_name, meta)) is not None:
        return left_out
    if meta.reference == "professional":
        if asker is DataSubject.WORKER:
            return Showing.TECHNICAL
        way = find_release(contract, field_name, Purpose.SUPPORT, RecipientKind.PARTNER).way
        return Showing.PROFESSIONAL if way is Way.NEVER else Showing.NUMBERED
    if asker is DataSubject.WORKER:
        return Showing.OPEN if find_subject(contract, field_name) is asker else Showing.OTHERS
    return _show_to_person(contract, field_name, meta, asker)


def _find_left_out(field_name: str, meta: FieldMeta) -> Showing | None:
    """Return why nobody who asks reads a field, whoever they are; None when it depends on who asks."""
    if meta.sensitivity is Sensitivity.SECRET:
        return Showing.RESERVED
    if field_name == "extra":
        return Showing.UNDESCRIBED
    is_number = bool(meta.reference) and meta.reference != "professional"
    return Showing.TECHNICAL if is_number or field_name in _OF_THE_CHAIN else None


def _show_to_person(contract: type[Contract], field_name: str, meta: FieldMeta, asker: DataSubject) -> Showing:
    # The record of somebody else is theirs as a whole: of a contact, even the organisation that they work for.
    owner = _OWNERS.get(contract.about.family, DataSubject.PERSON)
    if owner is not asker and (owner is not DataSubject.PERSON or asker is not DataSubject.PERSON):
        return Showing.PROFESSIONAL if owner is DataSubject.WORKER else Showing.OTHERS
    subject = find_subject(contract, field_name)
    if subject is DataSubject.WORKER:
        release = find_release(contract, field_name, Purpose.SUPPORT, RecipientKind.PARTNER)
        is_open = release.way is Way.OPEN and meta.sensitivity is Sensitivity.ORDINARY
        return Showing.OPEN if is_open else Showing.PROFESSIONAL
    if subject not in (asker, DataSubject.ORGANISATION, DataSubject.NONE):
        return Showing.OTHERS
    return Showing.OTHERS if (contract.about.family, field_name) in _NAMES_OTHERS else Showing.OPEN
