"""Labels of the published documents in both languages, independent of the language in use."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import DataSubject, Purpose, Sensitivity
from passerelle.contracts.types import FieldKind
from passerelle.vocabulary.language import set_language
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("fr", "en")

_WORDS: Mapping[str, tuple[str, str]] = {
    "field": ("Champ", "Field"),
    "title": ("Intitulé", "Title"),
    "type": ("Type", "Type"),
    "required": ("Obligatoire", "Required"),
    "yes": ("oui", "yes"),
    "no": ("non", "no"),
    "description": ("Description", "Description"),
    "example": ("Exemple", "Example"),
    "codes": ("Liste de codes", "Code list"),
    "open": ("ouverte", "open"),
    "closed": ("fermée", "closed"),
    "subject": ("Données de", "Data of"),
    "sensitivity": ("Sensibilité", "Sensitivity"),
    "purposes": ("Finalités", "Purposes"),
    "origin": ("Origine", "Origin"),
    "reference": ("renvoie à", "refers to"),
    "unit": ("unité", "unit"),
    "fields": ("Champs", "Fields"),
    "protection": ("Protection des données", "Data protection"),
    "words": ("Mots des listes fermées", "Words of the closed lists"),
    "word": ("Mot", "Word"),
    "parts": ("Objets", "Objects"),
    "rules": ("Règles entre champs", "Rules between fields"),
    "rule": ("Règle", "Rule"),
    "says": ("Ce que dit l'écart", "What a breach says"),
    "advice": ("Que faire", "What to do"),
    "effect": ("Effet", "Effect"),
    "warns": ("avertit", "warns"),
    "refuses": ("refuse", "refuses"),
    "version": ("Version", "Version"),
    "supported_until": ("maintenue jusqu'au", "supported until"),
    "deprecated": ("Déprécié depuis la version", "Deprecated since version"),
    "until": ("jusqu'au", "until"),
    "replaced_by": ("utiliser", "use"),
    "portability": (
        "La finalité de portabilité donne droit à tous les champs.",
        "The purpose of portability gives a right to every field.",
    ),
    "at_most": ("au plus", "at most"),
    "characters": ("caractères", "characters"),
    "read_me": ("Lisez-moi", "Read me"),
    "lists": ("Listes", "Lists"),
}

_KINDS: Mapping[FieldKind, tuple[str, str]] = {
    FieldKind.TEXT: ("texte", "text"),
    FieldKind.URN: ("référence `système:entité:identifiant`", "reference `system:entity:id`"),
    FieldKind.DAY: ("date `AAAA-MM-JJ`", "date `YYYY-MM-DD`"),
    FieldKind.PARTIAL_DAY: ("date, ou année, ou année et mois", "date, or year, or year and month"),
    FieldKind.INSTANT: ("date et heure avec décalage", "date and time with offset"),
    FieldKind.AMOUNT: ("montant en euros, texte à deux décimales", "amount in euros, text with two decimals"),
    FieldKind.QUANTITY: ("quantité, texte à trois décimales au plus", "quantity, text with at most three decimals"),
    FieldKind.INTEGER: ("nombre entier", "whole number"),
    FieldKind.FLAG: ("vrai ou faux", "true or false"),
    FieldKind.WORD: ("mot d'une liste fermée", "word of a closed list"),
    FieldKind.OBJECT: ("objet", "object"),
    FieldKind.LIST: ("liste de", "list of"),
    FieldKind.MAP: ("textes par fournisseur et par colonne", "texts by supplier and column"),
}

_SUBJECTS: Mapping[DataSubject, tuple[str, str]] = {
    DataSubject.PERSON: ("la personne", "the person"),
    DataSubject.RELATED: ("l'entourage", "somebody close to the person"),
    DataSubject.WORKER: ("l'intervenant", "the worker"),
    DataSubject.ORGANISATION: ("l'organisation", "the organisation"),
    DataSubject.NONE: ("sans objet", "nobody"),
}

_SENSITIVITIES: Mapping[Sensitivity, tuple[str, str]] = {
    Sensitivity.ORDINARY: ("ordinaire", "ordinary"),
    Sensitivity.IDENTIFYING: ("identifiante", "identifying"),
    Sensitivity.SPECIAL: ("particulière (RGPD art. 9)", "special (GDPR art. 9)"),
    Sensitivity.SURVEILLANCE: ("trace d'un travailleur", "trace of a worker"),
    Sensitivity.SECRET: ("secret professionnel", "professional secrecy"),
}

_PURPOSES: Mapping[Purpose, tuple[str, str]] = {
    Purpose.SUPPORT: ("accompagnement", "support"),
    Purpose.PLANNING: ("planification", "planning"),
    Purpose.BILLING: ("facturation", "billing"),
    Purpose.EFFECTIVITY: ("contrôle d'effectivité", "effectivity"),
    Purpose.RIGHTS: ("accès aux droits", "rights"),
    Purpose.PAY: ("paie", "pay"),
    Purpose.STEERING: ("pilotage", "steering"),
    Purpose.STATISTICS: ("statistiques", "statistics"),
    Purpose.PORTABILITY: ("portabilité", "portability"),
}


def get_label(name: str | FieldKind | DataSubject | Sensitivity | Purpose, language: str) -> str:
    """Return a label of the documents in a language."""
    place = LANGUAGES.index(language)
    # By type and not by key: `FieldKind.WORD` equals the text `word`, which is a label of its own.
    for table in (_KINDS, _SUBJECTS, _SENSITIVITIES, _PURPOSES):
        if type(name) is type(next(iter(table))):
            return table[name][place]  # type: ignore[index]  # keys of several enumerations
    return _WORDS[name][place]


def explain_reason(code: str, language: str) -> tuple[str, str]:
    """Return the sentence and the advice of a reason in a language, whatever language is in use."""

    def explain_in_language() -> tuple[str, str]:
        set_language(language)
        return explain(code, {})

    # In a copy of the context, so that the language of the caller stays as it is.
    return copy_context().run(explain_in_language)
