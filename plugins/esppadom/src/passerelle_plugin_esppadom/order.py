"""ORDER: lines of an aid plan that a payer orders from a service, read and written.

No message of this kind is public: names after UN/CEFACT's Cross Industry Order, on which ESPPADOM builds, and after
the DELIVERY that is known. To be compared with the payer's own guide before it is relied upon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle import Connector, Table, Xml
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
    day,
    describe_code,
    payer,
    person,
    provider,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_ORDER = "/order/CrossIndustryOrder"
_TRADE = f"{_ORDER}/CIOHSupplyChainTradeTransaction"
_LINES = f"{_TRADE}/IncludedCIOLSupplyChainTradeLineItem"
_DOCUMENT = "../../CIOHExchangedDocument"
_AGREEMENT, _DELIVERY = (f"../ApplicableCIOHSupplyChainTrade{part}" for part in ("Agreement", "Delivery"))
_SELLER, _BUYER = f"{_AGREEMENT}/SellerCITradeParty", f"{_AGREEMENT}/BuyerCITradeParty"
_SHIP_TO = f"{_DELIVERY}/ShipToCITradeParty"
_LINE = "AssociatedCIOLDocumentLineDocument/LineID"
_PRICE = "SpecifiedCIOLSupplyChainTradeAgreement/GrossPriceProductCITradePrice/ChargeAmount"
_QUANTITY = "SpecifiedCIOLSupplyChainTradeDelivery/RequestedQuantity"
_PERIOD = (
    "SpecifiedCIOLSupplyChainTradeDelivery/RequestedDespatchCISupplyChainEvent/OccurrenceCISpecifiedPeriod/{}DateTime"
)
_FRAME = "SpecifiedCIOLSupplyChainTradeSettlement/CadreIntervention"
_PRODUCT = "SpecifiedCITradeProduct"

_PLANS = Table(
    contract="funded_plan/1",
    member="lines",
    fields={
        # A DELIVERY refers to a plan by this number alone (`OrderLineID`), without that of the order.
        "ref": to.Ref(_LINE, system=SYSTEM, entity="funded_plan"),
        "person_ref": to.Ref(f"{_SHIP_TO}/ID", system=SYSTEM, entity="person", opaque=True),
        "organisation_ref": to.Ref(f"{_SELLER}/ID", system=SYSTEM, entity="organisation", opaque=True),
        "payer_ref": to.Ref(f"{_BUYER}/ID", system=SYSTEM, entity="organisation", opaque=True),
        "payer": to.Text(f"{_BUYER}/Name"),
        "aid_type": to.Code(f"{_PRODUCT}/ID", table=AIDS, system="aid-types"),
        "plan_number": to.Text(f"{_DOCUMENT}/ID", max_length=64),
        "line_number": to.Text(_LINE, max_length=64),
        "service": to.Code(f"{_PRODUCT}/Name"),
        "delivery_mode": to.Code(_FRAME, table=MODES, system="delivery-modes"),
        "nature": to.Word(f"{_QUANTITY}/@unitCode", table={"HUR": "hourly"}),
        "hours": to.Number(_QUANTITY, decimal="."),
        "unit_price": to.Amount(_PRICE, decimal="."),
        "start_on": day(_PERIOD.format("Start")),
        "end_on": day(_PERIOD.format("End")),
    },
    carried=(
        *(f"{_DOCUMENT}/IssueDateTime", f"{_SHIP_TO}/*", f"{_SELLER}/*", f"{_BUYER}/*"),
        *(f"{_FRAME}/*", f"{_PRODUCT}/ID/*"),
    ),
    optional=(_PRICE, _PERIOD.format("End")),
)


def _describe_line() -> w.Element:
    return w.Element(
        "ram:IncludedCIOLSupplyChainTradeLineItem",
        w.Element("ram:AssociatedCIOLDocumentLineDocument", w.Element("ram:LineID", needed=True)),
        w.Element(
            "ram:SpecifiedCIOLSupplyChainTradeAgreement",
            w.Element("ram:GrossPriceProductCITradePrice", w.Element("ram:ChargeAmount")),
        ),
        w.Element(
            "ram:SpecifiedCIOLSupplyChainTradeDelivery",
            w.Element("ram:RequestedQuantity", needed=True, unitCode="HUR"),
            w.Element(
                "ram:RequestedDespatchCISupplyChainEvent",
                w.Element(
                    "ram:OccurrenceCISpecifiedPeriod", w.Element("qdt:StartDateTime"), w.Element("qdt:EndDateTime")
                ),
            ),
        ),
        w.Element(
            "ram:SpecifiedCIOLSupplyChainTradeSettlement",
            describe_code("ram:CadreIntervention", "ESPPADOM_CADRE", "PRE", always=True),
        ),
        PRODUCT,
    )


_SHAPE = w.XmlShape(
    root=w.Element(
        "ns:order",
        w.Rows(
            w.Element(
                "ns:CrossIndustryOrder",
                w.Element("ns:CIOHExchangedDocumentContext", w.Element("ram:VersionID", "1.4", always=True)),
                w.Element(
                    "ns:CIOHExchangedDocument",
                    w.Element("ram:ID", needed=True),
                    w.Element("ram:IssueDateTime", w.Given("issued_at")),
                ),
                w.Element(
                    "ns:CIOHSupplyChainTradeTransaction",
                    w.Element(
                        "ram:ApplicableCIOHSupplyChainTradeAgreement",
                        provider("ram:SellerCITradeParty"),
                        payer("ram:BuyerCITradeParty"),
                    ),
                    w.Element("ram:ApplicableCIOHSupplyChainTradeDelivery", person("ram:ShipToCITradeParty")),
                    w.Rows(_describe_line()),
                ),
            ),
            by=("payer_ref", "organisation_ref", "person_ref", "plan_number"),
        ),
        versionID="1.4",
    ),
    namespaces={
        "ram": RAM,
        "pie": PIE,
        "qdt": QDT,
        "ns": "urn:un:unece:uncefact:data:standard:CrossIndustryOrder:2",
    },
)


def _complete(record: Mapping[str, Any], related: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Complete a plan of any software for an ORDER."""
    name = own.full_name(related.get("person_ref"), "first_names", "usual_name")
    said = own.add_own_cells(record, {f"{_SHIP_TO}/Name": name})
    if own.is_own(record):
        return said
    parties = {name: own.party(record, related, name) for name in ("person_ref", "organisation_ref", "payer_ref")}
    ref = own.number(record["ref"], record, names=("line_number",))
    number = record.get("plan_number") or record.get("file_number") or own.local(ref)
    return {**said, **parties, "ref": ref, "plan_number": number}


