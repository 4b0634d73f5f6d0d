"""The exports that the proposals were tuned on."""

from __future__ import annotations

from inference.writing import NO_CONTRACT, Invented

EXPORTS = (
    Invented(
        "passages_badges.csv",
        "visit/1",
        """
        N° passage > ref > seq:PSG
        N° usager > person_ref > code:U
        Usager > - > who:{title} {last} {first}
        Salarié > - > by:{last} {first}
        Mat. salarié > professional_ref > code:S
        Date passage > planned_start|planned_end > day:%d/%m/%Y
        Début prévu > planned_start > start
        Fin prévue > planned_end > end
        Début badgé > stamped_start > start: ~0.8
        Fin badgée > stamped_end > end: ~0.8
        Prestation > service > words:Aide au repas,Toilette,Ménage,Courses
        Etat > status > words:Réalisé,Annulé,Non réalisé
        Observations > comment > text: ~0.3
    """,
        encoding="cp1252",
        before=("sep=;",),
    ),
    Invented(
        "releve_nuits.csv",
        "visit/1",
        """
        Réf. > ref > seq:G
        Code bénéficiaire > person_ref > code:B
        Code intervenant > professional_ref > code:I
        Jour > planned_start|planned_end|stamped_start|stamped_end|retained_start|retained_end > day:%d/%m/%y
        Début > planned_start|stamped_start|retained_start > start
        Fin > planned_end|stamped_end|retained_end > night
        Durée réalisée > - > during:{h}:{m:02}
        Type d'intervention > service > words:Garde de nuit,Garde itinérante
        Intervention facturée > billed > yn:O,N
    """,
    ),
    Invented(
        "planning_semaine.xlsx",
        "planned_visit/1",
        """
        Code > person_ref|ref > code:C
        Nom > - > who:{last} {first}
        Matricule > professional_ref > code:M
        Nom > - > by:{last} {first}
        Date > planned_start|planned_end > day:%d/%m/%Y
        De > planned_start > start
        À > planned_end > end
        Activité prévue > service > words:Repas,Toilette,Ménage
        Consignes > instructions > text: ~0.4
    """,
        before=("Planning prévisionnel", "Semaine 12"),
        groups=(("Bénéficiaire", 2), ("Intervenant", 2), ("Intervention", 5)),
    ),
    Invented(
        "fichier_usagers.csv",
        "person/1",
        """
        N° dossier > ref > seq:D
        Civilité > title > who:{title}
        Nom de famille > birth_name > who:{last}
        Prénom > first_names > who:{first}
        Né(e) le > birth_date > birth:%d/%m/%y
        Tél > telecoms > numphone:2
        Portable > telecoms > numphone:6 ~0.6
        Courriel > telecoms > mail:usager ~0.5
        Adresse > addresses > street
        CP Ville > addresses > cpcity
        Référent > - > by:{first} {last}
        Tél. référent > - > phone:02
        Mail référent > - > mail:referent
        GIR > gir > int:1,7
    """,
        encoding="utf-16",
    ),
    Invented(
        "liste_beneficiaires.xlsx",
        "person/1",
        """
        Identifiant > ref > seq:
        Bénéficiaire > birth_name > who:{title} {last} {first}
        Date de naissance > birth_date > birth:%Y-%m-%d 00:00:00.0
        Sexe > sex > words:F,M
        Situation de famille > family_situation > words:Veuf(ve),Marié(e),Célibataire
        Rue > addresses > street
        Code postal > addresses > cp
        Commune > addresses > city
        Téléphone fixe > telecoms > phone:02
        Personne à prévenir > - > by:{first} {last}
        Téléphone personne à prévenir > - > phone:06
        Actif > status > yn:Oui,Non
    """,
        before=("Liste des bénéficiaires au 31/03/2024", ""),
        sheet=1,
    ),
    Invented(
        "annuaire_agents.csv",
        "professional/1",
        """
        Matricule > ref > seq:A
        Nom > last_name > by:{last}
        Prénom > first_name > by:{first}
        Emploi > profession > words:Aide-soignante,Auxiliaire de vie,TISF
        Contrat > practice_mode > words:CDI,CDD,Vacataire
        Entrée le > start_on > day:%d/%m/%Y
        Sortie le > end_on > later:%d/%m/%Y ~0.1
        Secteur > team|organisation_ref > words:Nord,Sud,Centre
        Tél. pro > telecoms > phone:06
        Courriel > telecoms > mail:agent
    """,
        delimiter="\t",
    ),
    Invented(
        "facturation_mars.csv",
        "invoice/1",
        """
        N° de facture > ref|number > seq:F24-
        Date facture > issued_on > day:%d/%m/%y
        Échéance > - > later:%d/%m/%y
        N° client > person_ref > code:CL
        Client > - > who:{last} {first}
        Total HT > total_excl_tax > euro:€
        TVA > total_tax > euro:€
        Total TTC > total_incl_tax > euro:€
        Payeur > payer > words:Conseil départemental,CARSAT,Mutuelle
        Mode de règlement > payment_method > words:Virement,Chèque,CESU
        Réglée > status|- > yn:Oui,Non
    """,
        encoding="cp1252",
        total="TOTAL;;;;;25 114,12 €;1 204,10 €;26 318,22 €;;;",
    ),
    Invented(
        "encaissements.csv",
        NO_CONTRACT,
        """
        N° règlement > - > seq:R
        Date d'encaissement > - > day:%d/%m/%Y
        Code client > - > code:C
        Client > - > who:{last} {first}
        Mode de paiement > - > words:Virement,Chèque,Prélèvement
        Banque > - > words:BNP,CIC,Crédit agricole
        Montant encaissé > - > euro:bare
        N° de remise > - > int:1,9
    """,
    ),
    Invented(
        "absences_personnel.xlsx",
        "absence/1",
        """
        Matricule > professional_ref > code:
        Agent > - > by:{last} {first}
        Nature > type|reason > words:Maladie,Congés payés,Formation
        Premier jour > starts_on|starts_at > day:%Y-%m-%d
        Dernier jour > ends_on|ends_at > later:%Y-%m-%d
        Nombre de jours > - > int:1,20
        Commentaire > comment > text: ~0.2
    """,
        sheet=1,
    ),
    Invented(
        "hospitalisations.csv",
        "absence/1",
        """
        N° absence > ref > seq:ABS
        N° usager > person_ref > code:U
        Nom usager > - > who:{last}
        Date de début > starts_on > day:%d/%m/%Y
        Date de fin > ends_on > later:%d/%m/%Y ~0.8
        Motif d'absence > reason|type > words:Hospitalisation,Vacances,Famille
    """,
        delimiter=",",
    ),
    Invented(
        "entourage.csv",
        "related_contact/1",
        """
        N° contact > ref > seq:CT
        N° bénéficiaire > person_ref > code:B
        Nom contact > last_name > by:{last}
        Prénom contact > first_name > by:{first}
        Lien de parenté > relation > words:Fille,Fils,Conjoint,Voisin
        Téléphone > telecoms > phone:06
        Courriel > telecoms > mail:contact ~0.4
        Ordre d'appel > call_order > int:1,4
        Aidant principal > caregiver > yn:Oui,Non
    """,
    ),
    Invented(
        "structures_partenaires.csv",
        "organisation/1",
        """
        Code structure > ref > seq:ST
        Nom de la structure > name > words:CCAS,SAAD,Mission locale,EHPAD
        Type de structure > kind > words:Association,Public,Privé
        SIRET > identifiers > const:73282932000074
        Adresse > addresses > street
        Code postal > addresses > cp
        Ville > addresses > city
        Téléphone > telecoms > phone:02
        Mail > telecoms > mail:accueil
        Nom du directeur > - > by:{last}
    """,
    ),
    Invented(
        "decisions_aides.csv",
        "aid_request/1",
        """
        N° demande > ref > seq:DEM
        N° foyer > person_ref|case_ref|- > code:F
        N° usager > person_ref > code:U
        Type d'aide > type > words:Secours d'urgence,FSL,Aide alimentaire
        Date de la demande > opened_on > day:%d/%m/%Y
        Commission du > examined_on > later:%d/%m/%Y
        Décision > status > words:Accord,Refus,Ajourné
        Date de décision > decided_on > later:%d/%m/%Y
        Montant demandé > asked_amount > euro:bare
        Montant accordé > granted_amount > euro:bare ~0.7
        Motif de refus > refusal_reason > words:Ressources,Hors délai
    """,
    ),
    Invented(
        "agenda_rdv.csv",
        "appointment/1",
        """
        id > ref > seq:
        usager_id > person_ref > code:
        usager > - > who:{last} {first}
        agent_id > professional_ref > code:A
        date_heure > starts_at > at:%Y-%m-%d %H:%M:%S
        duree > duration > minutes
        motif > motive > words:Ouverture de droits,Suivi,Logement
        lieu > place|mode > words:MDS Nord,MDS Sud
        statut > status > words:Honoré,Absent,Annulé
    """,
        delimiter=",",
    ),
    Invented(
        "appels_entrants.csv",
        "interaction/1",
        """
        N° appel > ref > seq:AP
        Date et heure de l'appel > occurred_at > at:%d/%m/%Y %H:%M
        Sens de l'appel > direction > words:Entrant,Sortant
        Canal > channel > words:Téléphone,Mail,Visio
        N° usager > person_ref > code:U ~0.7
        Interlocuteur > contact_person > by:{first} {last}
        Motif > motives > words:Information,Réclamation,Urgence
        Suite donnée > outcome > words:Rappel,Transfert,Clos
        Compte rendu > synthesis > text
    """,
    ),
    Invented(
        "cahier_liaison.json",
        "note/1",
        """
        id > ref > seq:
        beneficiaire_id > person_ref > code:B
        date_heure > written_at > at:%Y-%m-%dT%H:%M:%S
        auteur > author > by:{first} {last}
        transmission > text > text
        urgent > urgent > yn:oui,non
    """,
    ),
    Invented(
        "plans_aide.csv",
        "funded_plan/1",
        """
        N° plan > ref|plan_number > seq:PA
        N° bénéficiaire > person_ref > code:B
        Dispositif > aid_type > words:APA,PCH,ARDH
        Financeur > payer > words:CD44,CARSAT
        Début de prise en charge > start_on > day:%d/%m/%Y
        Fin de prise en charge > end_on > later:%d/%m/%Y
        Heures mensuelles > hours > hours
        Tarif horaire > unit_price > euro:bare
        Taux de participation > person_share > int:0,90
    """,
    ),
    Invented(
        "stock_epicerie.csv",
        NO_CONTRACT,
        """
        Référence > - > seq:ART
        Désignation > - > words:Gants,Masques,Couches
        Emplacement > - > words:A1,B2,C3
        Quantité en stock > - > int:0,90
        Seuil d'alerte > - > int:1,9
        Prix unitaire > - > euro:bare
        Fournisseur > - > words:Medipro,Hygial
        Dernier inventaire > - > day:%d/%m/%Y
    """,
    ),
    Invented(
        "menus_semaine.csv",
        NO_CONTRACT,
        """
        Jour > - > day:%d/%m/%Y
        Repas > - > words:Midi,Soir
        Entrée > - > words:Carottes,Potage,Salade
        Plat > - > words:Poulet,Poisson,Omelette
        Dessert > - > words:Pomme,Yaourt,Flan
        Nombre de couverts > - > int:10,60
    """,
    ),
    Invented(
        "aidants_familiaux.csv",
        "related_contact/1",
        """
        N° usager > person_ref|ref > code:U
        Aidant 1 Nom > last_name|ref > by:{last}
        Aidant 1 Prénom > first_name|ref > by:{first}
        Aidant 1 Lien > relation > words:Fille,Fils,Voisin,Conjoint
        Aidant 1 Téléphone > telecoms > phone:06
        Aidant 2 Nom > last_name|ref > who:{last}
        Aidant 2 Prénom > first_name|ref > who:{first}
        Aidant 2 Lien > relation > words:Fille,Fils,Voisin,Conjoint ~0.5
        Aidant 2 Téléphone > telecoms > phone:06 ~0.5
    """,
        each=("1", "2"),
    ),
    Invented(
        "carnet_vehicules.csv",
        NO_CONTRACT,
        """
        Immatriculation > - > words:AB-123-CD,EF-456-GH
        Date > - > day:%d/%m/%Y
        Km départ > - > int:1000,9000
        Km arrivée > - > int:9001,9900
        Conducteur > - > by:{last} {first}
        Carburant (L) > - > hours
        Observations > - > text: ~0.3
    """,
    ),
    Invented(
        "releve_banque.csv",
        NO_CONTRACT,
        """
        Date opération > - > day:%d/%m/%Y
        Date valeur > - > later:%d/%m/%Y
        Libellé > - > words:VIR CAF,PRLV EDF,CHQ 00124,FRAIS
        Débit > - > euro:bare ~0.5
        Crédit > - > euro:bare ~0.5
        Solde > - > euro:bare
    """,
        before=("Relevé de compte n° 00012345678",),
    ),
)
