"""INVOICE: invoices of a service to the payer, line by line, read and written.

No message of this kind is public: names after UN/CEFACT's Cross Industry Invoice, on which ESPPADOM builds, and after
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
    PAYER,
    PERSON,
    PERSON_OPTIONAL,
    PIE,
    PROVIDER,
    QDT,
    RAM,
    UNITS,
    day,
    payer,
    person,
    provider,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_INVOICE = "/invoice/CrossIndustryInvoice"
_DOCUMENT = "CIIHExchangedDocument"
_TRADE = "CIIHSupplyChainTradeTransaction"
_LINES = f"{_INVOICE}/{_TRADE}/IncludedCIILSupplyChainTradeLineItem"
_AGREEMENT, _DELIVERY, _SETTLEMENT = (
    f"{_TRADE}/ApplicableCIIHSupplyChainTrade{part}" for part in ("Agreement", "Delivery", "Settlement")
)
_SELLER, _SHIP_TO = f"{_AGREEMENT}/SellerCITradeParty", f"{_DELIVERY}/ShipToCITradeParty"
_PAYER = f"{_SETTLEMENT}/PayerCITradeParty"
_PERIOD = f"{_SETTLEMENT}/BillingCISpecifiedPeriod"
_TOTALS = f"{_SETTLEMENT}/SpecifiedCIIHTradeSettlementMonetarySummation"
_NUMBER = f"{_DOCUMENT}/ID"
_KINDS = {"380": "invoice", "381": "credit_note"}
"""Code list UNTDID 1001 of UN/CEFACT."""

_UP = "../../"
_LINE = "AssociatedCIILDocumentLineDocument/LineID"
_ORDER_LINE = "AssociatedCIILDocumentLineDocument/OrderLineID"
_PRICE = "SpecifiedCIILSupplyChainTradeAgreement/GrossPriceProductCITradePrice/ChargeAmount"
_QUANTITY = "SpecifiedCIILSupplyChainTradeDelivery/BilledQuantity"
_SUMS = "SpecifiedCIILSupplyChainTradeSettlement/SpecifiedCIILTradeSettlementMonetarySummation"


def _read_amount(column: str) -> to.Amount:
    return to.Amount(column, decimal=".")


_INVOICES = Table(
    contract="invoice/1",
    member="invoices",
    fields={
        "ref": to.Ref("ID", system=SYSTEM, entity="invoice"),
        "number": to.Text("ID", max_length=64),
        "kind": to.Word("TypeCode", table=_KINDS),
        "issued_on": day("IssueDateTime"),
        "person_ref": to.Ref(f"../{_SHIP_TO}/ID", system=SYSTEM, entity="person", opaque=True),
        "payer_ref": to.Ref(f"../{_PAYER}/ID", system=SYSTEM, entity="organisation", opaque=True),
        "payer": to.Text(f"../{_PAYER}/Name"),
        "organisation_ref": to.Ref(f"../{_SELLER}/ID", system=SYSTEM, entity="organisation", opaque=True),
        "period_start": day(f"../{_PERIOD}/StartDateTime"),
        "period_end": day(f"../{_PERIOD}/EndDateTime"),
        "total_excl_tax": _read_amount(f"../{_TOTALS}/TaxBasisTotalAmount"),
        "total_tax": _read_amount(f"../{_TOTALS}/TaxTotalAmount"),
        "total_incl_tax": _read_amount(f"../{_TOTALS}/GrandTotalAmount"),
    },
    carried=(f"../{_SELLER}/*", f"../{_SHIP_TO}/*", f"../{_PAYER}/*"),
    optional=(f"../{_TOTALS}/TaxTotalAmount", f"../{_PERIOD}/StartDateTime", f"../{_PERIOD}/EndDateTime"),
)

_INVOICE_LINES = Table(
    contract="invoice_line/1",
    member="lines",
    fields={
        # Line numbers begin anew in each invoice.
        "ref": to.Ref((f"{_UP}{_NUMBER}", _LINE), system=SYSTEM, entity="invoice_line", whole=True),
        "invoice_ref": to.Ref(f"{_UP}{_NUMBER}", system=SYSTEM, entity="invoice"),
        "line_number": to.Text(_LINE, max_length=64),
        "person_ref": to.Ref(f"{_UP}{_SHIP_TO}/ID", system=SYSTEM, entity="person", opaque=True),
        "plan_ref": to.Ref(_ORDER_LINE, system=SYSTEM, entity="funded_plan"),
        "service": to.Code("SpecifiedCITradeProduct/Name"),
        "quantity": to.Number(_QUANTITY, decimal="."),
        "unit": to.Word(f"{_QUANTITY}/@unitCode", table=UNITS),
        "unit_price_incl_tax": _read_amount(_PRICE),
        "amount_excl_tax": _read_amount(f"{_SUMS}/LineTotalAmount"),
        "amount_tax": _read_amount(f"{_SUMS}/TaxTotalAmount"),
        "amount_incl_tax": _read_amount(f"{_SUMS}/GrandTotalAmount"),
    },
    carried=(f"{_UP}{_SHIP_TO}/ID/*",),
    optional=(_ORDER_LINE, f"{_SUMS}/TaxTotalAmount"),
)


def _describe_period(name: str) -> w.Element:
    return w.Element(name, w.Element("qdt:StartDateTime"), w.Element("qdt:EndDateTime"))


_WRITTEN_LINE = w.Element(
    "ram:IncludedCIILSupplyChainTradeLineItem",
    w.Element(
        "ram:AssociatedCIILDocumentLineDocument",
        w.Element("ram:LineID", needed=True),
        w.Element("ram:OrderLineID"),
    ),
    w.Element(
        "ram:SpecifiedCIILSupplyChainTradeAgreement",
        w.Element("ram:GrossPriceProductCITradePrice", w.Element("ram:ChargeAmount")),
    ),
    w.Element(
        "ram:SpecifiedCIILSupplyChainTradeDelivery", w.Element("ram:BilledQuantity", needed=True, unitCode="HUR")
    ),
    w.Element(
        "ram:SpecifiedCIILSupplyChainTradeSettlement",
        w.Element(
            "ram:SpecifiedCIILTradeSettlementMonetarySummation",
            w.Element("ram:LineTotalAmount"),
            w.Element("ram:TaxTotalAmount"),
            w.Element("ram:GrandTotalAmount"),
        ),
    ),
    w.Element("ram:SpecifiedCITradeProduct", w.Element("qdt:Name")),
)
_SHAPE = w.XmlShape(
    root=w.Element(
        "ns:invoice",
        w.Rows(
            w.Element(
                "ns:CrossIndustryInvoice",
                w.Element("ns:CIIHExchangedDocumentContext", w.Element("ram:VersionID", "1.4", always=True)),
                w.Element(
                    "ns:CIIHExchangedDocument",
                    w.Element("ram:ID", needed=True),
                    w.Element("ram:TypeCode", "380"),
                    w.Element("ram:IssueDateTime", needed=True),
                ),
                w.Element(
                    "ns:CIIHSupplyChainTradeTransaction",
                    w.Element("ram:ApplicableCIIHSupplyChainTradeAgreement", provider("ram:SellerCITradeParty")),
                    w.Element("ram:ApplicableCIIHSupplyChainTradeDelivery", person("ram:ShipToCITradeParty")),
                    w.Element(
                        "ram:ApplicableCIIHSupplyChainTradeSettlement",
                        payer("ram:PayerCITradeParty"),
                        _describe_period("ram:BillingCISpecifiedPeriod"),
                        w.Element(
                            "ram:SpecifiedCIIHTradeSettlementMonetarySummation",
                            w.Element("ram:TaxBasisTotalAmount"),
                            w.Element("ram:TaxTotalAmount"),
                            w.Element("ram:GrandTotalAmount"),
                        ),
                    ),
                    w.Rows(_WRITTEN_LINE),
                ),
            ),
            by=("invoice_ref",),
        ),
        versionID="1.4",
    ),
    namespaces={
        "ram": RAM,
        "pie": PIE,
        "qdt": QDT,
        "ns": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:2",
    },
)


def _complete(record: Mapping[str, Any], related: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Complete a line of any software for an INVOICE."""
    invoice = related.get("invoice_ref") or {}
    name = own.full_name(related.get("person_ref"), "first_names", "usual_name")
    cells = {f"{_UP}{_SHIP_TO}/Name": name}
    if own.is_own(record):
        return own.add_own_cells(record, cells)
    # Seller and payer are fields of the invoice, not of its lines: they come as cells.
    for path, party in ((_SELLER, "organisation_ref"), (_PAYER, "payer_ref")):
        cells[f"{_UP}{path}/ID"] = own.local(own.number(invoice.get(party), related.get(party)))
    number = own.number(record["invoice_ref"], invoice, names=("number",))
    line = record.get("line_number") or own.local(own.number(record["ref"]))
    return {
        **own.add_own_cells(record, cells),
        "ref": own.make_ref("invoice_line", own.local(number), str(line)),
        "invoice_ref": number,
        "line_number": line,
        "person_ref": own.party({**invoice, **record}, related, "person_ref"),
        "plan_ref": own.number(record.get("plan_ref"), related.get("plan_ref"), names=("plan_number", "file_number")),
        # HUR is the only unit that is known here: another is left out rather than mislabelled as hours.
        **({} if record.get("unit") in (None, "hour") else {"quantity": None, "unit": None}),
    }


