"""DELIVERY 1.4: home visits as declared to the payer, with stamped and retained periods, read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import Connector, Table, Where, Xml
from passerelle import convert as to
from passerelle import writing as w

from . import own
from .own import SYSTEM
from .parts import (
    ADDRESS,
    AIDS,
    MODES,
    PAYER,
    PERSON,
    PERSON_OPTIONAL,
    PIE,
    PRODUCT,
    PROVIDER,
    QDT,
    RAM,
    UNITS,
    describe_code,
    describe_number,
    payer,
    person,
    provider,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_VISIT_PATH = "/delivery/CrossIndustryDespatchAdvice"
_TRADE = "CIDDHSupplyChainTradeTransaction/"
_AGREEMENT = f"{_TRADE}ApplicableCIDDHSupplyChainTradeAgreement/"
_PAYER = f"{_AGREEMENT}BuyerOrderReferencedCIReferencedDocument/IssuerCITradeParty"
_DELIVERY = f"{_TRADE}ApplicableCIDDHSupplyChainTradeDelivery/"
_SHIP_TO, _SHIP_FROM = f"{_DELIVERY}ShipToCITradeParty", f"{_DELIVERY}ShipFromCITradeParty"
_CONTACT = f"{_SHIP_FROM}/DefinedCITradeContact"
_EVENT = f"{_DELIVERY}ActualDespatchCISupplyChainEvent/"
_ADJUSTMENT = f"{_EVENT}TypeCode"
# Element names after the production emitter of compani-api (`src/helpers/delivery.js`): EDESS publishes no schema.
_RETAINED = tuple(f"{_EVENT}OccurrenceCISpecifiedPeriod/{end}DateTime" for end in ("Start", "End"))
_STAMPS = tuple(
    f"{_DELIVERY}AdditionalReferencedCIReferencedDocument/EffectiveCISpecifiedPeriod/{end}DateTime/"
    for end in ("Start", "End")
)
_LINE = f"{_TRADE}IncludedCIDDLSupplyChainTradeLineItem/"
_ORDER_LINE = f"{_LINE}AssociatedCIDDLDocumentLineDocument/OrderLineID"
_QUANTITY = f"{_LINE}SpecifiedCIDDLSupplyChainTradeDelivery/BilledQuantity"
_FRAME = f"{_LINE}SpecifiedCIDDLSupplyChainTradeSettlement/CadreIntervention"
_PRODUCT = f"{_LINE}SpecifiedCITradeProduct/"

_CORRECTIONS = ("CRE", "MDT", "COA", "COD", "CO2", "HOR")
_ADJUSTMENTS = {code: code for code in (*_CORRECTIONS, "SUP")}
"""List ESPPADOM_EFFECTIVITY_AJUST of EDESS. Empty is valid: the retained period is the stamped one."""
# Corrections and raw stamps (HOR) are of visits that took place; only SUP takes one back.
_STATUSES = {"": "done", **dict.fromkeys(_CORRECTIONS, "done"), "SUP": "cancelled"}


def _read_local_time(column: str) -> to.LocalDateTime:
    """Read a local time in France; messages carry no offset."""
    return to.LocalDateTime(column, formats=("%Y-%m-%dT%H:%M:%S",), missing="refuse", twice="refuse")


def _read_method(stamp: str) -> to.Code:
    return to.Code(f"{stamp}SupplierIdentificationMethod", table={"BDG": "BDG"}, system="stamp-methods")


_VISIT: dict[str, to.Converter] = {
    "ref": to.Ref("CIDDHExchangedDocument/ID", system=SYSTEM, entity="visit"),
    "person_ref": to.Ref(f"{_SHIP_TO}/ID", system=SYSTEM, entity="person", opaque=True),
    "organisation_ref": to.Ref(f"{_SHIP_FROM}/ID", system=SYSTEM, entity="organisation", opaque=True),
    # A worker's number is the service's own: alone it would name a worker of another service too.
    "professional_ref": to.Ref(
        (f"{_SHIP_FROM}/ID", f"{_CONTACT}/ID"), system=SYSTEM, entity="professional", whole=True
    ),
    "plan_ref": to.Ref(_ORDER_LINE, system=SYSTEM, entity="funded_plan"),
    "payer_ref": to.Ref(f"{_PAYER}/ID", system=SYSTEM, entity="organisation", opaque=True),
    # Left empty by an emitter in production whose data model lacks it: unknown, and no fault.
    "aid_type": to.Code(f"{_PRODUCT}ID", table=AIDS, system="aid-types"),
    "delivery_mode": to.Code(_FRAME, table=MODES, system="delivery-modes"),
    "service": to.Code(f"{_PRODUCT}Name"),
    "status": to.Word(_ADJUSTMENT, table=_STATUSES),
    "stamped_start": _read_local_time(f"{_STAMPS[0]}CertifiedDateTime"),
    "stamped_start_method": _read_method(_STAMPS[0]),
    "stamped_end": _read_local_time(f"{_STAMPS[1]}CertifiedDateTime"),
    "stamped_end_method": _read_method(_STAMPS[1]),
    "adjustment": to.Code(_ADJUSTMENT, table=_ADJUSTMENTS, system="esppadom-adjustment"),
    "billed_quantity": to.Number(_QUANTITY, decimal="."),
    "billed_unit": to.Word(f"{_QUANTITY}/@unitCode", table=UNITS),
}
_CARRIED = (
    *("CIDDHExchangedDocument/IssueDateTime", "CIDDHExchangedDocumentContext/*", f"{_AGREEMENT}*"),
    *(f"{_SHIP_TO}/*", f"{_SHIP_FROM}/*", f"{_ADJUSTMENT}/*", *(f"{stamp[:-1]}/*" for stamp in _STAMPS)),
    *(f"{_TRADE}ApplicableCIDDHSupplyChainTradeSettlement", f"{_LINE}AssociatedCIDDLDocumentLineDocument/LineID"),
    *(f"{_FRAME}/*", f"{_PRODUCT}ID/*"),
)
_OPTIONAL = (
    *(f"{stamp}{name}" for stamp in _STAMPS for name in ("CertifiedDateTime", "SupplierIdentificationMethod")),
    *(f"{_CONTACT}/ID", f"{_PAYER}/ID", _ORDER_LINE),
)
_RAW = ("HOR",)

_VISITS = (
    Table(
        contract="visit/1",
        member="visits",
        where=(Where(_ADJUSTMENT, _RAW, negated=True),),
        fields={
            **_VISIT,
            "retained_start": _read_local_time(_RETAINED[0]),
            "retained_end": _read_local_time(_RETAINED[1]),
        },
        carried=_CARRIED,
        optional=_OPTIONAL,
    ),
    Table(
        contract="visit/1",
        member="visits",
        where=(Where(_ADJUSTMENT, _RAW),),
        fields=_VISIT,
        carried=(*_CARRIED, *_RETAINED),
        optional=_OPTIONAL,
    ),
)
"""HOR: the message only carries raw stamps; its retained period must be ignored."""


def _describe_stamp(name: str, cells: str) -> w.Element:
    """Describe one end of the stamped period, with the method that the service used."""
    # Both elements are written, as in production, from the one method that is known.
    method = f"{_VISIT_PATH}/{cells}SupplierIdentificationMethod"
    return w.Element(
        name,
        w.Element("ram:CertifiedDateTime"),
        describe_code("ram:CustomerIdentificationMethod", "ESPPADOM_TIMESTAMP_METHOD", w.Cell(method)),
        describe_code("ram:SupplierIdentificationMethod", "ESPPADOM_TIMESTAMP_METHOD"),
    )


_WRITTEN_AGREEMENT = w.Element(
    "ram:ApplicableCIDDHSupplyChainTradeAgreement",
    w.Element("ram:BuyerOrderReferencedCIReferencedDocument", payer("ram:IssuerCITradeParty")),
    # `P` is what is written in production; no public list says what else it could be.
    w.Element("ram:ContractReferencedCIReferencedDocument", describe_number("qdt:GlobalID", "P", always=True)),
)
_WRITTEN_CONTACT = w.Element(
    "pie:DefinedCITradeContact",
    describe_number("pie:ID"),
    w.Element("pie:PersonName"),
    w.Element("pie:TypeCode", "INT", listAgencyName="EDESS", listID="ESPPADOM_CONTACT_PRESTATAIRE"),
)
_WRITTEN_DELIVERY = w.Element(
    "ram:ApplicableCIDDHSupplyChainTradeDelivery",
    person("ram:ShipToCITradeParty"),
    provider("ram:ShipFromCITradeParty", _WRITTEN_CONTACT),
    w.Element(
        "ram:ActualDespatchCISupplyChainEvent",
        # Always there: the empty code is an entry of its list, and means that the stamps are retained.
        w.Element("ram:TypeCode", always=True, listAgencyName="EDESS", listID="ESPPADOM_EFFECTIVITY_AJUST"),
        w.Element(
            "ram:OccurrenceCISpecifiedPeriod",
            # Mandatory even where HOR says that they are ignored: `_repeat_stamps` fills them then.
            w.Element("qdt:StartDateTime", needed=True),
            w.Element("qdt:EndDateTime", needed=True),
        ),
    ),
    w.Element(
        "ram:AdditionalReferencedCIReferencedDocument",
        w.Element(
            "ram:EffectiveCISpecifiedPeriod",
            _describe_stamp("ram:StartDateTime", _STAMPS[0]),
            _describe_stamp("ram:EndDateTime", _STAMPS[1]),
        ),
    ),
)
_WRITTEN_LINE = w.Element(
    "ram:IncludedCIDDLSupplyChainTradeLineItem",
    w.Element(
        "ram:AssociatedCIDDLDocumentLineDocument",
        w.Element("ram:LineID", w.Given("transaction", prefix="I")),
        w.Element("ram:OrderLineID"),
    ),
    w.Element(
        "ram:SpecifiedCIDDLSupplyChainTradeDelivery",
        # Hours (UN/ECE recommendation 20). What is paid follows the retained period, never the stamps.
        w.Element("ram:BilledQuantity", needed=True, unitCode="HUR"),
    ),
    w.Element(
        "ram:SpecifiedCIDDLSupplyChainTradeSettlement",
        describe_code("ram:CadreIntervention", "ESPPADOM_CADRE", "PRE", always=True),
    ),
    PRODUCT,
)
_SHAPE = w.XmlShape(
    root=w.Element(
        "ns:delivery",
        w.Rows(
            w.Element(
                "ns:CrossIndustryDespatchAdvice",
                w.Element(
                    "ns:CIDDHExchangedDocumentContext",
                    w.Element("ram:VersionID", "1.4", always=True),
                    # As in production: `I`, the moment, the place in the message.
                    w.Element("ram:SpecifiedTransactionID", w.Given("transaction", prefix="I")),
                ),
                w.Element(
                    "ns:CIDDHExchangedDocument",
                    w.Element("ram:ID", needed=True),
                    w.Element("ram:IssueDateTime", w.Given("issued_at")),
                ),
                w.Element(
                    "ns:CIDDHSupplyChainTradeTransaction",
                    _WRITTEN_AGREEMENT,
                    _WRITTEN_DELIVERY,
                    # Empty in every message that is known, and there all the same.
                    w.Element("ram:ApplicableCIDDHSupplyChainTradeSettlement", always=True),
                    _WRITTEN_LINE,
                ),
            )
        ),
        versionID="1.4",
    ),
    namespaces={
        "ram": RAM,
        "pie": PIE,
        "qdt": QDT,
        "ns": "urn:un:unece:uncefact:data:standard:CrossIndustryDespatchAdvice:2",
    },
)
_STARTS = ("retained_start", "planned_start", "stamped_start")


def _complete(record: Mapping[str, Any], related: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Complete a visit of any software for a DELIVERY: numbers, retained period, adjustment, quantity."""
    period = own.choose_paid_period(record)
    plan = related.get("plan_ref") or {}
    organisation = own.party(record, related, "organisation_ref")
    names = {
        f"{_SHIP_TO}/Name": own.full_name(related.get("person_ref"), "first_names", "usual_name"),
        f"{_CONTACT}/PersonName": own.full_name(
            related.get("professional_ref"), "first_name", "last_name", last_first=True
        ),
    }
    if own.is_own(record):
        return own.add_own_cells(record, {**names, **_repeat_stamps(record)})
    return {
        **own.add_own_cells(record, names),
        **period,
        **own.methods(record),
        **own.quantity(record, period["retained_start"], period["retained_end"]),
        "ref": own.number(record["ref"]),
        "person_ref": own.party(record, related, "person_ref"),
        "organisation_ref": organisation,
        "professional_ref": own.contact(record, related, organisation),
        "payer_ref": own.party(record, related, "payer_ref"),
        "plan_ref": own.number(record.get("plan_ref"), plan, names=("plan_number", "file_number")),
        "aid_type": record.get("aid_type") or plan.get("aid_type"),
        "adjustment": record.get("adjustment") or own.adjustment(record),
    }


