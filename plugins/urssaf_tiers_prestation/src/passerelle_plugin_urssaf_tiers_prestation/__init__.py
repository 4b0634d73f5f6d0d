"""Urssaf, «tiers de prestation» (avance immédiate): clients and payment requests sent, their states read."""

from __future__ import annotations

from passerelle import Access, Connector, Json, Send, Supplier, Table, Where, hookimpl, writing
from passerelle import convert as to

from .asking import StatusSettings, states
from .birth import commune_of_birth

_SYSTEM = "urssaf"
# Days are written as midnights with a Z: the Z means nothing, and no moment is made of them.
_DAY = ("%Y-%m-%dT00:00:00Z", "%Y-%m-%d")
# Client credentials are inferred from open integrations: the official description is not public.
_ACCESS = Access(scheme="oauth2", token_path="api/oauth/v1/token", per_second=2.0, in_flight=1)  # noqa: S106  a path
# opaque: what the API answers when somebody is enrolled (`idClient`); an invoice's number is the service's own wording
_CLIENT = to.Ref("idClient", system=_SYSTEM, entity="person", opaque=True)
_INVOICE = to.Ref("numFactureTiers", system=_SYSTEM, entity="invoice")
_LINES = 3
"""Number of services of a payment request that are read; further ones are carried."""


def _make_cells(*names: str) -> dict[str, writing.Cell]:
    return {name: writing.Cell() for name in names}


def _require(*names: str) -> dict[str, writing.Cell]:
    return {name: writing.Cell(needed=True) for name in names}


CLIENTS = Connector(
    id="urssaf-clients",
    title="Urssaf tiers de prestation : clients",
    dialect=Json(),
    access=_ACCESS,
    tables=(
        Table(
            contract="person/1",
            fields={
                "ref": _CLIENT,
                "title": to.Code("civilite", table={"1": "M", "2": "MME"}, system="titles"),
                "birth_name": to.Text("nomNaissance"),
                "usual_name": to.Text("nomUsage"),
                "first_names": to.Text("prenoms"),
                "birth_date": to.PartialDate("dateNaissance", formats=_DAY),
                "birth_commune": commune_of_birth(
                    "lieuNaissance.departementNaissance", "lieuNaissance.communeNaissance.codeCommune"
                ),
                "birth_place": to.Text("lieuNaissance.communeNaissance.libelleCommune"),
                "birth_country": to.Text("lieuNaissance.codePaysNaissance"),
                "telecoms": [
                    to.Telecom("numeroTelephonePortable", kind="mobile"),
                    to.Telecom("adresseMail", kind="email"),
                ],
                "addresses": [
                    to.AddressOf(
                        lines=("adressePostale.complement", "adressePostale.libelleVoie", "adressePostale.lieuDit"),
                        postcode="adressePostale.codePostal",
                        city="adressePostale.libelleCommune",
                        commune="adressePostale.codeCommune",
                    )
                ],
            },
            carried=("adressePostale.*", "coordonneeBancaire.*"),
        ),
    ),
    send=Send(path="atp/v1/tiersPrestations/particulier", key_header="", says=writing.ResponseRules(id=("idClient",))),
    writes=(
        writing.Writing(
            contract="person/1",
            shape=writing.JsonShape(
                root={
                    **_require("civilite", "nomNaissance", "prenoms", "dateNaissance"),
                    **_make_cells("nomUsage", "numeroTelephonePortable", "adresseMail"),
                    "lieuNaissance": {
                        **_require("codePaysNaissance"),
                        **_make_cells("departementNaissance"),
                        "communeNaissance": _make_cells("codeCommune", "libelleCommune"),
                    },
                    "adressePostale": {
                        **_make_cells(
                            "numeroVoie", "lettreVoie", "codeTypeVoie", "libelleVoie", "complement", "lieuDit"
                        ),
                        **_require("libelleCommune", "codePostal"),
                        **_make_cells("codeCommune", "codePays"),
                    },
                    "coordonneeBancaire": _require("bic", "iban", "titulaire"),
                }
            ),
        ),
    ),
)


_ACTIVITIES = tuple(f"{number:02d}" for number in range(1, 100))
"""Every activity code has two digits: a service without one is absent."""


