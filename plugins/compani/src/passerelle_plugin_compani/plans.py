"""The fundings and subscriptions exports: plans granted to a beneficiary, and services they subscribed to."""

from __future__ import annotations

from typing import Any

from passerelle import Connector, Table, Where
from passerelle import convert as to

from .exports import CSV, CUSTOMER, SYSTEM, make_ref

_DAYS = {
    "Lundi": "mon",
    "Mardi": "tue",
    "Mercredi": "wed",
    "Jeudi": "thu",
    "Vendredi": "fri",
    "Samedi": "sat",
    "Dimanche": "sun",
    "Jours fériés": "hol",
}
_FREQUENCIES = {"Une seule fois": "once", "Mensuelle": "mo", "Hebdomadaire": "wk"}
_DAYS_COLUMN = "Jours"


def _parse_days(row: to.Row) -> list[dict[str, str | None]] | to.Fault | None:
    """Cut `Mardi Vendredi Jours fériés` into days, in the order of the week; return a Fault for any other word."""
    rest = row[_DAYS_COLUMN] or ""
    # By known words, not by spaces: «Jours fériés» has one.
    days = []
    for word, code in _DAYS.items():
        if word in rest:
            rest = rest.replace(word, "", 1)
            days.append({"code": code, "system": "weekdays", "label": None, "original": word})
    return to.Fault("translate.code.unknown", _DAYS_COLUMN) if rest.strip() else days or None


def _render_days(value: Any) -> dict[str, str]:
    words = {code: word for word, code in _DAYS.items()}
    return {_DAYS_COLUMN: " ".join(words.get(day["code"], day["original"] or "") for day in value or ())}


_PERSON = to.Ref("Id Bénéficiaire", system=SYSTEM, entity="person", opaque=True)

FUNDINGS = Connector(
    id="compani-fundings",
    title="Compani : export des financements (CSV)",
    dialect=CSV,
    tables=(
        Table(
            contract="funded_plan/1",
            fields={
                "ref": make_ref("Id Bénéficiaire", "Id tiers payeur", "Service", "Date de début", entity="funded_plan"),
                "person_ref": _PERSON,
                "payer_ref": to.Ref("Id tiers payeur", system=SYSTEM, entity="organisation", opaque=True),
                "payer": to.Text("Tiers payeur"),
                "file_number": to.Text("Numéro de dossier", max_length=64),
                "service": to.Code("Service"),
                "nature": to.Word("Nature", table={"Horaire": "hourly", "Forfaitaire": "flat_rate"}),
                "frequency": to.Code("Fréquence", table=_FREQUENCIES, system="frequencies"),
                # A flat rate may carry hours and a rate as well: all are kept, `nature` says what counts.
                "hours": to.Number("Nombre d'heures"),
                "unit_price": to.Amount("Montant unitaire TTC"),
                "amount": to.Amount("Montant TTC"),
                "person_share": to.Number("Participation du/de la bénéficiaire"),
                "days": to.PerRecord(_DAYS_COLUMN, parse=_parse_days, render=_render_days, faithful=True),
                "start_on": to.Date("Date de début"),
                "end_on": to.Date("Date de fin"),
            },
            carried=(*CUSTOMER, "Code EPA"),
        ),
    ),
)

_WEEKLY_HOURS = "Volume horaire hebdomadaire estimatif"
_WEEKLY_VISITS = "Nombre d'interventions hebdomadaire estimatif"
_BY_HOURS, _BY_VISITS = Where(_WEEKLY_HOURS, ("",), negated=True), Where(_WEEKLY_HOURS, ("",))

_SUBSCRIBED: dict[str, to.Converter] = {
    "ref": make_ref("Id Bénéficiaire", "Service", entity="subscription"),
    "person_ref": _PERSON,
    "service": to.Code("Service"),
    "frequency": to.Constant({"code": "wk", "system": "frequencies", "label": None, "original": None}),
    "unit_price": to.Amount("Prix unitaire TTC"),
}
_PARTS = ("Dont soirées", "Dont samedis", "Dont dimanches")

SUBSCRIPTIONS = Connector(
    id="compani-subscriptions",
    title="Compani : export des souscriptions (CSV)",
    dialect=CSV,
    tables=(
        Table(
            contract="funded_plan/1",
            where=(_BY_HOURS,),
            fields={**_SUBSCRIBED, "nature": to.Constant("hourly"), "hours": to.Number(_WEEKLY_HOURS)},
            carried=(*CUSTOMER, *_PARTS, _WEEKLY_VISITS),
        ),
        Table(
            contract="funded_plan/1",
            where=(_BY_VISITS,),
            fields={**_SUBSCRIBED, "nature": to.Constant("flat_rate")},
            carried=(*CUSTOMER, *_PARTS, _WEEKLY_VISITS),
        ),
    ),
)
"""A subscription is a plan without a payer: the beneficiary pays what no funding covers."""
