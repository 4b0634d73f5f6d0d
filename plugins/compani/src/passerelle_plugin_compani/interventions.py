"""The interventions export: one row per event of the planning, as visits and planned visits."""

from __future__ import annotations

from passerelle import Connector, OutOfScope, Table, Where
from passerelle import convert as to

from .exports import CSV, SYSTEM, read_local_time

_PLANNED = ("Début planifié", "Fin planifiée")
_STAMPED = ("Début horodaté", "Fin horodatée")

_METHODS = {"QR Code": "qr_code", "Manuel": "manual"}
_TRAVEL = {
    "Aucun": "none",
    "Transports en commun / À pied": "public_or_foot",
    "Véhicule personnel": "private_vehicle",
    "Véhicule d'entreprise": "company_vehicle",
}
_INITIATIVES = {"Initiative de l'intervenant(e)": "professional"}
_BILLING = {
    "Facturée & payée": "billed_paid",
    "Facturée & non payée": "billed_unpaid",
    "Non facturée & non payée": "unbilled_unpaid",
}


def _read_moment(column: str) -> to.LocalDateTime:
    return read_local_time(column, "%Y/%m/%d %H:%M:%S")


def _make_ref(entity: str) -> to.FirstOf:
    """Return the reference of an event, which has no id: beneficiary, planned start, and auxiliary if there is one."""
    key = ("Id Bénéficiaire", _PLANNED[0])
    return to.FirstOf(
        to.Ref((*key, "Id Auxiliaire"), system=SYSTEM, entity=entity, whole=True),
        to.Ref(key, system=SYSTEM, entity=entity, whole=True),
    )


_BOTH: dict[str, to.Converter] = {
    "person_ref": to.Ref("Id Bénéficiaire", system=SYSTEM, entity="person", opaque=True),
    "professional_ref": to.Ref("Id Auxiliaire", system=SYSTEM, entity="professional", opaque=True),
    "team": to.Text("Équipe"),
    "service": to.Code("Service"),
    "planned_start": _read_moment(_PLANNED[0]),
    "planned_end": _read_moment(_PLANNED[1]),
    "recurrence": to.Code("Répétition"),
    "travel_mode": to.Code("Mode de transport spécifique", table=_TRAVEL, system="travel-modes"),
}

_VISIT: dict[str, to.Converter] = {
    **_BOTH,
    "ref": _make_ref("visit"),
    "status": to.Word("Annulé", table={"Oui": "cancelled", "Non": "done"}),
    "stamped_start": _read_moment(_STAMPED[0]),
    "stamped_start_method": to.Code("Type d'horodatage", table=_METHODS, system="stamp-methods"),
    "stamped_start_reason": to.Code("Motif"),
    "stamped_end": _read_moment(_STAMPED[1]),
    # Two headers occur twice, for the start and then for the end: decoding numbers the second.
    "stamped_end_method": to.Code("Type d'horodatage#2", table=_METHODS, system="stamp-methods"),
    "stamped_end_reason": to.Code("Motif#2"),
    "billed_quantity": to.Number("Durée"),
    "billed_unit": to.Constant("hour"),
    "billed": to.YesNo("Facturé"),
    "cancelled_by": to.Code("Raison de l'annulation", table=_INITIATIVES, system="cancellation-initiatives"),
    "cancellation_billing": to.Code("Statut de l'annulation", table=_BILLING, system="cancellation-billing"),
    "travel_km": to.Number("Déplacement véhiculé avec bénéficiaire"),
    "comment": to.Text("Divers", max_length=20000),
}

_PLAN: dict[str, to.Converter] = {
    **_BOTH,
    "ref": _make_ref("planned_visit"),
    "status": to.Word("Annulé", table={"Oui": "cancelled", "Non": "planned"}),
    "to_assign": to.YesNo("A affecter"),
    "cancellation_reason": to.Code("Raison de l'annulation"),
    "instructions": to.Text("Divers", max_length=20000),
}

_NAMES = (
    *(f"Auxiliaire - {part}" for part in ("Titre", "Prénom", "Nom")),
    *(f"Bénéficiaire - {part}" for part in ("Titre", "Prénom", "Nom")),
)
"""Columns carried along: a visit refers to people and does not name them."""

_INTERVENTION = Where("Type", ("Intervention",))
_ARRIVED, _NOT_ARRIVED = Where(_STAMPED[0], ("",), negated=True), Where(_STAMPED[0], ("",))
_LEFT, _NOT_LEFT = Where(_STAMPED[1], ("",), negated=True), Where(_STAMPED[1], ("",))
_BILLED, _NOT_BILLED = Where("Facturé", ("Oui",)), Where("Facturé", ("Oui",), negated=True)

_HAPPENED = ((_ARRIVED,), (_NOT_ARRIVED, _LEFT), (_NOT_ARRIVED, _NOT_LEFT, _BILLED))
"""Conditions of a visit: a stamp, or else an invoice (some services do not stamp). Any other row is a planned visit."""

# An export holds every event of the days that were chosen for it, and nothing can be filtered out. A plan that was done
# comes back as a visit under the same key; one that was moved has another key.
INTERVENTIONS = Connector(
    id="compani-interventions",
    title="Compani : export des interventions (CSV)",
    dialect=CSV,
    tables=(
        *(
            Table(
                contract="visit/1",
                where=(_INTERVENTION, *which),
                fields=_VISIT,
                carried=("Heure interne", "A affecter", *_NAMES),
                within="planned_start",
            )
            for which in _HAPPENED
        ),
        Table(
            contract="planned_visit/1",
            where=(_INTERVENTION, _NOT_ARRIVED, _NOT_LEFT, _NOT_BILLED),
            fields=_PLAN,
            carried=("Heure interne", "Statut de l'annulation", *_NAMES),
            waived={"Durée": "se déduit du début et de la fin prévus"},
            within="planned_start",
            becomes="visit/1",
        ),
    ),
    whole=True,
    out_of_scope=(
        OutOfScope(
            where=(Where("Type", ("Heure interne",)),),
            fr="une heure interne (réunion, formation) n'est pas une intervention chez une personne",
            en="an internal hour (meeting, training) is not a visit to a person",
        ),
        OutOfScope(
            where=(Where("Type", ("Absence", "Indisponibilité")),),
            fr="l'absence ou l'indisponibilité d'un intervenant relève de la gestion du personnel",
            en="the absence or unavailability of a professional is a matter for human resources",
        ),
    ),
)