INVOICE = Connector(
    id="esppadom-invoice",
    title="ESPPADOM : INVOICE 1.4 (XML)",
    dialect=Xml(
        rows={
            f"{_INVOICE}/{_DOCUMENT}": "invoices",
            _LINES: "lines",
            f"{_INVOICE}/{_SHIP_TO}": "persons",
            f"{_INVOICE}/{_SELLER}": "providers",
            f"{_INVOICE}/{_PAYER}": "payers",
        },
        above={
            f"{_INVOICE}/{_DOCUMENT}": tuple(f"../{path}" for path in (_SELLER, _SHIP_TO, _PAYER, _PERIOD, _TOTALS)),
            _LINES: (f"{_UP}{_NUMBER}", f"{_UP}{_SHIP_TO}/ID"),
        },
        namespaces=("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:2",),
    ),
    unread={
        "/invoice/@versionID": "version du standard",
        "/invoice/CrossIndustryInvoice/CIIHExchangedDocumentContext": "version du standard, numéro de l'envoi",
    },
    tables=(
        _INVOICES,
        _INVOICE_LINES,
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
            contract="invoice_line/1",
            shape=_SHAPE,
            related=(
                w.Related(contract="invoice/1", by="invoice_ref", member="invoices"),
                w.Related(contract="person/1", by="person_ref", member="persons"),
                w.Related(contract="organisation/1", by="organisation_ref", through="invoice_ref", member="providers"),
                w.Related(contract="organisation/1", by="payer_ref", through="invoice_ref", member="payers"),
                w.Related(contract="funded_plan/1", by="plan_ref"),
            ),
            complete=_complete,
        ),
    ),
)