ORDER = Connector(
    id="esppadom-order",
    title="ESPPADOM : ORDER 1.4 (XML)",
    dialect=Xml(
        rows={
            _LINES: "lines",
            f"{_TRADE}/{_SHIP_TO.removeprefix('../')}": "persons",
            f"{_TRADE}/{_SELLER.removeprefix('../')}": "providers",
            f"{_TRADE}/{_BUYER.removeprefix('../')}": "payers",
        },
        above={_LINES: (_DOCUMENT, _SHIP_TO, _SELLER, _BUYER)},
        namespaces=("urn:un:unece:uncefact:data:standard:CrossIndustryOrder:2",),
    ),
    unread={
        "/order/@versionID": "version du standard",
        "/order/CrossIndustryOrder/CIOHExchangedDocumentContext": "version du standard, numéro de l'envoi",
    },
    tables=(
        _PLANS,
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
            carried=("ID/*",),
            optional=("SIRET", *ADDRESS.columns),
        ),
        Table(contract="organisation/1", member="payers", fields=PAYER, carried=("ID/*",)),
    ),
    writes=(
        w.Writing(
            contract="funded_plan/1",
            shape=_SHAPE,
            per=("payer_ref", "organisation_ref"),
            related=(
                w.Related(contract="person/1", by="person_ref", member="persons"),
                w.Related(contract="organisation/1", by="organisation_ref", member="providers"),
                w.Related(contract="organisation/1", by="payer_ref", member="payers"),
            ),
            complete=_complete,
        ),
    ),
)
