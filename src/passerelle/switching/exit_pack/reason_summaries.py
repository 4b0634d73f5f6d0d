"""Reasons of many rows together, in French: what is left of a sentence whose details are another in each row.

Most sentences lose their details by themselves (`pack_summary.explain_in_french`); these would stop making sense.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SUMMARIES: Mapping[str, str] = {
    "decode.row.too_few_cells": "La ligne a moins de cellules que l’en-tête.",
    "decode.row.too_many_cells": "La ligne a plus de cellules que l’en-tête.",
    "decode.row.too_long": "La ligne est trop longue pour être lue.",
    "decode.row.footer": "La ligne est une mention du logiciel, et non un enregistrement.",
    "decode.row.hidden": "La feuille cache des lignes ; elles sont lues comme les autres.",
    "decode.unread.sheet": "Une feuille du classeur n’est pas lue.",
    "decode.member.missing": "Une partie que le connecteur attend n’est pas dans le fichier.",
    "decode.member.ambiguous": "Plusieurs parties du fichier portent le nom que le connecteur attend.",
    "decode.document.error": "Ce ne sont pas des données mais une erreur de l’autre côté.",
    "decode.record.too_many_cells": "L’enregistrement donne plus de colonnes que ce qui peut être lu.",
    "decode.record.too_deep": "L’enregistrement est imbriqué trop profondément pour être lu.",
    "decode.record.malformed": "La ligne n’est pas écrite dans le format attendu.",
    "decode.record.flawed": "L’enregistrement contient des signes que son format n’admet pas.",
    "decode.header.blank": "La ligne de la feuille où les noms des colonnes sont attendus est vide.",
    "decode.header.late": "Les noms de colonnes commencent plus bas que déclaré ; ce qui est au-dessus n’a pas été lu.",
    "decode.header.too_wide": "Le fichier a plus de colonnes que ce qui peut être lu.",
    "decode.encoding.assumed": "L’encodage du fichier n’est pas dit et a été supposé.",
    "decode.schema.departed": "Le fichier s’écarte de son schéma ; ce qu’il contient a été lu quand même.",
    "decode.parcel.not_declared": "Le fichier n’est pas dans le format que le connecteur attend.",
    "decode.parcel.malformed": "Le fichier n’est pas écrit dans le format attendu.",
    "decode.parcel.flawed": "Le fichier contient des signes que son format n’admet pas.",
    "decode.parcel.cut": "La fin du fichier manque.",
    "decode.parcel.too_deep": "Le fichier est imbriqué trop profondément pour être lu.",
    "decode.parcel.too_big": "Le fichier est trop grand pour être lu d’un seul tenant.",
    "decode.parcel.miscounted": "Deux façons de compter les lignes du fichier ne s’accordent pas.",
    "decode.archive.too_many_entries": "L’archive contient trop de fichiers pour être lue.",
    "decode.archive.too_big": "Le contenu de l’archive est trop grand pour être lu.",
    "translate.reference.other_type": "Une référence désigne une autre sorte d’enregistrement que celle du champ.",
    "translate.text.too_long": "Un texte est plus long que ce que le champ accepte.",
    "translate.time.resolved": "Une heure tombe pendant un changement d’horloge ; la règle du connecteur a tranché.",
    "translate.ref.too_long": "Un identifiant est trop long pour en faire une référence.",
    "translate.header.elsewhere": "Les colonnes attendues ne sont pas à la ligne où le connecteur regarde.",
    "validate.value.wrong_type": "Une valeur n’est pas de la sorte attendue.",
    "validate.field.missing": "Le contrat exige un champ pour lequel la ligne ne donne rien.",
    "validate.field.unknown": "L’enregistrement contient quelque chose que le contrat ne connaît pas.",
    "validate.text.too_short": "Un texte est trop court.",
    "validate.text.too_long": "Un texte est trop long.",
    "validate.text.placeholder": "Un mot qui ne dit rien (NULL, N/A, « néant ») tient la place d’un nom ou d’un lieu.",
    "validate.text.structured": "Une liste ou un objet écrit comme un texte tient la place d’un nom ou d’un lieu.",
    "validate.code.unknown": "Un code n’est pas dans la liste à laquelle il dit appartenir.",
    "validate.identifier.wrong_key": "La clé de contrôle d’un numéro est fausse : un chiffre a été mal saisi.",
    "validate.identifier.malformed": "Un numéro n’a pas la forme attendue.",
    "validate.record.inconsistent": "Ce que dit l’enregistrement se contredit.",
    "validate.record.unjudged": "Passerelle n’a pas pu juger l’enregistrement, pour une cause technique.",
    "validate.postcode.short": "Un code postal a quatre chiffres : un tableur a sans doute retiré le zéro du début.",
    "validate.day.future": "Un jour est trop loin dans l’avenir pour ce qu’il dit.",
    "validate.day.past": "Un jour est trop loin dans le passé pour ce qu’il dit.",
    "validate.day.placeholder": "Un jour est de ceux que les logiciels écrivent pour « inconnu » ou « sans fin ».",
    "validate.pack.contract": "Le contrat n’est pas connu ici.",
    "validate.nir.incoherent": "Le NIR contredit une autre valeur de l’enregistrement.",
    "validate.pack.record": "Le contrat n’accepte pas l’enregistrement.",
    "validate.dossier.export": "Un export manque, ou a été changé.",
    "gate.ground.missing": "Le contrat exige des champs qui peuvent révéler la santé ou la vie intime d’une personne.",
    "gate.recipient.excluded": "Ce destinataire ne peut rien avoir pour la finalité demandée.",
    "gate.purpose.unserved": "Le contrat ne sert pas la finalité demandée.",
}
"""By code: those that can set a row aside or stop a file, and whose sentence says nothing without its details."""
