"""The exports that nobody looked at while the proposals were tuned: only their totals were read."""

from __future__ import annotations

from inference.writing import NO_CONTRACT, Invented

EXPORTS = (
    Invented(
        "export_interventions.xlsx",
        "visit/1",
        """
        Id intervention > ref > seq:
        Id client > person_ref > code:C
        Civ. client > - > who:{title}
        Nom client > - > who:{last}
        Id auxiliaire > professional_ref > code:X
        Date de début > planned_start|stamped_start|retained_start > at:%d/%m/%Y %H:%M
        Date de fin > planned_end|stamped_end|retained_end > until:%d/%m/%Y %H:%M
        Type > service|aid_type > words:Toilette,Courses,Ménage
        Statut > status > words:Terminée,Annulée
        Kilomètres > travel_km > int:0,30
        Note > comment > text: ~0.2
    """,
        before=("Interventions", "du 01/02/2024 au 31/03/2024"),
        total="Total;;;;;;;;;412;",
    ),
    Invented(
        "telegestion.csv",
        "visit/1",
        """
        NUM_INTERV > ref > seq:
        CODE_USAGER > person_ref > code:U
        CODE_SALARIE > professional_ref > code:S
        DATE_INTERV > planned_start|planned_end|stamped_start|stamped_end > day:%Y%m%d
        H_DEB_PREV > planned_start > start
        H_FIN_PREV > planned_end > end
        H_DEB_REEL > stamped_start > start
        H_FIN_REEL > stamped_end > end
        LIB_PRESTA > service > words:TOILETTE,REPAS,MENAGE
        QTE_FACT > billed_quantity > hours
        ETAT > status > words:REALISEE,ANNULEE
    """,
        delimiter="|",
        encoding="cp1252",
    ),
    Invented(
        "tournees_prevues.csv",
        "planned_visit/1",
        """
        Réf créneau > ref > seq:CR
        Personne aidée > - > who:{last} {first}
        N° personne aidée > person_ref > code:P
        Aide à domicile > - > by:{last} {first}
        N° aide à domicile > professional_ref > code:A
        Date prévue > planned_start|planned_end > day:%d/%m/%Y
        Heure prévue début > planned_start > start:{h}h{m:02}
        Heure prévue fin > planned_end > end:{h}h{m:02}
        Prestation prévue > service > words:Lever,Coucher,Repas
        Statut > status > words:Planifié,Confirmé,Annulé
    """,
    ),
    Invented(
        "residents.csv",
        "person/1",
        """
        ID > ref > seq:R
        Nom d'usage > usual_name > who:{last}
        Nom de naissance > birth_name > by:{last}
        Prénoms > first_names > who:{first}
        Date naissance > birth_date > birth:%d/%m/%Y
        Lieu de naissance > birth_place > city
        Téléphone mobile > telecoms > phone:06
        Email > telecoms > mail:resident ~0.4
        Nom du médecin traitant > - > by:{last}
        Tél. médecin traitant > - > phone:02
        Email du tuteur > - > mail:tuteur ~0.3
        Régime > health_cover > words:Général,MSA
    """,
    ),
    Invented(
        "salaries.xlsx",
        "professional/1",
        """
        N° salarié > ref > seq:SAL
        Civilité > title > by:{title}
        Nom > last_name > by:{last}
        Prénom > first_name > by:{first}
        Qualification > profession > words:AES,Auxiliaire de vie,Infirmière
        Type de contrat > practice_mode > words:CDI,CDD
        Date d'embauche > start_on > day:%d/%m/%Y
        Fin de contrat > end_on > later:%d/%m/%Y ~0.2
        Portable > telecoms > numphone:6
        Permis B > means_of_transport|- > yn:O,N
    """,
        before=("Personnel",),
        groups=(),
    ),
    Invented(
        "factures_clients.csv",
        "invoice/1",
        """
        Pièce > number|ref > seq:FA
        Type > kind > words:Facture,Avoir
        Émise le > issued_on > day:%d/%m/%Y
        Période du > period_start > day:%d/%m/%Y
        Au > period_end > later:%d/%m/%Y
        Compte client > person_ref > code:C
        Nom > - > who:{last}
        Net à payer > total_incl_tax > euro:€
        Dont TVA > total_tax > euro:€
        Financeur > payer > words:APA,PCH,CNAV
    """,
        encoding="utf-16-le",
        before=("\ufeffFactures éditées",),
    ),
    Invented(
        "lignes_facture.csv",
        "invoice_line/1",
        """
        N° ligne > ref|line_number > seq:
        N° facture > invoice_ref > code:F
        Désignation > description|service > words:Aide à la toilette,Ménage
        Quantité > quantity > hours
        Unité > unit > words:Heure,Forfait
        Prix unitaire TTC > unit_price_incl_tax > euro:bare
        Taux TVA > tax_rate > words:5.5,0
        Montant HT > amount_excl_tax > euro:bare
        Montant TTC > amount_incl_tax > euro:bare
    """,
    ),
    Invented(
        "arrets.csv",
        "absence/1",
        """
        Salarié > - > by:{last} {first}
        Code salarié > professional_ref > code:S
        Type d'absence > type > words:Arrêt maladie,Congé,Accident du travail
        Du > starts_on > day:%-d/%-m/%Y
        Au > ends_on > later:%-d/%-m/%Y
        Justificatif reçu > - > yn:X,
    """,
    ),
    Invented(
        "paie_mars.csv",
        NO_CONTRACT,
        """
        Matricule > - > seq:M
        Nom > - > by:{last}
        Prénom > - > by:{first}
        Salaire brut > - > euro:bare
        Cotisations salariales > - > euro:bare
        Net imposable > - > euro:bare
        Net à payer > - > euro:bare
        Heures supplémentaires > - > hours
    """,
    ),
    Invented(
        "interventions_agence-castres_202402.csv",
        "visit/1",
        """
        N° intervention > ref > seq:
        Code usager > person_ref > code:U
        Code salarié > professional_ref > code:S
        Début > planned_start|stamped_start|retained_start > at:%d/%m/%Y %H:%M
        Fin > planned_end|stamped_end|retained_end > until:%d/%m/%Y %H:%M
        Prestation > service|aid_type > words:Toilette,Repas,Ménage
        Statut > status > words:Réalisée,Annulée
    """,
        shape="interventions_agence-{Agence}_{Mois:6}.csv",
    ),
    Invented(
        "enquete_satisfaction.csv",
        NO_CONTRACT,
        """
        Horodateur > - > at:%d/%m/%Y %H:%M:%S
        Êtes-vous satisfait de nos services ? > - > words:Très,Plutôt,Peu
        Ponctualité (note sur 10) > - > int:1,11
        Amabilité (note sur 10) > - > int:1,11
        Recommanderiez-vous l'association ? > - > yn:Oui,Non
        Vos suggestions > - > text: ~0.5
    """,
    ),
    Invented(
        "inscriptions_sortie.csv",
        NO_CONTRACT,
        """
        Atelier > - > words:Peinture,Gym douce,Chorale
        Salle > - > words:Bleue,Verte
        Animateur > - > by:{first}
        Places > - > int:5,20
        Tarif > - > euro:bare
        Matériel à prévoir > - > words:Tapis,Pinceaux
    """,
    ),
)
