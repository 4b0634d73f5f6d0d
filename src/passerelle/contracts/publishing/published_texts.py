"""Labels of the published documents in both languages, independent of the language in use."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING

from passerelle.contracts.fact import Purpose, Sensitivity, Subject
from passerelle.contracts.types import Kind
from passerelle.vocabulary.language import use
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

_KINDS: Mapping[Kind, tuple[str, str]] = {
    Kind.TEXT: ("texte", "text"),
    Kind.URN: ("référence `système:entité:identifiant`", "reference `system:entity:id`"),
    Kind.DAY: ("date `AAAA-MM-JJ`", "date `YYYY-MM-DD`"),
    Kind.PARTIAL_DAY: ("date, ou année, ou année et mois", "date, or year, or year and month"),
    Kind.INSTANT: ("date et heure avec décalage", "date and time with offset"),
    Kind.AMOUNT: ("montant en euros, texte à deux décimales", "amount in euros, text with two decimals"),
    Kind.QUANTITY: ("quantité, texte à trois décimales au plus", "quantity, text with at most three decimals"),
    Kind.INTEGER: ("nombre entier", "whole number"),
    Kind.FLAG: ("vrai ou faux", "true or false"),
    Kind.WORD: ("mot d'une liste fermée", "word of a closed list"),
    Kind.OBJECT: ("objet", "object"),
    Kind.LIST: ("liste de", "list of"),
    Kind.MAP: ("textes par fournisseur et par colonne", "texts by supplier and column"),
}

_SUBJECTS: Mapping[Subject, tuple[str, str]] = {
    Subject.PERSON: ("la personne", "the person"),
    Subject.WORKER: ("l'intervenant", "the worker"),
    Subject.ORGANISATION: ("l'organisation", "the organisation"),
    Subject.NONE: ("sans objet", "nobody"),
}

_SENSITIVITIES: Mapping[Sensitivity, tuple[str, str]] = {
    Sensitivity.ORDINARY: ("ordinaire", "ordinary"),
    Sensitivity.IDENTIFYING: ("identifiante", "identifying"),
    Sensitivity.SPECIAL: ("particulière (RGPD art. 9)", "special (GDPR art. 9)"),
    Sensitivity.SURVEILLANCE: ("trace d'un travailleur", "trace of a worker"),
}

_PURPOSES: Mapping[Purpose, tuple[str, str]] = {
    Purpose.SUPPORT: ("accompagnement", "support"),
    Purpose.PLANNING: ("planification", "planning"),
    Purpose.BILLING: ("facturation", "billing"),
    Purpose.EFFECTIVITY: ("contrôle d'effectivité", "effectivity"),
    Purpose.RIGHTS: ("accès aux droits", "rights"),
    Purpose.STEERING: ("pilotage", "steering"),
    Purpose.PORTABILITY: ("portabilité", "portability"),
}


def word(name: str | Kind | Subject | Sensitivity | Purpose, language: str) -> str:
    """Return a label of the documents in a language."""
    place = LANGUAGES.index(language)
    for table in (_KINDS, _SUBJECTS, _SENSITIVITIES, _PURPOSES):
        if type(name) is type(next(iter(table))):
            return table[name][place]  # type: ignore[index]
    return _WORDS[name][place]


def said(code: str, language: str) -> tuple[str, str]:
    """Return the sentence and the advice of a reason in a language, whatever language is in use."""

    def saying() -> tuple[str, str]:
        use(language)
        return explain(code, {})

    # In a copy of the context, so that the language of the caller stays as it is.
    return copy_context().run(saying)
