"""Shorthands for the data subject, sensitivity and purposes of a contract field."""

from __future__ import annotations

from typing import TypedDict

from passerelle.contracts.field_meta import ALL_PURPOSES, DataSubject, Purpose, Sensitivity

__all__ = [
    "ALL_PURPOSES",
    "BILLING",
    "EFFECTIVITY",
    "IDENTIFYING",
    "ORDINARY",
    "PLANNING",
    "PORTABILITY",
    "RIGHTS",
    "SPECIAL",
    "STEERING",
    "SUPPORT",
    "SURVEILLANCE",
    "protect_nobody",
    "protect_organisation",
    "protect_person",
    "protect_worker",
]

ORDINARY = Sensitivity.ORDINARY
IDENTIFYING = Sensitivity.IDENTIFYING
SPECIAL = Sensitivity.SPECIAL
SURVEILLANCE = Sensitivity.SURVEILLANCE

SUPPORT = Purpose.SUPPORT
PORTABILITY = Purpose.PORTABILITY
"""For what only the organisation itself may take along: private notes."""
PLANNING = Purpose.PLANNING
BILLING = Purpose.BILLING
EFFECTIVITY = Purpose.EFFECTIVITY
RIGHTS = Purpose.RIGHTS
STEERING = Purpose.STEERING


class Protection(TypedDict):
    """The part of a field's metadata that decides where it may go."""

    subject: DataSubject
    sensitivity: Sensitivity
    purposes: tuple[Purpose, ...]


def protect_person(sensitivity: Sensitivity, *purposes: Purpose) -> Protection:
    """Return the protection of a field about the person accompanied, or somebody close to them."""
    return Protection(subject=DataSubject.PERSON, sensitivity=sensitivity, purposes=purposes)


def protect_worker(sensitivity: Sensitivity, *purposes: Purpose) -> Protection:
    """Return the protection of a field about a professional, as somebody to protect from surveillance."""
    return Protection(subject=DataSubject.WORKER, sensitivity=sensitivity, purposes=purposes)


def protect_organisation(sensitivity: Sensitivity, *purposes: Purpose) -> Protection:
    """Return the protection of a field about an organisation."""
    return Protection(subject=DataSubject.ORGANISATION, sensitivity=sensitivity, purposes=purposes)


def protect_nobody(sensitivity: Sensitivity, *purposes: Purpose) -> Protection:
    """Return the protection of a field about nobody."""
    return Protection(subject=DataSubject.NONE, sensitivity=sensitivity, purposes=purposes)
