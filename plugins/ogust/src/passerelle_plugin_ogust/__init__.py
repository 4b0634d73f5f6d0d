"""Ogust: visits, customers and employees of a home-care service, read page by page through its API."""

from __future__ import annotations

from passerelle import Access, Connector, Json, Send, SignIn, Supplier, Table, Where, hookimpl, writing
from passerelle import convert as to

from .collecting import Settings, VisitSettings, customers, employees, services

_SYSTEM = "ogust"

_UNREAD = {
    "../*.pagination": "pagination de la réponse",
    "../status": "état de la réponse",
    "../*.status": "état de la réponse",
    "../success": "état de la réponse",
    "../message": "phrase qui accompagne l'état",
}
_ACCESS = Access(
    scheme="sign_in",
    token_path="apiogust.php?method=getToken",  # noqa: S106  a path
    sign_in=SignIn(
        form={"key": "{username}", "request": "GET_TOKEN", "time": "{time}", "api_signature": "{signature}"},
        # The three parts are joined with `+`, as Ogust's own clients do (compani-api, `models/Ogust`, 2018).
        signs="{username}+GET_TOKEN+{time}",
        member="token",
        life=540.0,
    ),
    per_second=2.0,
    in_flight=1,
)
"""The public key is the flow's `username`, the private one its `password`. Tokens live ten minutes: nine are used."""

# A couple's file says «Mme et M.»: no title of ours, so it is told and kept as it was written.
_TITLES = {"M.": "M", "Mme": "MME"}


def _list_paths(entity: str, wrapped: str) -> dict[str, str]:
    """Return the paths of records: as the API answers, and in the wrapper of the published samples, many or one."""
    paths = (f"array_{entity}.result", entity)
    return dict.fromkeys((*paths, *(f"data.{wrapped}.{path}" for path in paths)), "")


def _read_time(column: str) -> to.LocalDateTime:
    """Read a local time to the minute; Ogust writes midnight as hour 24 of the day before."""
    return to.LocalDateTime(column, formats=("%Y%m%d%H%M",), missing="refuse", twice="refuse")


def _read_address(kind: str) -> to.AddressOf:
    parts = [f"{kind}_address.{part}" for part in ("line", "supplement", "zip", "city", "country")]
    return to.AddressOf(lines=parts[:2], postcode=parts[2], city=parts[3], country=parts[4], use=kind)


def _list_rest_of_addresses(*kinds: str) -> tuple[str, ...]:
    return tuple(
        f"{kind}_address.{part}" for kind in kinds for part in ("id_address", "type", "id_link", "third_party")
    )


_TELECOMS: tuple[to.Converter, ...] = (
    to.Telecom("landline"),
    to.Telecom("mobile_phone", kind="mobile"),
    to.Telecom("fax", kind="fax"),
    to.Telecom("email", kind="email"),
)

# Ids are opaque: `id_customer`, `id_employee` and `id_service` are running numbers of Ogust's database (its API pages).
_BOTH: dict[str, to.Converter] = {
    "person_ref": to.Ref("id_customer", system=_SYSTEM, entity="person", opaque=True),
    "professional_ref": to.Ref("id_employee", system=_SYSTEM, entity="professional", opaque=True),
    "service": to.Code("product_level"),
    "planned_start": _read_time("start_date"),
    "planned_end": _read_time("end_date"),
    "recurrence": to.Code("id_repetition"),
}
_CARRIED = (
    *("alert", "contract", "distance_charged", "fees_amount", "fees_amount_charged", "initiative", "insert_service"),
    *("pay_slip", "rates", "validate_comment_C", "validate_comment_I", "validate_date_C", "validate_date_I"),
)
_MONEY = ("billing_amount", "billing_amount_unit", "distance", "invoice", "journey_time", "mode")
_INTERVENTION = Where("type", ("I",))


def _make_cell(column: str, *, needed: bool = False) -> writing.Cell:
    """Return a member of a service, which is read inside the answer's list and written alone."""
    return writing.Cell(f"array_service.result.{column}", needed=needed)


_WRITTEN = (
    *("id_employee", "billing_amount", "billing_amount_unit", "comment", "distance", "id_repetition", "invoice"),
    *("journey_time", "mode", "product_level", "status", "type"),
)
_SERVICE = writing.Writing(
    contract="visit/1",
    shape=writing.JsonShape(
        root={
            "id_service": _make_cell("id_service"),
            **{name: _make_cell(name, needed=True) for name in ("id_customer", "start_date", "end_date")},
            **{name: _make_cell(name) for name in _WRITTEN},
        }
    ),
)
"""A visit with Ogust's own number changes that visit; one without creates one."""

