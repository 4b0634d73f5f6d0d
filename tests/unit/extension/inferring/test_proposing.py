"""The proposal: converters, gaps, questions; and what hostile files come to."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from unit.extension.inferring.exports import export, proposed

from passerelle.extension.inferring.proposing import MOST_COLUMNS, infer
from passerelle.extension.inferring.scaffolding import list_questions
from passerelle.extension.loading import load_plugins
from passerelle.testing.hostile import PARCELS
from passerelle.vocabulary.errors import ParcelError


def of(text, **asked):
    return infer(BytesIO(text.encode()), **asked)


def choice(proposal, field):
    return next(one for one in proposal.choices if one.field == field)


def rows(*lines, times=1):
    return "\n".join([lines[0], *lines[1:] * times])


def test_a_day_and_a_clock_become_one_moment():
    found = choice(proposed(export("telegestion_abrege")), "stamped_start")
    assert found.specs[0]["column"] == ["Dt interv.", "H. déb. réelle"]
    assert found.specs[0]["formats"] == ["%d/%m/%Y %H:%M"]


BADGED = (
    "N° intervention;Code usager;Date;Heure début prévue;Heure début réelle;Statut",
    "1;U1;23/03/2025;08:00;08:02;Réalisée",
    "2;U2;24/03/2025;09:00;;Annulée",
)


def test_a_day_that_stands_apart_is_asked_about_like_any_other():
    assert choice(of(rows(*BADGED), contract="visit/1"), "planned_start").questions == ()
    unsure = of(rows(*BADGED).replace("23/03", "03/03").replace("24/03", "04/03"), contract="visit/1")
    assert len(choice(unsure, "planned_start").questions) == 1


def test_a_visit_that_nobody_stamped_is_no_fault():
    found = of(rows(*BADGED), contract="visit/1")
    assert choice(found, "stamped_start").specs[0]["untimed"] == "none"
    assert "untimed" not in choice(found, "planned_start").specs[0]


def test_a_day_that_no_other_time_goes_with_is_a_question():
    found = of(rows(*BADGED, "3;U3;25/03/2025;;;Réalisée"), contract="visit/1")
    planned, stamped = choice(found, "planned_start"), choice(found, "stamped_start")
    assert "untimed" not in planned.specs[0]
    assert len(planned.questions) == 1
    assert stamped.specs[0]["untimed"] == "none"
    assert stamped.questions == ()


def test_the_parts_of_an_address_become_one_item_and_telephones_several():
    found = proposed(export("beneficiaires"))
    assert choice(found, "addresses").specs == (
        {"kind": "address", "lines": ["Adresse"], "postcode": "CP", "city": "Ville"},
    )
    assert sorted(spec["of"] for spec in choice(found, "telecoms").specs) == ["email", "mobile", "phone"]


def test_names_that_repeat_go_to_the_side_they_stand_on():
    found = proposed(export("telegestion_repetee")).fields
    assert (found["Motif"], found["Motif#2"]) == ({"stamped_start_reason"}, {"stamped_end_reason"})


def test_a_known_word_gets_its_code_and_an_unknown_one_is_a_question():
    found = of(rows("N° intervention;Code usager;Début prévu;Statut", "1;U1;03/03/2025 08:00;Réalisée",
                    "2;U2;13/03/2025 08:00;Bizarre", times=3), contract="visit/1")  # fmt: skip
    (table,) = found.tables
    assert (table.guessed, table.undecided) == ({"Réalisée": "done"}, ("Bizarre",))
    assert choice(found, "status").questions


def test_a_word_said_once_that_no_list_knows_is_not_copied():
    text = rows("N° intervention;Statut", "1;Réalisée", times=6) + "\n9;Madame Secret\n"
    assert [table.undecided for table in of(text, contract="visit/1").tables] == [()]


@pytest.mark.parametrize(
    ("cells", "spec"),
    [
        (("1,5", "0,75"), {"kind": "minutes", "unit": "hours"}),
        (("90", "45"), {"kind": "minutes"}),
        (("1h30", "0h45"), {"kind": "duration"}),
    ],
)
def test_a_duration_is_read_as_it_is_written(cells, spec):
    lines = [f"{n};{cell}" for n, cell in enumerate(cells * 3)]
    found = choice(of(rows("N° entretien;Durée", *lines), contract="interaction/1"), "duration").specs[0]
    assert found == {**spec, "column": "Durée"}


def test_days_that_could_be_months_are_asked_about_and_a_number_between_columns_of_dates_is_not():
    found = of(rows("Numéro facture;Date facture", "F1;01/02/2025", "F2;02/02/2025"), contract="invoice/1")
    assert choice(found, "issued_on").questions
    found = of(rows("Numéro facture;Date facture", "F1;01/02/2025", "F2;22/02/2025"), contract="invoice/1")
    assert not choice(found, "issued_on").questions


def test_an_end_before_its_start_is_asked_about_when_both_share_a_day():
    lines = ["1;U1;13/03/2025;08:00;09:00;Réalisée", "2;U2;14/03/2025;23:00;01:00;Réalisée"]
    header = "N° intervention;Code usager;Date;Heure début prévue;Heure fin prévue;Statut"
    assert choice(of(rows(header, *lines), contract="visit/1"), "planned_end").questions
    assert not choice(of(rows(header, lines[0], lines[0]), contract="visit/1"), "planned_end").questions


def test_days_that_no_converter_reads_are_carried_with_a_question_and_never_taken_for_something_else():
    header = "N° intervention;Code usager;Date passage;Arrivée;Statut"
    found = of(rows(header, "1;U1;2025.3.1;8H00;Réalisée", "2;U2;2025.3.2;9H00;Réalisée"), contract="visit/1")
    assert set(found.carried) == {"Date passage", "Arrivée"}
    asked = [re.findall(r"«\s*(Date passage|Arrivée)\s*»", question) for question in list_questions(found)]
    assert sorted(column for columns in asked for column in columns) == ["Arrivée", "Date passage"]


def test_an_absence_from_and_to_is_recognised():
    found = of(rows("Salarié;Matricule;Type d'absence;Du;Au", "X Y;12;Maladie;01/03/2025;05/03/2025",
                    "X Z;13;Congés;06/03/2025;15/03/2025", times=2))  # fmt: skip
    assert found.contract == "absence/1"
    assert "starts_on" in found.fields["Du"]
    assert "ends_on" in found.fields["Au"]


def test_a_key_of_several_columns_takes_none_that_tells_nothing():
    header = "Secteur;Code usager;Date;Statut"
    lines = ["Nord;U1;13/03/2025;Réalisée", "Nord;U2;13/03/2025;Réalisée", "Nord;U1;14/03/2025;Réalisée"]
    found = choice(of(rows(header, *lines), contract="visit/1"), "ref")
    assert found.columns == ("Code usager", "Date")


def test_words_for_unknown_are_taken_over():
    assert of("Numéro facture;Total TTC\nF1;-\nF2;12,50\n").nulls == ("", "-")


def test_what_is_required_and_not_there_is_filled_with_a_question():
    found = of(rows("Date;Heure;Nom usager", "03/03/2025;08:00;ABRICOT", "13/03/2025;09:00;IRIS"), contract="visit/1")
    assert {one.field for one in found.choices} >= {"ref", "person_ref", "status"}
    for field in ("ref", "status"):
        assert choice(found, field).questions
        assert choice(found, field).confidence < 0.5
    assert found.missing == ()


def test_a_unit_is_asked_about_where_none_is_said():
    assert choice(proposed(export("telegestion_abrege")), "billed_unit").questions


def test_what_nothing_can_fill_is_missing():
    assert of("Couleur\nbleu\nvert\n", contract="appointment/1").missing == ("starts_at",)


def test_every_column_is_filled_or_carried():
    found = proposed(export("planning_hebdo"))
    assert {*found.fields, *found.carried} == set(found.sample.columns)
    assert not set(found.fields) & set(found.carried)


def test_columns_beyond_the_most_are_carried():
    names = [f"c{n}" for n in range(MOST_COLUMNS + 50)]
    found = of(";".join(names) + "\n" + ";".join("x" for _ in names) + "\n", contract="visit/1")
    assert set(names[MOST_COLUMNS:]) <= set(found.carried)


def test_a_contract_that_does_not_exist_is_an_error():
    with pytest.raises(KeyError):
        of("a;b\n1;2\n", contract="nothing/1")


def outcome(content, **asked):
    """Give the reason why a file cannot be read, or nothing once the proposal speaks of each of its columns."""
    try:
        found = infer(BytesIO(content), **asked)
    except ParcelError as error:
        return error.code
    assert {*found.fields, *found.carried} == set(found.sample.columns)
    return ""


@pytest.mark.parametrize("name", sorted({*PARCELS} - {"huge", "wide"}))
@pytest.mark.parametrize("connector", ["compani-interventions", "ogust-customers"])
def test_hostile_files_end_in_a_proposal_or_a_reason(connector, name):
    content = PARCELS[name](load_plugins().find_connector(connector)[1])
    assert outcome(content, contract="visit/1").partition(".")[0] in ("", "decode")


@pytest.mark.parametrize(("name", "reason"), [("huge", ""), ("wide", "decode.header.too_wide")])
def test_what_is_too_big_is_survived_too(name, reason):
    assert outcome(PARCELS[name](load_plugins().find_connector("compani-interventions")[1])) == reason


STOCK = rows("Référence;Désignation;Emplacement;Seuil d'alerte", "A1;Gants;B2;5", "A2;Masques;B3;6", "A3;Draps;B2;7")


def test_a_file_that_no_contract_fits_has_none_unless_one_is_asked_for():
    found = of(STOCK)
    assert (found.contract, found.choices) == ("", ())
    assert found.ranking
    assert of(STOCK, contract="person/1").contract == "person/1"


def test_an_end_after_midnight_is_read_as_one_of_the_next_day():
    header = "N° intervention;Code usager;Date;Heure début prévue;Heure fin prévue;Statut"
    night = choice(of(rows(header, "1;U1;13/03/2025;22h;6h30;Réalisée"), contract="visit/1"), "planned_end")
    assert night.specs[0]["after"] == "Heure début prévue"


def test_a_year_of_two_digits_gets_its_hundred_years_and_a_question_for_births():
    header, line = "N° dossier;Nom;Date de naissance;Date de décès", "1;A;31/12/34;30/11/21"
    found = of(rows(header, line), contract="person/1")
    assert choice(found, "death_date").specs[0]["years_from"] == 1950
    birth = choice(found, "birth_date")
    assert birth.specs[0]["years_from"] < 1950
    assert birth.questions


def test_a_key_that_repeats_is_asked_about_and_a_telephone_is_never_one():
    found = choice(of(rows("N° dossier;Nom;Téléphone", "1;A;0199000001", "1;B;0199000002"), contract="person/1"), "ref")
    assert found.columns == ("N° dossier",)
    assert found.questions
    gap = choice(of(rows("Téléphone;Nom", "0199000001;A", "0199000002;B"), contract="person/1"), "ref")
    assert "Téléphone" not in gap.columns


HELPERS = ("Id;{}Lien", "1;EXEMPLE;Camille;ESSAI;Jo;Fils", "2;MODELE;Alex;ESSAI;Zoé;Fille")


@pytest.mark.parametrize(
    ("helper", "helped"),
    [
        ("Nom;Prénom;", "Usager nom;Usager prénom;"),
        ("Nom;Prénom;", "Personne aidée nom;Personne aidée prénom;"),
        ("Nom aidant;Prénom aidant;", "Bénéficiaire - Nom;Bénéficiaire - Prénom;"),
    ],
)
@pytest.mark.parametrize("is_first", [True, False], ids=["helper first", "helped first"])
def test_a_helper_and_the_helped_person_have_each_their_own_names(helper, helped, is_first):
    header = HELPERS[0].format(helper + helped if is_first else helped + helper)
    found = of(rows(header, *HELPERS[1:]), contract="related_contact/1")
    names = {column for field in ("last_name", "first_name") for column in choice(found, field).columns}
    assert names == set(helper.strip(";").split(";"))
    assert set(choice(found, "person_ref").columns) == set(helped.strip(";").split(";"))


def test_no_score_of_a_contract_is_above_one():
    found = of(rows("id;last_name;first_name;birth_date;birth_name;usual_name;sex", "1;DURAND;Camille;;;;"))
    assert found.ranking[0] == ("person/1", 1.0)
    assert all(0 <= score <= 1 for _contract, score in found.ranking)


def test_how_a_time_is_written_is_shown_by_a_time_and_not_by_directives():
    reasons = choice(of(rows(*BADGED, times=12), contract="visit/1"), "planned_start").reasons
    assert any("18:45" in reason for reason in reasons), reasons
    assert not any("%H" in reason for reason in reasons)


OF_BOTH = (
    "Code usager;Nom;Prénom;Nom de l'aidant;Prénom de l'aidant;Téléphone aidant",
    "U1;ROUX;Jeanne;ROUX;Paul;0601020304",
    "U2;NOIR;Marc;BLANC;Anne;0601020305",
    "U3;GRIS;Luc;VERT;Zoé;0601020306",
)


def test_a_helped_persons_name_is_never_the_helpers():
    found = of(rows(*OF_BOTH), contract="related_contact/1")
    assert choice(found, "last_name").columns == ("Nom de l'aidant",)
    assert choice(found, "first_name").columns == ("Prénom de l'aidant",)
    assert {"Nom", "Prénom"} <= set(found.carried)


def test_a_telephone_is_no_reference_and_a_professionals_name_no_trade():
    lines = ("Client - Nom;Client - Téléphone;Intervenant - Nom;Aidant - Nom;Aidant - Prénom",
             "ROUX;0601020304;LEROY;LE;Anne", "NOIR;0601020305;BLANC;LE;Jean")  # fmt: skip
    helpers = of(rows(*lines), contract="related_contact/1")
    assert "Client - Téléphone" in helpers.carried
    assert "Intervenant - Nom" in of(rows(*lines), contract="person/1").carried


def test_people_without_a_number_are_named_by_names_and_birth_together_and_it_is_asked():
    lines = ("Nom;Prénom;Né(e) le", "ROUX;Jeanne;03/04/1947", "NOIR;Marc;12/01/1931", "GRIS;Luc;30/12/1950")
    key = choice(of(rows(*lines), contract="person/1"), "ref")
    assert key.columns == ("Nom", "Prénom", "Né(e) le")
    assert len(key.questions) == 1
    assert choice(of(rows(*lines), contract="related_contact/1"), "person_ref").columns != ("Né(e) le",)


def test_an_end_reads_its_start_however_the_start_is_written():
    times = ("21:00;07:00", "22:00;06:00", "7h30;9h", "08:00;09:00")
    lines = [f"{number};U{number};{number + 12}/10/2024;{both};Fait" for number, both in enumerate(times, 1)]
    found = of(rows("N° intervention;Usager;Date;Début prévu;Fin prévue;Statut", *lines), contract="visit/1")
    start, end = choice(found, "planned_start").specs[0], choice(found, "planned_end").specs[0]
    assert end["after"] == "Début prévu"
    assert set(start["formats"]) <= set(end["formats"])


def test_people_with_a_birthdate_are_no_organisation_in_english_either():
    lines = (
        "contact_id,firstname,lastname,birthdate,zip,town,referent_email",
        "12,Jeanne,ROUX,1947-04-03,75007,Paris,r@example.org",
        "13,Marc,NOIR,1931-01-12,69003,Lyon,r@example.org",
        "14,Luc,GRIS,1950-12-30,13001,Nice,s@example.org",
    )
    found = of(rows(*lines))
    assert found.contract == "person/1"
    assert {choice(found, name).columns for name in ("birth_name", "birth_date")} == {("lastname",), ("birthdate",)}
    assert "referent_email" in found.carried
