"""The forms of states that differ from the common one by name only: a table, to which a state is added by its names."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_AS_THEY_ARE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a form calls things."""

    title: str
    names: Mapping[str, str] = field(default_factory=lambda: _AS_THEY_ARE)
    """Member of the common form, or its whole path where only that one is called differently → its name here."""
    ways: tuple[str, str] = ("Time In", "Time Out")
    """What it calls the assignment of an arrival and of a departure."""
    absent: frozenset[str] = frozenset()
    """Members of the common form that nothing of it stands for, among those that are carried."""

    def at(self, path: str) -> str:
        """Return the path of a member in this form."""
        return self.names.get(path) or ".".join(self.names.get(part, part) for part in path.split("."))

    def rename(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Return the paths of members in this form."""
        return tuple(map(self.at, paths))


FORMS: Mapping[str, Form] = {
    "": Form(title="EVV : visites (API JSON)"),
    # Read in open code that sends to Ohio's aggregator and reads what it exports. A visit's numbers of person and
    # worker are those of the sender («OtherID»); the provider is named by one number alone.
    "ohio": Form(
        title="EVV : visites (forme de l'Ohio)",
        ways=("Call In", "Call Out"),
        absent=frozenset({"ClientIDQualifier", "EmployeeQualifier", "ProviderIdentification.*"}),
        names={
            "ProviderIdentification.ProviderID": "BusinessEntityMedicaidIdentifier",
            "ClientID": "PatientMedicaidID",
            "ClientIdentifier": "PatientOtherID",
            "ClientSignatureAvailable": "MemberSignatureAvailable",
            "ClientVerifiedService": "MemberVerifiedService",
            "ClientVerifiedTasks": "MemberVerifiedTasks",
            "ClientVerifiedTimes": "MemberVerifiedTimes",
            "EmployeeIdentifier": "StaffOtherID",
            "Memo": "VisitMemo",
            "PayerID": "Payer",
            "VisitTimeZone": "TimeZone",
        },
    ),
}
"""By what stands behind `evv-visits-` in the connector's name; empty: the common form."""