SERVICES = Connector(
    id="ogust-services",
    title="Ogust : interventions (API)",
    dialect=Json(lists=_list_paths("service", "servicesRaw")),
    unread=_UNREAD,
    access=_ACCESS,
    collect=services,
    send=Send(
        path="apiogust.php?method=setService",
        # No keys are known to this API: a call without answer is settled as unknown, never repeated.
        key_header="",
        says=writing.ResponseRules(
            refused={"status": ("KO",)}, code=("code",), id=("id_service", "service.id_service")
        ),
    ),
    writes=(_SERVICE,),
    settings=VisitSettings,
    # Ogust writes 0 for «none», of numbers of records too: no reference may be made of it.
    nothing=("0",),
    tables=(
        Table(
            contract="visit/1",
            where=(_INTERVENTION, Where("status", ("R",))),
            fields={
                **_BOTH,
                "ref": to.Ref("id_service", system=_SYSTEM, entity="visit", opaque=True),
                "identifiers": [to.Identifier("invoice", system="ogust-invoice", use="invoice")],
                "delivery_mode": to.Code("mode", table={"P": "PRE"}, system="delivery-modes"),
                "status": to.Constant("done"),
                "billed_quantity": to.Number("billing_amount", decimal="."),
                "billed_unit": to.Word("billing_amount_unit", table={"H": "hour"}),
                "travel_km": to.Number("distance", decimal="."),
                "travel_minutes": to.Minutes("journey_time", decimal="."),
                "comment": to.Text("comment", max_length=20000),
            },
            carried=_CARRIED,
        ),
        Table(
            contract="planned_visit/1",
            where=(_INTERVENTION, Where("status", ("R", "N", ""), negated=True)),
            fields={
                **_BOTH,
                "ref": to.Ref("id_service", system=_SYSTEM, entity="planned_visit", opaque=True),
                "instructions": to.Text("comment", max_length=20000),
            },
            carried=(*_CARRIED, *_MONEY),
        ),
    ),
)

CUSTOMERS = Connector(
    id="ogust-customers",
    title="Ogust : clients (API)",
    dialect=Json(lists={**_list_paths("customer", "users"), "data.user.customer": "", "data.customers": ""}),
    unread=_UNREAD,
    access=_ACCESS,
    collect=customers,
    settings=Settings,
    tables=(
        Table(
            contract="person/1",
            fields={
                "ref": to.Ref("id_customer", system=_SYSTEM, entity="person", opaque=True),
                "identifiers": [
                    to.Identifier("code", system="ogust-code"),
                    to.Identifier("social_insurance_number", system="nir"),
                    to.Identifier("allocation_number", system="caf"),
                ],
                "birth_name": to.Text("maiden_name"),
                "usual_name": to.Text("last_name"),
                "first_names": to.Text("first_name"),
                "title": to.Code("title", table=_TITLES, system="titles"),
                "birth_date": to.PartialDate("date_of_birth", formats=("%Y%m%d",)),
                "birth_place": to.Text("place_of_birth"),
                "languages": [to.Code("language", system="bcp47")],
                "telecoms": _TELECOMS,
                "addresses": [_read_address("main"), _read_address("billing"), _read_address("secondary")],
                "access_notes": to.Joined(("door_code", "intercom_code"), separator=" / "),
                "comment": to.Text("comment", max_length=20000),
            },
            carried=(
                *("accounting_account", "activity", "caf_attached", "company_registration_number", "creator"),
                *("intra_community_VAT", "legal_status", "manager", "method_of_payment", "mode", "origin"),
                *("rms_number", "sector", "skype_id", "status", "type", "urssaf_code"),
                *_list_rest_of_addresses("main", "billing", "secondary"),
                *("bank_information.*", "sepa_information.*"),
            ),
            optional=(*_read_address("billing").columns, *_read_address("secondary").columns),
        ),
    ),
)

EMPLOYEES = Connector(
    id="ogust-employees",
    title="Ogust : intervenants (API)",
    dialect=Json(lists={**_list_paths("employee", "users"), "data.user.employee": ""}),
    unread=_UNREAD,
    access=_ACCESS,
    collect=employees,
    settings=Settings,
    tables=(
        Table(
            contract="professional/1",
            fields={
                "ref": to.Ref("id_employee", system=_SYSTEM, entity="professional", opaque=True),
                "identifiers": [to.Identifier("number", system="ogust-number")],
                "last_name": to.Text("last_name"),
                "first_name": to.Text("first_name"),
                "title": to.Code("title", table=_TITLES, system="titles"),
                "team": to.Text("sector"),
                "means_of_transport": to.Code("means_of_transport"),
                "telecoms": _TELECOMS,
            },
            carried=(
                *("accounting_account", "activity", "comment", "company_registration_number", "country_of_birth"),
                *("create_date", "creator", "date_of_birth", "driving_license", "family_situation"),
                *("intra_community_VAT", "language", "legal_status", "maiden_name", "manager", "method_of_payment"),
                *("mode", "nationality", "nature", "picture", "place_of_birth", "rms_number", "skype_id"),
                *("social_insurance_number", "state_of_birth", "status", "transport_pass", "transport_pass_cost"),
                *(f"main_address.{part}" for part in ("line", "supplement", "zip", "city", "country")),
                *_list_rest_of_addresses("main"),
                "bank_information.*",
            ),
        ),
    ),
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    return [
        Supplier(
            id=_SYSTEM,
            title="Ogust",
            website="https://www.ogust.com",
            connectors=(SERVICES, CUSTOMERS, EMPLOYEES),
        )
    ]
