"""Every contract, by id."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.contracts.case_work.action import Action
from passerelle.contracts.case_work.case import Case
from passerelle.contracts.case_work.interaction import Interaction
from passerelle.contracts.case_work.need import Need
from passerelle.contracts.home_care.planned_visit import PlannedVisit
from passerelle.contracts.home_care.visit import Visit
from passerelle.contracts.people.organisation import Organisation
from passerelle.contracts.people.person import Person
from passerelle.contracts.people.professional import Professional

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.contracts.contract import Contract

_CONTRACTS: tuple[type[Contract], ...] = (
    Person,
    Organisation,
    Professional,
    Case,
    Need,
    Action,
    Interaction,
    PlannedVisit,
    Visit,
)


@cache
def catalogue() -> Mapping[str, type[Contract]]:
    """Give every contract by id (`visit/1`), in the order of the documentation."""
    return MappingProxyType({contract.about.id: contract for contract in _CONTRACTS})


def get(contract_id: str) -> type[Contract]:
    """Give one contract. Raises KeyError when there is none of that id."""
    return catalogue()[contract_id]
