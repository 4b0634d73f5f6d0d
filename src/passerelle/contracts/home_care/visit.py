"""Visit: one record per home visit, as it took place or was cancelled."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import declare_field
from passerelle.contracts.home_care.rules import VISIT_RULES
from passerelle.contracts.protection import (
    ALL_PURPOSES,
    BILLING,
    EFFECTIVITY,
    IDENTIFYING,
    NAMED_PURPOSES,
    ORDINARY,
    PAY,
    PLANNING,
    SPECIAL,
    STATISTICS,
    STEERING,
    SUPPORT,
    SURVEILLANCE,
    protect_nobody,
    protect_person,
    protect_worker,
    refer_to_organisation,
)
from passerelle.contracts.types import Coded, Flag, Instant, LongText, Minutes, Quantity, Text, Urn


class Visit(Contract):
    """One record per home visit, as it took place or was cancelled."""

    about = ContractMeta(
        family="visit",
        version="1.0.0",
        fr_title="Intervention réalisée",
        en_title="Visit",
        fr="Une ligne par intervention au domicile, telle qu'elle a eu lieu ou a été annulée.",
        en="One record per home visit, as it took place or was cancelled.",
    )
    rules = VISIT_RULES

    person_ref: Urn = declare_field(
        ...,
        fr_title="Personne",
        en_title="Person",
        fr="Personne chez qui l'intervention a lieu.",
        en="Person visited.",
        example="compani:person:5ce2bbb837a0d7924d76ea6d",
        origin="ESPPADOM ShipTo/ID; EVV ClientIdentifier; Compani Id Bénéficiaire; Ogust id_customer",
        reference="person",
        **protect_person(IDENTIFYING, *NAMED_PURPOSES, PAY),
    )
    organisation_ref: Urn | None = declare_field(
        fr_title="Organisation",
        en_title="Organisation",
        fr="Service qui intervient.",
        en="Service that visits.",
        example="compani:organisation:1",
        origin="ESPPADOM ShipFrom/ID; EVV ProviderIdentification",
        **refer_to_organisation(*ALL_PURPOSES),
    )
    professional_ref: Urn | None = declare_field(
        fr_title="Intervenant",
        en_title="Professional",
        fr="Intervenant qui s'est déplacé.",
        en="Professional who made the visit.",
        example="compani:professional:5ce2422ab0aeeee1f018edd5",
        origin="ESPPADOM DefinedCITradeContact/ID; EVV EmployeeIdentifier; Compani Id Auxiliaire; Ogust id_employee",
        reference="professional",
        **protect_worker(IDENTIFYING, SUPPORT, PLANNING, BILLING, EFFECTIVITY, PAY),
    )
    team: Text | None = declare_field(
        fr_title="Équipe",
        en_title="Team",
        fr="Équipe ou secteur.",
        en="Team or sector.",
        example="Secteur nord",
        origin="Compani Équipe",
        **protect_worker(ORDINARY, PLANNING),
    )
    planned_visit_ref: Urn | None = declare_field(
        fr_title="Intervention planifiée",
        en_title="Planned visit",
        fr="Passage prévu auquel l'intervention correspond.",
        en="Planned visit that this visit fulfils.",
        example="compani:planned_visit:8812",
        reference="planned_visit",
        **protect_person(IDENTIFYING, PLANNING, BILLING, EFFECTIVITY),
    )
    plan_ref: Urn | None = declare_field(
        fr_title="Plan d'aide",
        en_title="Funded plan",
        fr="Ligne du plan d'aide qui finance l'intervention.",
        en="Line of the funded plan that pays for the visit.",
        example="compani:funded_plan:FIN-17",
        origin="ESPPADOM OrderLineID",
        reference="funded_plan",
        **protect_person(IDENTIFYING, BILLING, EFFECTIVITY),
    )
    payer_ref: Urn | None = declare_field(
        fr_title="Financeur",
        en_title="Payer",
        fr="Organisme qui finance l'intervention.",
        en="Organisation that pays for the visit.",
        example="compani:organisation:CG77",
        origin="ESPPADOM BuyerOrderReferenced/IssuerCITradeParty; EVV PayerID",
        **refer_to_organisation(BILLING, EFFECTIVITY, STEERING),
    )
    aid_type: Coded | None = declare_field(  # The kind of aid (APA, PCH …) tells of age, disability or health.
        fr_title="Type d'aide",
        en_title="Type of aid",
        fr="Aide au titre de laquelle l'intervention est financée.",
        en="Aid under which the visit is paid for.",
        example={"code": "APA", "system": "aid-types"},
        origin="ESPPADOM SpecifiedCITradeProduct (ESPPADOM_TYPE_AIDE); EVV PayerProgram",
        codes="aid-types",
        **protect_person(SPECIAL, BILLING, EFFECTIVITY, STEERING, STATISTICS),
    )
    delivery_mode: Coded | None = declare_field(
        fr_title="Cadre d'intervention",
        en_title="Delivery mode",
        fr="Prestataire ou mandataire.",
        en="Service provider or agent of the person.",
        example={"code": "PRE", "system": "delivery-modes", "original": "PRE"},
        origin="ESPPADOM CadreIntervention (ESPPADOM_CADRE); Ogust mode",
        codes="delivery-modes",
        **protect_person(ORDINARY, BILLING, EFFECTIVITY, PAY),
    )
    service: Coded | None = declare_field(
        fr_title="Prestation",
        en_title="Service",
        fr="Prestation rendue.",
        en="Service given.",
        example={"code": "AVJ", "original": "Aide à la vie quotidienne"},
        origin="ESPPADOM SpecifiedCITradeProduct; EVV ProcedureCode; Compani Service; Ogust product_level",
        **protect_person(SPECIAL, SUPPORT, PLANNING, BILLING, EFFECTIVITY, STEERING, STATISTICS),
    )
    status: Literal["in_progress", "done", "cancelled", "missed"] = declare_field(
        ...,
        fr_title="État",
        en_title="Status",
        fr="Ce qu'est devenue l'intervention.",
        en="What became of the visit.",
        example="done",
        origin="TDDUI Evenement statut; EVV VisitCancelledIndicator; Compani Annulé; Ogust status",
        codes="visit-status",
        open_codes=False,
        **protect_person(ORDINARY, *ALL_PURPOSES),
    )
    planned_start: Instant | None = declare_field(
        fr_title="Début planifié",
        en_title="Planned start",
        fr="Début prévu avant l'intervention.",
        en="Start as planned before the visit.",
        example="2024-12-31T08:00:00+01:00",
        origin="EVV ScheduleStartTime; Compani Début planifié; Ogust start_date",
        **protect_person(ORDINARY, *ALL_PURPOSES),
    )
    planned_end: Instant | None = declare_field(
        fr_title="Fin planifiée",
        en_title="Planned end",
        fr="Fin prévue avant l'intervention.",
        en="End as planned before the visit.",
        example="2024-12-31T09:30:00+01:00",
        origin="EVV ScheduleEndTime; Compani Fin planifiée; Ogust end_date",
        **protect_person(ORDINARY, *ALL_PURPOSES),
    )
    stamped_start: Instant | None = declare_field(  # A stamp follows the worker: planning works from the plan.
        fr_title="Début horodaté",
        en_title="Stamped start",
        fr="Arrivée enregistrée par l'horodatage ; jamais corrigée.",
        en="Arrival as recorded by the stamp; never corrected.",
        example="2024-12-31T08:04:12+01:00",
        origin="ESPPADOM EffectiveCISpecifiedPeriod/StartDateTime; EVV CallDateTime (In); Compani Début horodaté",
        **protect_worker(SURVEILLANCE, BILLING, EFFECTIVITY),
    )
    stamped_start_method: Coded | None = declare_field(
        fr_title="Méthode d'horodatage, début",
        en_title="Start stamp method",
        fr="Comment l'arrivée a été enregistrée.",
        en="How the arrival was recorded.",
        example={"code": "manual", "system": "stamp-methods", "original": "Manuel"},
        origin="ESPPADOM_TIMESTAMP_METHOD; EVV Calls.CallType; Compani Type d'horodatage",
        codes="stamp-methods",
        **protect_worker(SURVEILLANCE, EFFECTIVITY),
    )
    stamped_start_reason: Coded | None = declare_field(
        fr_title="Motif de saisie, début",
        en_title="Start stamp reason",
        fr="Pourquoi l'arrivée a été saisie à la main.",
        en="Why the arrival was entered by hand.",
        example={"original": "QR Code manquant"},
        origin="EVV VisitChanges.ReasonCode; Compani Motif",
        **protect_worker(SURVEILLANCE, EFFECTIVITY),
    )
    stamped_end: Instant | None = declare_field(
        fr_title="Fin horodatée",
        en_title="Stamped end",
        fr="Départ enregistré par l'horodatage ; jamais corrigé.",
        en="Departure as recorded by the stamp; never corrected.",
        example="2024-12-31T09:28:40+01:00",
        origin="ESPPADOM EffectiveCISpecifiedPeriod/EndDateTime; EVV CallDateTime (Out); Compani Fin horodatée",
        **protect_worker(SURVEILLANCE, BILLING, EFFECTIVITY),
    )
    stamped_end_method: Coded | None = declare_field(
        fr_title="Méthode d'horodatage, fin",
        en_title="End stamp method",
        fr="Comment le départ a été enregistré.",
        en="How the departure was recorded.",
        example={"code": "qr_code", "system": "stamp-methods", "original": "QR Code"},
        origin="ESPPADOM_TIMESTAMP_METHOD; EVV Calls.CallType; Compani Type d'horodatage#2",
        codes="stamp-methods",
        **protect_worker(SURVEILLANCE, EFFECTIVITY),
    )
    stamped_end_reason: Coded | None = declare_field(
        fr_title="Motif de saisie, fin",
        en_title="End stamp reason",
        fr="Pourquoi le départ a été saisi à la main.",
        en="Why the departure was entered by hand.",
        example={"original": "Problème de caméra"},
        origin="EVV VisitChanges.ReasonCode; Compani Motif#2",
        **protect_worker(SURVEILLANCE, EFFECTIVITY),
    )
    stamped_place: Coded | None = declare_field(
        fr_title="Lieu d'horodatage",
        en_title="Stamp place",
        fr="Nature du lieu de l'horodatage (domicile, extérieur) ; jamais ses coordonnées.",
        en="Kind of place of the stamp (home, outside); never its coordinates.",
        example={"code": "home", "system": "stamp-places"},
        origin="EVV VisitLocationType",
        codes="stamp-places",
        **protect_worker(SURVEILLANCE, EFFECTIVITY),
    )
    retained_start: Instant | None = declare_field(
        fr_title="Début retenu",
        en_title="Retained start",
        fr="Début retenu pour le paiement.",
        en="Start retained for payment.",
        example="2024-12-31T08:00:00+01:00",
        origin="ESPPADOM OccurrenceCISpecifiedPeriod/StartDateTime; EVV AdjInDateTime",
        **protect_person(ORDINARY, SUPPORT, PLANNING, BILLING, EFFECTIVITY, PAY, STEERING),
    )
    retained_end: Instant | None = declare_field(
        fr_title="Fin retenue",
        en_title="Retained end",
        fr="Fin retenue pour le paiement.",
        en="End retained for payment.",
        example="2024-12-31T09:30:00+01:00",
        origin="ESPPADOM OccurrenceCISpecifiedPeriod/EndDateTime; EVV AdjOutDateTime",
        **protect_person(ORDINARY, SUPPORT, PLANNING, BILLING, EFFECTIVITY, PAY, STEERING),
    )
    adjustment: Coded | None = declare_field(
        fr_title="Code d'ajustement",
        en_title="Adjustment",
        fr="Pourquoi la période retenue diffère de l'horodatage ; absent si elle lui est identique.",
        en="Why the retained period differs from the stamps; absent when it is the same.",
        example={"code": "COD", "system": "esppadom-adjustment"},
        origin="ESPPADOM ActualDespatch…/TypeCode (ESPPADOM_EFFECTIVITY_AJUST); EVV VisitChanges.ReasonCode",
        codes="esppadom-adjustment",
        **protect_person(ORDINARY, BILLING, EFFECTIVITY),
    )
    adjustment_reason: Text | None = declare_field(  # Billing has it too: an adjusted visit is paid as adjusted.
        fr_title="Motif d'ajustement",
        en_title="Adjustment reason",
        fr="Explication de la correction, en clair.",
        en="Explanation of the correction, in words.",
        example="Badge oublié au départ",
        origin="EVV VisitChanges.ChangeReasonMemo",
        **protect_worker(SURVEILLANCE, BILLING, EFFECTIVITY),
    )
    billed_quantity: Quantity | None = declare_field(
        fr_title="Quantité facturée",
        en_title="Billed quantity",
        fr="Quantité retenue pour la facture, dans son unité.",
        en="Quantity retained for the invoice, in its unit.",
        example="1.5",
        origin="ESPPADOM BilledQuantity; EVV HoursToBill; Ogust billing_amount",
        **protect_person(ORDINARY, BILLING, EFFECTIVITY, STEERING, STATISTICS),
    )
    billed_unit: Literal["hour", "minute", "day", "unit", "flat_rate"] | None = declare_field(
        fr_title="Unité facturée",
        en_title="Billed unit",
        fr="Unité de la quantité facturée.",
        en="Unit of the billed quantity.",
        example="hour",
        origin="ESPPADOM BilledQuantity/@unitCode; Ogust billing_amount_unit",
        codes="visit-billed-unit",
        open_codes=False,
        **protect_nobody(ORDINARY, BILLING, EFFECTIVITY, STEERING, STATISTICS),
    )
    billed: Flag | None = declare_field(
        fr_title="Facturée",
        en_title="Billed",
        fr="L'intervention figure déjà sur une facture.",
        en="The visit is already on an invoice.",
        example=True,
        origin="EVV BillVisit; Compani Facturé; Ogust invoice",
        **protect_person(ORDINARY, BILLING, EFFECTIVITY),
    )
    cancelled_by: Coded | None = declare_field(
        fr_title="Annulée par",
        en_title="Cancelled by",
        fr="À l'initiative de qui l'intervention a été annulée.",
        en="On whose initiative the visit was cancelled.",
        example={"code": "person", "system": "cancellation-initiatives", "original": "Initiative du client"},
        origin="Compani Raison de l'annulation; Ogust initiative",
        codes="cancellation-initiatives",
        **protect_person(SPECIAL, PLANNING, BILLING, EFFECTIVITY),
    )
    cancellation_reason: Coded | None = declare_field(  # «Hospitalised» is a reason too: health data (GDPR article 9).
        fr_title="Motif d'annulation",
        en_title="Cancellation reason",
        fr="Pourquoi l'intervention n'a pas eu lieu.",
        en="Why the visit did not take place.",
        example={"code": "ORG-077", "system": "non-realisation-reasons"},
        origin="TDDUI Statut.motifNonRealisation",
        codes="non-realisation-reasons",
        **protect_person(SPECIAL, SUPPORT, PLANNING, BILLING, EFFECTIVITY),
    )
    cancellation_billing: Coded | None = declare_field(
        fr_title="Effet de l'annulation",
        en_title="Billing effect of cancellation",
        fr="Ce que l'annulation change à la facture et à la paie.",
        en="What the cancellation changes for the invoice and the pay.",
        example={"code": "billed_paid", "system": "cancellation-billing", "original": "Facturée & payée"},
        origin="Compani Statut de l'annulation",
        codes="cancellation-billing",
        **protect_person(ORDINARY, BILLING, EFFECTIVITY),
    )
    recurrence: Coded | None = declare_field(
        fr_title="Répétition",
        en_title="Recurrence",
        fr="Répétition dont l'intervention est issue.",
        en="Recurrence that the visit comes from.",
        example={"original": "Une fois par semaine"},
        origin="Compani Répétition; Ogust id_repetition",
        **protect_person(ORDINARY, PLANNING),
    )
    travel_km: Quantity | None = declare_field(  # Distances retrace a worker's day: only what is billed needs them.
        fr_title="Déplacement avec la personne",
        en_title="Travel with the person",
        fr="Kilomètres parcourus en véhicule avec la personne.",
        en="Kilometres driven with the person.",
        example="4.2",
        origin="Compani Déplacement véhiculé avec bénéficiaire; Ogust distance; TDDUI Transport.distance",
        unit="km",
        **protect_worker(SURVEILLANCE, BILLING, PAY),
    )
    travel_minutes: Minutes | None = declare_field(
        fr_title="Temps de trajet",
        en_title="Travel time",
        fr="Temps de trajet rattaché à l'intervention.",
        en="Travel time attached to the visit.",
        example=12,
        origin="Ogust journey_time",
        unit="min",
        **protect_worker(SURVEILLANCE, BILLING, PAY),
    )
    travel_mode: Coded | None = declare_field(
        fr_title="Mode de transport",
        en_title="Travel mode",
        fr="Mode de transport utilisé.",
        en="Means of travel used.",
        example={"code": "public_or_foot", "system": "travel-modes", "original": "Transports en commun / À pied"},
        origin="Compani Mode de transport spécifique; TDDUI TransportProfessionnel.type",
        codes="travel-modes",
        **protect_worker(ORDINARY, PLANNING, BILLING, PAY),
    )
    tasks: Annotated[list[Coded], Field(max_length=50)] | None = declare_field(
        fr_title="Tâches",
        en_title="Tasks",
        fr="Tâches faites.",
        en="Tasks done.",
        example=[{"original": "Aide au lever"}],
        origin="EVV Tasks",
        **protect_person(SPECIAL, SUPPORT, EFFECTIVITY),
    )
    person_confirmed: Flag | None = declare_field(
        fr_title="Confirmée par la personne",
        en_title="Confirmed by the person",
        fr="La personne a confirmé l'intervention.",
        en="The person confirmed the visit.",
        example=True,
        origin="EVV ClientVerifiedTimes; TDDUI Evenement.validationUsager; Ogust validate_date_C",
        **protect_person(ORDINARY, BILLING, EFFECTIVITY),
    )
    comment: LongText | None = declare_field(
        fr_title="Commentaire",
        en_title="Comment",
        fr="Ce que l'intervenant transmet à l'équipe.",
        en="What the professional passes on to the team.",
        example="A bien déjeuné.",
        origin="TDDUI Evenement.commentaire; EVV Memo; Compani Divers; Ogust comment",
        **protect_person(SPECIAL, SUPPORT),
    )