def _repeat_stamps(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the stamps as the retained period of a message with raw stamps only, where it is mandatory but ignored."""
    if (record.get("adjustment") or {}).get("code") not in _RAW:
        return {}
    ends = zip(_RETAINED, ("stamped_start", "stamped_end"), strict=True)
    return {path: _read_local_time(path).render(record.get(name))[path] for path, name in ends}


_WRITING = w.Writing(
    contract="visit/1",
    shape=_SHAPE,
    # One file holds one month, one payer and one aid: in production its name says all three.
    per=(w.Month(_STARTS), "payer_ref", "organisation_ref", "aid_type"),
    related=(
        w.Related(contract="person/1", by="person_ref", member="persons"),
        w.Related(contract="organisation/1", by="organisation_ref", member="providers"),
        w.Related(contract="organisation/1", by="payer_ref", member="payers"),
        w.Related(contract="professional/1", by="professional_ref"),
        w.Related(
            contract="funded_plan/1",
            by="plan_ref",
            match=("person_ref", "payer_ref", "service"),
            during=_STARTS,
        ),
    ),
    complete=_complete,
)

DELIVERY = Connector(
    id="esppadom-delivery",
    title="ESPPADOM : DELIVERY 1.4 (XML)",
    dialect=Xml(
        rows={
            _VISIT_PATH: "visits",
            f"{_VISIT_PATH}/{_SHIP_TO}": "persons",
            f"{_VISIT_PATH}/{_SHIP_FROM}": "providers",
            f"{_VISIT_PATH}/{_PAYER}": "payers",
        },
        namespaces=("urn:un:unece:uncefact:data:standard:CrossIndustryDespatchAdvice:2",),
    ),
    unread={
        "/delivery/@versionID": "version du standard",
    },
    tables=(
        *_VISITS,
        Table(
            contract="person/1",
            member="persons",
            fields=PERSON,
            carried=("Name", "ID/*"),
            optional=PERSON_OPTIONAL,
        ),
        Table(
            contract="organisation/1",
            member="providers",
            fields=PROVIDER,
            carried=("DefinedCITradeContact/*", "ID/*"),
            optional=("SIRET", *ADDRESS.columns),
        ),
        Table(contract="organisation/1", member="payers", fields=PAYER, carried=("ID/*",)),
    ),
    writes=(_WRITING,),
)