def _describe_line(nth: int) -> Table:
    at = f"inputPrestations.{nth}"
    return Table(
        contract="invoice_line/1",
        member="requests",
        where=() if nth == 0 else (Where(f"{at}.codeActivite", _ACTIVITIES),),
        fields={
            # Lines have no number: within an invoice the nature of the service tells them apart.
            "ref": to.Ref(("numFactureTiers", f"{at}.codeNature"), system=_SYSTEM, entity="invoice_line"),
            "invoice_ref": _INVOICE,
            "person_ref": _CLIENT,
            "activity": to.Code(f"{at}.codeActivite", system="urssaf-activities"),
            "nature": to.Code(f"{at}.codeNature", system="urssaf-natures"),
            "quantity": to.Number(f"{at}.quantite", decimal="."),
            "unit": to.Word(f"{at}.unite", table={"HEURE": "hour", "FORFAIT": "flat_rate"}),
            "unit_price_incl_tax": to.Amount(f"{at}.mntUnitaireTTC", decimal="."),
            "amount_incl_tax": to.Amount(f"{at}.mntPrestationTTC", decimal="."),
            "amount_excl_tax": to.Amount(f"{at}.mntPrestationHT", decimal="."),
            "amount_tax": to.Amount(f"{at}.mntPrestationTVA", decimal="."),
            "start_on": to.Date(f"{at}.dateDebutEmploi", formats=_DAY),
            "end_on": to.Date(f"{at}.dateFinEmploi", formats=_DAY),
            "description": to.Text(f"{at}.complement1"),
        },
        carried=_CARRIED,
        waived=_TOLD_ELSEWHERE,
        optional=tuple(f"inputPrestations.{place}.{name}" for place in range(_LINES) for name in _OF_A_LINE),
    )


_OF_A_LINE = (
    *("codeActivite", "codeNature", "complement1", "dateDebutEmploi", "dateFinEmploi", "mntPrestationHT"),
    *("mntPrestationTTC", "mntPrestationTVA", "mntUnitaireTTC", "quantite", "unite"),
)
_CARRIED = ("idTiersFacturation", "inputPrestations.*")
_OF_THE_INVOICE = (
    *("dateDebutEmploi", "dateFacture", "dateFinEmploi", "dateNaissanceClient", "dateVersementAcompte"),
    *("mntAcompte", "mntFactureHT", "mntFactureTTC"),
)
_TOLD_ELSEWHERE = dict.fromkeys(_OF_THE_INVOICE, "dit par l'enregistrement de la facture ou de la personne")

_PERSON = Table(
    contract="person/1",
    member="requests",
    fields={"ref": _CLIENT, "birth_date": to.PartialDate("dateNaissanceClient", formats=_DAY)},
    carried=("numFactureTiers", *_CARRIED),
    waived=dict.fromkeys(
        (name for name in _OF_THE_INVOICE if name != "dateNaissanceClient"), "dit par l'enregistrement de la facture"
    ),
)
_REQUEST = Table(
    contract="invoice/1",
    member="requests",
    fields={
        "ref": _INVOICE,
        "number": to.Text("numFactureTiers"),
        "kind": to.Constant("invoice"),
        "person_ref": _CLIENT,
        "issued_on": to.Date("dateFacture", formats=_DAY),
        "period_start": to.Date("dateDebutEmploi", formats=_DAY),
        "period_end": to.Date("dateFinEmploi", formats=_DAY),
        "deposit": to.Amount("mntAcompte", decimal="."),
        "deposit_on": to.Date("dateVersementAcompte", formats=_DAY),
        "total_incl_tax": to.Amount("mntFactureTTC", decimal="."),
        "total_excl_tax": to.Amount("mntFactureHT", decimal="."),
    },
    carried=_CARRIED,
    waived={"dateNaissanceClient": "dit par l'enregistrement de la personne"},
)


def _make_line_cells(*names: str, kind: str = "text") -> dict[str, writing.Cell]:
    number = kind == "number"
    return {
        name: writing.Cell(f"inputPrestations.0.{name}", kind="number" if number else "text", needed=name in _MUST)
        for name in names
    }


