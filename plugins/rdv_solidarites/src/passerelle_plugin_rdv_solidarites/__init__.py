"""RDV-Solidarités: appointments, users and organisations, read page by page through its API v1; users written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from passerelle import (
    Access,
    Connector,
    Json,
    Push,
    Send,
    SignIn,
    Supplier,
    Table,
    Where,
    hookimpl,
    writing,
)
from passerelle import convert as to

from .collecting import RdvSettings, Settings, organisations, rdvs, users
from .telling import user

if TYPE_CHECKING:
    from collections.abc import Iterable

_SYSTEM = "rdv-solidarites"

_ACCESS = Access(
    scheme="sign_in",
    token_path="api/v1/auth/sign_in",  # noqa: S106  a path
    sign_in=SignIn(
        form={"email": "{username}", "password": "{password}"},
        repeats=("access-token", "client", "uid"),
        life=23 * 3600.0,
    ),
    per_second=2.0,
    in_flight=1,
)
"""Tokens live a day."""

_STATUSES = {
    "unknown": "unknown",
    "seen": "attended",
    "excused": "excused",
    "revoked": "cancelled",
    "noshow": "missed",
}
_PLACES = {"public_office": "on_site", "phone": "phone", "home": "home", "visio": "video"}
_FAMILY = {"single": "single", "in_a_relationship": "couple", "divorced": "divorced"}
_HOMES = {
    "sdf": "homeless",
    "heberge": "hosted",
    "en_accession_propriete": "buying",
    "proprietaire": "owner",
    "locataire": "tenant",
    "autre": "other",
}

_APPOINTMENT: dict[str, to.Converter] = {
    # ids are opaque: running numbers of the database (`id` in the API's own pages, public source of rdv-service-public)
    "ref": to.Ref("id", system=_SYSTEM, entity="appointment", opaque=True),
    "organisation_ref": to.Ref("organisation.id", system=_SYSTEM, entity="organisation", opaque=True),
    "professional_ref": to.Ref("agents.0.id", system=_SYSTEM, entity="professional", opaque=True),
    # `2022-01-01 08:00:00 +0100`: the API writes moments with their offset (OpenAPI examples).
    "starts_at": to.Instant("starts_at"),
    "ends_at": to.Instant("ends_at"),
    "duration": to.Minutes("duration_in_min"),
    "status": to.Word("status", table=_STATUSES),
    "cancelled_at": to.Instant("cancelled_at"),
    "mode": to.Code("motif.location_type", table=_PLACES, system="channels"),
    "motive": to.Code("motif.name"),
    "category": to.Code("motif.motif_category.short_name", system="rdv-solidarites-categories"),
    "title": to.Text("name"),
    "place": to.Text("address"),
    "collective": to.YesNo("collectif", yes=("true",), no=("false",)),
    "places": to.Number("max_participants_count", integer=True),
    "participants": to.Number("users_count", integer=True),
    "created_by": to.Code("created_by"),
    "comment": to.Text("context", max_length=20000),
}
_CARRIED = (
    *("agents.*", "lieu.*", "motif.*", "organisation.*", "participations.*"),
    *("created_at", "created_by_id", "created_by_type", "uuid"),
)
_WAIVED = {
    "users": "abandonné par l'éditeur : les mêmes personnes sont dans les participations",
    "url_for_agents": "adresse de la page du rendez-vous, faite de son numéro",
}
_OPTIONAL = ("agents.0.id", "motif.motif_category.short_name", "organisation.id")
# An individual appointment has one participant; a collective one has many, and refers to nobody.
_COLLECTIVE = ("true",)

RDVS = Connector(
    id="rdv-solidarites-rdvs",
    title="RDV-Solidarités : rendez-vous (API v1)",
    dialect=Json(lists={"rdvs": "", "rdv": ""}, spread=("agents", "participations")),
    unread={"../meta": "pagination de la réponse"},
    access=_ACCESS,
    collect=rdvs,
    settings=RdvSettings,
    tables=(
        Table(
            contract="appointment/1",
            where=(Where("collectif", _COLLECTIVE, negated=True),),
            fields={
                **_APPOINTMENT,
                "person_ref": to.Ref("participations.0.user.id", system=_SYSTEM, entity="person", opaque=True),
            },
            carried=_CARRIED,
            waived=_WAIVED,
            optional=(*_OPTIONAL, "participations.0.user.id"),
        ),
        Table(
            contract="appointment/1",
            where=(Where("collectif", _COLLECTIVE),),
            fields=_APPOINTMENT,
            carried=_CARRIED,
            waived=_WAIVED,
            optional=_OPTIONAL,
        ),
    ),
)


def _make_cell(
    column: str, *, kind: Literal["text", "number", "boolean"] = "text", needed: bool = False
) -> writing.Cell:
    """Return a member of a user, which is read inside a list and written alone."""
    return writing.Cell(f"users.{column}", kind=kind, needed=needed)


_USER = writing.Writing(
    contract="person/1",
    complete=lambda record, _related: user(record, _FAMILY.values()),
    shape=writing.JsonShape(
        root={
            "organisation_ids": [writing.Given("field", of="organisation_ref")],
            "first_name": _make_cell("first_name", needed=True),
            "last_name": _make_cell("last_name", needed=True),
            **{name: _make_cell(name) for name in ("birth_name", "birth_date", "email", "phone_number", "address")},
            **{name: _make_cell(name) for name in ("caisse_affiliation", "affiliation_number", "family_situation")},
            "number_of_children": _make_cell("number_of_children", kind="number"),
            "notify_by_sms": _make_cell("notify_by_sms", kind="boolean"),
            "notify_by_email": _make_cell("notify_by_email", kind="boolean"),
            "responsible_id": _make_cell("responsible.id", kind="number"),
        }
    ),
)
_REFUSED_OVER = ("email", "phone_number", "birth_date", "first_name", "last_name", "affiliation_number", "base")
"""Members of a user that a refusal may speak of, those of which it speaks most first."""

USERS = Connector(
    id="rdv-solidarites-users",
    title="RDV-Solidarités : usagers (API v1)",
    dialect=Json(lists={"users": "", "user": ""}),
    unread={"../meta": "pagination de la réponse"},
    access=_ACCESS,
    collect=users,
    settings=Settings,
    send=Send(
        path="api/v1/users",
        key_header="",
        own="users.id",
        own_path="api/v1/users/{id}",
        says=writing.ResponseRules(
            errors="errors",
            code=tuple(f"errors.{name}.0.error" for name in _REFUSED_OVER),
            id=("user.id",),
        ),
    ),
    writes=(_USER,),
    tables=(
        Table(
            contract="person/1",
            fields={
                "ref": to.Ref("id", system=_SYSTEM, entity="person", opaque=True),
                "identifiers": [
                    # `caisse_affiliation` is `caf`, `msa` or `aucune`: the number alone is not known to be CAF's.
                    to.Identifier("affiliation_number", system="caf-msa"),
                    to.Identifier("case_number", system="rdv-solidarites-case"),
                ],
                "birth_name": to.Text("birth_name"),
                "usual_name": to.Text("last_name"),
                "first_names": to.Text("first_name"),
                "birth_date": to.PartialDate("birth_date", formats=("%Y-%m-%d",)),
                "family_situation": to.Code("family_situation", table=_FAMILY, system="family-situations"),
                "accommodation": to.Code("logement", table=_HOMES, system="accommodations"),
                "telecoms": [
                    to.Telecom("phone_number"),
                    # the address of an account, else the one that its holder gave to be written to
                    to.FirstOf(to.Telecom("email", kind="email"), to.Telecom("contact_email", kind="email")),
                ],
                "addresses": [to.AddressOf(lines=("address",))],
                "comment": to.Text("notes", max_length=20000),
            },
            carried=(
                *("caisse_affiliation", "notify_by_email", "notify_by_sms", "number_of_children"),
                *("responsible.*", "responsible_id", "address_details", "user_profiles", "created_at"),
                *("invitation_created_at", "invitation_accepted_at"),
            ),
            waived={"phone_number_formatted": "le numéro de téléphone encore une fois"},
            optional=("contact_email",),
        ),
    ),
)

ORGANISATIONS = Connector(
    id="rdv-solidarites-organisations",
    title="RDV-Solidarités : organisations (API v1)",
    dialect=Json(lists={"organisations": "", "organisation": ""}),
    unread={"../meta": "pagination de la réponse"},
    access=_ACCESS,
    collect=organisations,
    tables=(
        Table(
            contract="organisation/1",
            fields={
                "ref": to.Ref("id", system=_SYSTEM, entity="organisation", opaque=True),
                "name": to.Text("name"),
                "telecoms": [
                    to.Telecom("phone_number"),
                    to.Telecom("email", kind="email"),
                    to.Telecom("website", kind="url"),
                ],
            },
            carried=("verticale", "public_link_id"),
            optional=("website",),
        ),
    ),
)


# The hexadecimal HMAC-SHA256 of the body (docs/api/webhooks of rdv-service-public).
_PUSH = Push(header="X-Lapin-Signature", moment="meta.timestamp")
_ABOVE = ("meta.model", "meta.event", "meta.timestamp")
_TOLD_AT = to.Instant("../meta.timestamp")
_TOLD_AT_WAIVED = {"../meta.timestamp": "date du message : elle ordonne les états, et ne dit rien de personne"}
_ENVELOPE = {"../meta": "enveloppe de l'annonce, dont le modèle, l'événement et l'heure sont lus"}
_GONE = (Where("../meta.event", ("destroyed",)),)
"""A deletion that is announced: the supplier keeps nothing of the record."""


def _announce(tables: Iterable[Table], model: str) -> tuple[Table, ...]:
    """Return tables for records that messages about one model hold."""
    return tuple(
        replace(
            table,
            where=(*table.where, Where("../meta.model", (model,))),
            waived={**table.waived, **_TOLD_AT_WAIVED},
            deleted=_GONE,
        )
        for table in tables
    )


RDVS_PUSHED = replace(
    RDVS,
    id="rdv-solidarites-rdvs-pushed",
    title="RDV-Solidarités : rendez-vous annoncés (webhook « rdv »)",
    # One address may be told of every model: a message about another is parked, not read as this one.
    dialect=Json(lists={"data": ""}, kind={"meta.model": "Rdv"}, spread=("agents", "participations"), above=_ABOVE),
    collect=None,
    push=_PUSH,
    ordered_by=_TOLD_AT,
    unread=_ENVELOPE,
    tables=_announce(RDVS.tables, "Rdv"),
)

USERS_PUSHED = replace(
    USERS,
    id="rdv-solidarites-users-pushed",
    title="RDV-Solidarités : usagers annoncés (webhook « user »)",
    dialect=Json(lists={"data": ""}, kind={"meta.model": "User"}, above=_ABOVE),
    collect=None,
    send=None,
    writes=(),
    push=_PUSH,
    ordered_by=_TOLD_AT,
    unread=_ENVELOPE,
    tables=_announce(USERS.tables, "User"),
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    return [
        Supplier(
            id=_SYSTEM,
            title="RDV-Solidarités",
            website="https://www.rdv-solidarites.fr",
            connectors=(RDVS, USERS, ORGANISATIONS, RDVS_PUSHED, USERS_PUSHED),
        )
    ]
