"""Every contract, by id."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, overload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.contracts.case_work.action import Action
    from passerelle.contracts.case_work.aid_request import AidRequest
    from passerelle.contracts.case_work.appointment import Appointment
    from passerelle.contracts.case_work.assessment import Assessment
    from passerelle.contracts.case_work.case import Case
    from passerelle.contracts.case_work.document import Document
    from passerelle.contracts.case_work.entitlement import Entitlement
    from passerelle.contracts.case_work.goal import Goal
    from passerelle.contracts.case_work.interaction import Interaction
    from passerelle.contracts.case_work.need import Need
    from passerelle.contracts.case_work.note import Note
    from passerelle.contracts.case_work.stay import Stay
    from passerelle.contracts.contract import Contract
    from passerelle.contracts.home_care.absence import Absence
    from passerelle.contracts.home_care.funded_plan import FundedPlan
    from passerelle.contracts.home_care.invoice import Invoice
    from passerelle.contracts.home_care.invoice_line import InvoiceLine
    from passerelle.contracts.home_care.planned_visit import PlannedVisit
    from passerelle.contracts.home_care.visit import Visit
    from passerelle.contracts.people.consent import Consent
    from passerelle.contracts.people.organisation import Organisation
    from passerelle.contracts.people.person import Person
    from passerelle.contracts.people.professional import Professional
    from passerelle.contracts.people.related_contact import RelatedContact

_LOCATIONS: Mapping[str, str] = MappingProxyType(
    {
        "person/1": "people.person:Person",
        "related_contact/1": "people.related_contact:RelatedContact",
        "organisation/1": "people.organisation:Organisation",
        "professional/1": "people.professional:Professional",
        "consent/1": "people.consent:Consent",
        "case/1": "case_work.case:Case",
        "stay/1": "case_work.stay:Stay",
        "assessment/1": "case_work.assessment:Assessment",
        "need/1": "case_work.need:Need",
        "goal/1": "case_work.goal:Goal",
        "action/1": "case_work.action:Action",
        "interaction/1": "case_work.interaction:Interaction",
        "appointment/1": "case_work.appointment:Appointment",
        "aid_request/1": "case_work.aid_request:AidRequest",
        "entitlement/1": "case_work.entitlement:Entitlement",
        "document/1": "case_work.document:Document",
        "note/1": "case_work.note:Note",
        "funded_plan/1": "home_care.funded_plan:FundedPlan",
        "planned_visit/1": "home_care.planned_visit:PlannedVisit",
        "visit/1": "home_care.visit:Visit",
        "absence/1": "home_care.absence:Absence",
        "invoice/1": "home_care.invoice:Invoice",
        "invoice_line/1": "home_care.invoice_line:InvoiceLine",
    }
)
"""Module and class of each contract, in the order of the documentation; imported only when asked for."""


def list_ids() -> tuple[str, ...]:
    """Return the ids of all contracts, in the order of the documentation; none is imported."""
    return tuple(_LOCATIONS)


@cache
def catalogue() -> Mapping[str, type[Contract]]:
    """Return every contract by id (`visit/1`), in the order of the documentation."""
    return MappingProxyType({contract_id: _import_contract(contract_id) for contract_id in _LOCATIONS})


@cache
def _import_contract(contract_id: str) -> type[Contract]:
    # Imported on demand: a run uses a few of the 23 models, and each takes time to load.
    module, _colon, name = _LOCATIONS[contract_id].partition(":")
    contract: type[Contract] = getattr(import_module(f"passerelle.contracts.{module}"), name)
    return contract


@overload
def get(contract_id: Literal["person/1"]) -> type[Person]: ...
@overload
def get(contract_id: Literal["related_contact/1"]) -> type[RelatedContact]: ...
@overload
def get(contract_id: Literal["organisation/1"]) -> type[Organisation]: ...
@overload
def get(contract_id: Literal["professional/1"]) -> type[Professional]: ...
@overload
def get(contract_id: Literal["consent/1"]) -> type[Consent]: ...
@overload
def get(contract_id: Literal["case/1"]) -> type[Case]: ...
@overload
def get(contract_id: Literal["stay/1"]) -> type[Stay]: ...
@overload
def get(contract_id: Literal["assessment/1"]) -> type[Assessment]: ...
@overload
def get(contract_id: Literal["need/1"]) -> type[Need]: ...
@overload
def get(contract_id: Literal["goal/1"]) -> type[Goal]: ...
@overload
def get(contract_id: Literal["action/1"]) -> type[Action]: ...
@overload
def get(contract_id: Literal["interaction/1"]) -> type[Interaction]: ...
@overload
def get(contract_id: Literal["appointment/1"]) -> type[Appointment]: ...
@overload
def get(contract_id: Literal["aid_request/1"]) -> type[AidRequest]: ...
@overload
def get(contract_id: Literal["entitlement/1"]) -> type[Entitlement]: ...
@overload
def get(contract_id: Literal["document/1"]) -> type[Document]: ...
@overload
def get(contract_id: Literal["note/1"]) -> type[Note]: ...
@overload
def get(contract_id: Literal["funded_plan/1"]) -> type[FundedPlan]: ...
@overload
def get(contract_id: Literal["planned_visit/1"]) -> type[PlannedVisit]: ...
@overload
def get(contract_id: Literal["visit/1"]) -> type[Visit]: ...
@overload
def get(contract_id: Literal["absence/1"]) -> type[Absence]: ...
@overload
def get(contract_id: Literal["invoice/1"]) -> type[Invoice]: ...
@overload
def get(contract_id: Literal["invoice_line/1"]) -> type[InvoiceLine]: ...
@overload
def get(contract_id: str) -> type[Contract]: ...
def get(contract_id: str) -> type[Contract]:
    """Return one contract; its class is known from a literal id. Raises KeyError when there is none of that id."""
    return _import_contract(contract_id)