_MUST = ("codeNature", "mntPrestationTTC")

REQUESTS = Connector(
    id="urssaf-payment-requests",
    title="Urssaf tiers de prestation : demandes de paiement",
    dialect=Json(lists={"": "requests"}, spread=("inputPrestations",)),
    access=_ACCESS,
    tables=(_REQUEST, _PERSON, *(_describe_line(nth) for nth in range(_LINES))),
    send=Send(
        path="atp/v1/tiersPrestations/demandePaiement",
        key_header="",
        by=("invoice_ref",),
        lot=10,
        says=writing.ResponseRules(
            results="",
            errors="errors",
            code=("errors.0.code", "code", "0.code"),
            # A duplicate of a first version is our own earlier try, whose answer was lost on the way.
            already=("ERR_FACTURE_DOUBLON",),
            id=("idDemandePaiement",),
        ),
    ),
    writes=(
        writing.Writing(
            contract="invoice_line/1",
            member="requests",
            related=(
                writing.Related(contract="invoice/1", by="invoice_ref", member="requests"),
                writing.Related(contract="person/1", by="person_ref", member="requests"),
            ),
            shape=writing.JsonShape(
                root=writing.Rows(
                    {
                        **_make_cells("idTiersFacturation"),
                        **_require("idClient", "dateNaissanceClient", "numFactureTiers", "dateFacture"),
                        **_require("dateDebutEmploi", "dateFinEmploi"),
                        "mntAcompte": writing.Cell(kind="number"),
                        **_make_cells("dateVersementAcompte"),
                        "mntFactureTTC": writing.Cell(kind="number", needed=True),
                        "mntFactureHT": writing.Cell(kind="number"),
                        "inputPrestations": writing.Rows(
                            {
                                **_make_line_cells("codeActivite", "codeNature"),
                                **_make_line_cells("quantite", kind="number"),
                                **_make_line_cells("unite"),
                                **_make_line_cells(
                                    *("mntUnitaireTTC", "mntPrestationTTC", "mntPrestationHT", "mntPrestationTVA"),
                                    kind="number",
                                ),
                                **_make_line_cells("dateDebutEmploi", "dateFinEmploi", "complement1"),
                            }
                        ),
                    },
                    by=("invoice_ref",),
                )
            ),
        ),
    ),
)


def _describe_state(*where: Where, paid: bool) -> Table:
    return Table(
        contract="invoice/1",
        where=where,
        fields={
            "ref": _INVOICE,
            "number": to.Text("numFactureTiers"),
            **({"status": to.Constant("paid")} if paid else {}),
            "payment_request": to.Text("idDemandePaiement"),
            "payment_request_status": to.Code("statut.code", system="urssaf-payment-states"),
            "rejection_reason": to.Code("infoRejet.code", system="urssaf-rejections"),
            "comment": to.Text("infoRejet.commentaire"),
            "paid_amount": to.Amount("infoVirement.mntVirement", decimal="."),
            "paid_on": to.Date("infoVirement.dateVirement", formats=_DAY),
        },
        carried=("infoRejet.*", "infoVirement.*", "statut.libelle"),
        optional=(
            *("infoRejet.code", "infoRejet.commentaire", "infoVirement.mntVirement"),
            "infoVirement.dateVirement",
        ),
    )


# States are numbers, and no list of them is public; 70 is the one that open integrations take for paid.
_PAID = ("70",)

# The client has 48 hours to object, and a transfer comes later still: a state that was read is not the last.
STATES = Connector(
    id="urssaf-payment-states",
    title="Urssaf tiers de prestation : états des demandes de paiement",
    dialect=Json(lists={"infoDemandePaiements": ""}),
    access=_ACCESS,
    collect=states,
    settings=StatusSettings,
    tables=(
        _describe_state(Where("statut.code", _PAID), paid=True),
        _describe_state(Where("statut.code", _PAID, negated=True), paid=False),
    ),
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    return [
        Supplier(
            id=_SYSTEM,
            title="Urssaf, API tiers de prestation",
            website="https://www.urssaf.fr",
            connectors=(CLIENTS, REQUESTS, STATES),
        )
    ]
