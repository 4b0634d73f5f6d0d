"""ESPPADOM DELIVERY 1.4: home visits as declared to the payer, with stamped and retained periods."""

from __future__ import annotations

from typing import Any

from passerelle import Connector, Supplier, Table, Where, Xml, hookimpl
from passerelle import convert as to

_SYSTEM = "esppadom"

_VISIT_PATH = "/delivery/CrossIndustryDespatchAdvice"
_TRADE = "CIDDHSupplyChainTradeTransaction/"
_AGREEMENT = f"{_TRADE}ApplicableCIDDHSupplyChainTradeAgreement/"
_PAYER = f"{_AGREEMENT}BuyerOrderReferencedCIReferencedDocument/IssuerCITradeParty"
_DELIVERY = f"{_TRADE}ApplicableCIDDHSupplyChainTradeDelivery/"
_SHIP_TO, _SHIP_FROM = f"{_DELIVERY}ShipToCITradeParty", f"{_DELIVERY}ShipFromCITradeParty"
_CONTACT = f"{_SHIP_FROM}/DefinedCITradeContact"
_EVENT = f"{_DELIVERY}ActualDespatchCISupplyChainEvent/"
_ADJUSTMENT = f"{_EVENT}TypeCode"
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
"""ESPPADOM_EFFECTIVITY_AJUST. Empty is a value too: the retained period is the stamped one."""
_STATUSES = {"": "done", **dict.fromkeys(_CORRECTIONS, "done"), "SUP": "cancelled"}
_AIDS = {code: code for code in ("APA", "PCH", "AM")}


def _local(column: str) -> to.LocalDateTime:
    """Read a local time; the message carries no offset, and is French."""
    return to.LocalDateTime(column, formats=("%Y-%m-%dT%H:%M:%S",), missing="refuse", twice="refuse")


def _method(stamp: str) -> to.Code:
    return to.Code(f"{stamp}SupplierIdentificationMethod", table={"BDG": "BDG"}, system="stamp-methods")


_VISIT: dict[str, to.Converter] = {
    "ref": to.Ref("CIDDHExchangedDocument/ID", system=_SYSTEM, entity="visit"),
    "person_ref": to.Ref(f"{_SHIP_TO}/ID", system=_SYSTEM, entity="person"),
    "organisation_ref": to.Ref(f"{_SHIP_FROM}/ID", system=_SYSTEM, entity="organisation"),
    "professional_ref": to.Ref(
        (f"{_SHIP_FROM}/ID", f"{_CONTACT}/ID"), system=_SYSTEM, entity="professional", whole=True
    ),
    "plan_ref": to.Ref(_ORDER_LINE, system=_SYSTEM, entity="funded_plan"),
    "payer_ref": to.Ref(f"{_PAYER}/ID", system=_SYSTEM, entity="organisation"),
    "aid_type": to.Code(f"{_PRODUCT}ID", table=_AIDS, system="aid-types"),
    "delivery_mode": to.Code(_FRAME, table={"PRE": "PRE"}, system="delivery-modes"),
    "service": to.Code(f"{_PRODUCT}Name"),
    "status": to.Word(_ADJUSTMENT, table=_STATUSES),
    "stamped_start": _local(f"{_STAMPS[0]}CertifiedDateTime"),
    "stamped_start_method": _method(_STAMPS[0]),
    "stamped_end": _local(f"{_STAMPS[1]}CertifiedDateTime"),
    "stamped_end_method": _method(_STAMPS[1]),
    "adjustment": to.Code(_ADJUSTMENT, table=_ADJUSTMENTS, system="esppadom-adjustment"),
    "billed_quantity": to.Number(_QUANTITY, decimal="."),
    "billed_unit": to.Word(f"{_QUANTITY}/@unitCode", table={"HUR": "hour"}),
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
        fields={**_VISIT, "retained_start": _local(_RETAINED[0]), "retained_end": _local(_RETAINED[1])},
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
"""HOR: the message only carries raw stamps, its retained period must be ignored."""

_ADDRESS = to.AddressOf(
    lines=("PostalCITradeAddress/LineOne",),
    postcode="PostalCITradeAddress/PostcodeCode",
    city="PostalCITradeAddress/CityName",
    country="PostalCITradeAddress/CountryID",
)
_BORN = "BirthDate"


def _birth_day(row: to.Row) -> Any:
    """Read the day: the time beside it is midnight, seen from another zone."""
    day = (row[_BORN] or "").partition("T")[0]
    return to.PartialDate(_BORN, formats=("%Y-%m-%d",)).parse({_BORN: day or None})


def _written_birth_day(value: Any) -> dict[str, str]:
    return {_BORN: f"{value}T00:00:00" if value else ""}


_PERSON = Table(
    contract="person/1",
    member="persons",
    fields={
        "ref": to.Ref("ID", system=_SYSTEM, entity="person"),
        "usual_name": to.Text("LastName"),
        "first_names": to.Text("FirstName"),
        "birth_date": to.PerRecord(_BORN, parse=_birth_day, render=_written_birth_day),
        "addresses": [_ADDRESS],
    },
    carried=("Name", "ID/*"),
    optional=("FirstName", _BORN, *_ADDRESS.columns),
)

_PROVIDER = Table(
    contract="organisation/1",
    member="providers",
    fields={
        "ref": to.Ref("ID", system=_SYSTEM, entity="organisation"),
        "identifiers": [to.Identifier("SIRET", system="siret")],
        "name": to.Text("Name"),
        "addresses": [_ADDRESS],
    },
    carried=("DefinedCITradeContact/*", "ID/*"),
    optional=("SIRET", *_ADDRESS.columns),
)

_PAYERS = Table(
    contract="organisation/1",
    member="payers",
    fields={"ref": to.Ref("ID", system=_SYSTEM, entity="organisation"), "name": to.Text("Name")},
    carried=("ID/*",),
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
        }
    ),
    tables=(*_VISITS, _PERSON, _PROVIDER, _PAYERS),
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Give the one supplier of this plugin."""
    return [Supplier(id=_SYSTEM, title="ESPPADOM", website="https://www.edess.org", connectors=(DELIVERY,))]
