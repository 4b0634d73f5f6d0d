"""Who may do what in the workbench: one table, which a test walks with every route."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(StrEnum):
    """What somebody is to the workbench; the words are those that people type."""

    READER = "lecteur"
    OPERATOR = "operateur"
    TRIAGER = "trieur"
    AUDITOR = "auditeur"
    ADMINISTRATOR = "administrateur"


class Right(StrEnum):
    """What a page asks of its visitor."""

    PUBLIC = "public"
    """Nothing: it shows nothing of the installation."""
    SIGNED_IN = "signed_in"
    SEE = "see"
    """Books, causes, places of records; no value."""
    REVEAL = "reveal"
    """The values of one column, under a grant."""
    CORRECT = "correct"
    RUN = "run"
    """Have a flow work now, and let one that is stopped go on."""
    DESCRIBE = "describe"
    """Have a description proposed from a file; putting it to work is done elsewhere."""
    APPLY = "apply"
    """Put a description to work: it changes what runs read."""
    PERSONS = "persons"
    """Find somebody, record what they answer, answer their request: over all flows, or not at all."""
    OWN_ACTS = "own_acts"
    """The visitor's own entries of the audit trail."""
    ALL_ACTS = "all_acts"


# The administrator cannot read a record, and who reads records changes no settings: neither role holds the other's.
_RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.READER: frozenset({Right.SEE, Right.OWN_ACTS}),
        Role.OPERATOR: frozenset({Right.SEE, Right.RUN, Right.DESCRIBE, Right.OWN_ACTS}),
        Role.TRIAGER: frozenset({Right.SEE, Right.REVEAL, Right.CORRECT, Right.PERSONS, Right.OWN_ACTS}),
        Role.AUDITOR: frozenset({Right.SEE, Right.OWN_ACTS, Right.ALL_ACTS}),
        Role.ADMINISTRATOR: frozenset({Right.SEE, Right.RUN, Right.DESCRIBE, Right.APPLY}),
    }
)
_OF_RECORDS = frozenset({Right.REVEAL, Right.CORRECT, Right.PERSONS})
"""What an administrator may not, whatever else they are."""
LOCAL_ROLES = (Role.OPERATOR, Role.TRIAGER, Role.AUDITOR)
"""What whoever starts the workbench is by default: its account reads the state folder anyway."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who signed in."""

    name: str
    """As the audit trail names who acts."""
    roles: frozenset[Role]
    flows: frozenset[str] | None = None
    """The only flows whose records concern the visitor; None: all."""

    def may(self, right: Right) -> bool:
        """Whether one of the roles holds a right."""
        if right in (Right.PUBLIC, Right.SIGNED_IN):
            return True
        if right in _OF_RECORDS and Role.ADMINISTRATOR in self.roles:
            return False
        # a person's records lie in all flows: whoever may see some of them answers nobody
        if right is Right.PERSONS and self.flows is not None:
            return False
        return any(right in _RIGHTS[role] for role in self.roles)

    def may_see_flow(self, flow: str) -> bool:
        """Whether a flow concerns the visitor."""
        return self.flows is None or flow in self.flows
