"""Every contract, by id."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, overload

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

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.contracts.contract import Contract

_CONTRACTS: tuple[type[Contract], ...] = (
    Person,
    RelatedContact,
    Organisation,
    Professional,
    Consent,
    Case,
    Stay,
    Assessment,
    Need,
    Goal,
    Action,
    Interaction,
    Appointment,
    AidRequest,
    Entitlement,
    Document,
    Note,
    FundedPlan,
    PlannedVisit,
    Visit,
    Absence,
    Invoice,
    InvoiceLine,
)


@cache
def catalogue() -> Mapping[str, type[Contract]]:
    """Give every contract by id (`visit/1`), in the order of the documentation."""
    return MappingProxyType({contract.about.id: contract for contract in _CONTRACTS})


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
    """Give one contract; of a literal id, editors know the fields. Raises KeyError when there is none of that id."""
    return catalogue()[contract_id]
