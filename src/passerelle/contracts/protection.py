"""Shorthands for the data subject, sensitivity and purposes of a contract field."""

from __future__ import annotations

from typing import TypedDict

from passerelle.contracts.field_meta import ALL_PURPOSES, DataSubject, Purpose, Sensitivity

__all__ = [
    "ALL_PURPOSES",
    "BILLING",
    "CARE_PURPOSES",
    "EFFECTIVITY",
    "FIGURES",
    "IDENTIFYING",
    "NAMED_PURPOSES",
    "ORDINARY",
    "PAY",
    "PLANNING",
    "PORTABILITY",
    "RIGHTS",
    "SECRET",
    "SPECIAL",
    "STATISTICS",
    "STEERING",
    "SUPPORT",
    "SURVEILLANCE",
    "protect_nobody",
    "protect_organisation",
    "protect_person",
    "protect_related",
    "protect_worker",
    "refer_to_organisation",
]

ORDINARY = Sensitivity.ORDINARY
IDENTIFYING = Sensitivity.IDENTIFYING
SPECIAL = Sensitivity.SPECIAL
SURVEILLANCE = Sensitivity.SURVEILLANCE
SECRET = Sensitivity.SECRET

SUPPORT = Purpose.SUPPORT
PORTABILITY = Purpose.PORTABILITY
"""For what only the organisation itself may take along: private notes."""
PLANNING = Purpose.PLANNING
BILLING = Purpose.BILLING
EFFECTIVITY = Purpose.EFFECTIVITY
RIGHTS = Purpose.RIGHTS
PAY = Purpose.PAY
STEERING = Purpose.STEERING
STATISTICS = Purpose.STATISTICS
FIGURES = (STEERING, STATISTICS)
CARE_PURPOSES = tuple(purpose for purpose in ALL_PURPOSES if purpose is not PAY)
"""All but pay: for records that no pay is made from."""
NAMED_PURPOSES = tuple(purpose for purpose in CARE_PURPOSES if purpose not in FIGURES)
"""Those of them that know whom a record is about: all but the two that are figures."""


class Protection(TypedDict):
    """The part of a field's metadata that decides where it may go."""

    subject: DataSubject
    sensitivity: Sensitivity
    purposes: tuple[Purpose, ...]


class Reference(Protection):
    """The same of a field that refers to another record: whose family is named."""

    reference: str


def protect_person(sensitivity: Sensitivity, *purposes: Purpose) -> Protection:
    """Return the protection of a field about the person accompanied."""
    return Protection(subject=DataSubject.PERSON, sensitivity=sensitivity, purposes=purposes)


def protect_related(sensitivity: Sensitivity, *purposes: Purpose) -> Protection:
    """Return the protection of a field about somebody close to the person accompanied."""
    return Protection(subject=DataSubject.RELATED, sensitivity=sensitivity, purposes=purposes)


def protect_worker(sensitivity: Sensitivity, *purposes: Purpose) -> Protection:
    """Return the protection of a field about a professional, as somebody to protect from surveillance."""
    return Protection(subject=DataSubject.WORKER, sensitivity=sensitivity, purposes=purposes)


def protect_organisation(sensitivity: Sensitivity, *purposes: Purpose) -> Protection:
    """Return the protection of a field about an organisation."""
    return Protection(subject=DataSubject.ORGANISATION, sensitivity=sensitivity, purposes=purposes)


def protect_nobody(sensitivity: Sensitivity, *purposes: Purpose) -> Protection:
    """Return the protection of a field about nobody."""
    return Protection(subject=DataSubject.NONE, sensitivity=sensitivity, purposes=purposes)


def refer_to_organisation(*purposes: Purpose) -> Reference:
    """Return the protection of a field that refers to an organisation, with the reference."""
    return Reference(**protect_organisation(ORDINARY, *purposes), reference="organisation")
