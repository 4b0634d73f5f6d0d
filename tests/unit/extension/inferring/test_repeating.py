"""Columns that repeat with a number are records of their own; lists of one thing are not."""

from __future__ import annotations

from io import BytesIO

import pytest

from passerelle.engine.rehearsal.file_check import check
from passerelle.extension.inferring.contents import examine_cells
from passerelle.extension.inferring.plugin_names import make_names
from passerelle.extension.inferring.proposing import infer
from passerelle.extension.inferring.python_writing import write_python
from passerelle.extension.inferring.repeating import fold_columns
from passerelle.extension.inferring.scaffolding import list_questions
from passerelle.extension.inferring.toml_writing import write_toml
from passerelle.extension.toml_suppliers import read_supplier

CONTACTS = (
    "N° usager;Aidant 1 Nom;Aidant 1 Prénom;Aidant 1 Téléphone;Aidant 2 Nom;Aidant 2 Prénom;Aidant 2 Téléphone\n"
    "U1;DUPONT;Anne;0639981201;ROUX;Paul;0639981202\n"
    "U2;MARTIN;Luc;0639981203;;;\n"
    "U3;LEGRAND;Zoé;0639981204;PETIT;Max;0639981205\n"
).encode()
REFS = ["U1~DUPONT~Anne", "U1~ROUX~Paul", "U2~MARTIN~Luc", "U3~LEGRAND~Zo%C3%A9", "U3~PETIT~Max"]


def fold(*columns):
    cells = {name: ["x", "y"] for name in columns}
    return fold_columns(cells, {name: examine_cells(values) for name, values in cells.items()})


def read_all(supplier):
    refs = []
    check(
        BytesIO(CONTACTS),
        supplier.id,
        supplier.connectors[0],
        on_records=lambda some, _t: refs.extend(some.frame["ref"]),
    )
    return sorted(ref.rpartition(":")[2] for ref in refs)


@pytest.mark.parametrize(
    "columns",
    [
        ("Téléphone 1", "Téléphone 2"),
        ("Téléphone 1", "Téléphone 2", "Adresse 1", "Adresse 2"),
        ("Adresse 1 ligne", "Adresse 1 suite", "Adresse 2 ligne", "Adresse 2 suite"),
        ("Aidant 1 Nom", "Aidant 2 Nom"),
        ("Aidant 1 Nom", "Aidant 1 Prénom"),
        ("Trimestre 2024 Nom", "Trimestre 2024 Prénom"),
        ("2 Nom", "3 Nom", "2 Prénom", "3 Prénom"),
    ],
)
def test_what_repeats_alone_or_as_pieces_of_one_thing_is_no_record(columns):
    assert fold(*columns).words == ()


@pytest.mark.parametrize(
    ("columns", "template"),
    [
        (("Aidant 1 Nom", "Aidant 1 Tél", "Aidant 2 Nom", "Aidant 2 Tél"), "Aidant {each} Nom"),
        (("nom_contact_1", "tel_contact_1", "nom_contact_2", "tel_contact_2"), "nom_contact_{each}"),
        (("Enfant01Nom", "Enfant01Prenom", "Enfant02Nom", "Enfant02Prenom"), "Enfant{each}Nom"),
    ],
)
def test_the_number_stands_where_it_stands(columns, template):
    folded = fold("N°", *columns)
    assert len(folded.words) == 2
    assert list(folded.cells)[:2] == ["N°", template]
    assert folded.templates[template] == (columns[0], columns[2])


def test_a_column_that_the_second_group_lacks_stays_by_itself():
    folded = fold("Aidant 1 Nom", "Aidant 1 Tél", "Aidant 1 Lien", "Aidant 2 Nom", "Aidant 2 Tél")
    assert list(folded.templates) == ["Aidant {each} Nom", "Aidant {each} Tél"]
    assert "Aidant 1 Lien" in folded.cells


def test_a_description_of_repeated_columns_reads_each_group_as_a_record(tmp_path):
    proposal = infer(BytesIO(CONTACTS), name="aidants.csv")
    assert (proposal.contract, proposal.each) == ("related_contact/1", ("1", "2"))
    assert proposal.fields["Aidant 2 Nom"] == {"last_name", "ref"}
    (tmp_path / "supplier.toml").write_text(write_toml(proposal, make_names("aidants", proposal)), "utf-8")
    assert read_all(read_supplier(tmp_path / "supplier.toml", tmp_path)) == REFS


def test_the_python_module_reads_the_same():
    proposal = infer(BytesIO(CONTACTS), name="aidants.csv")
    module: dict[str, object] = {}
    exec(write_python(proposal, make_names("aidants", proposal)), module)  # noqa: S102  our own text
    (supplier,) = module["provide_suppliers"]()
    assert read_all(supplier) == REFS


def test_columns_that_are_records_of_another_contract_are_asked_about():
    lines = CONTACTS.decode().splitlines()
    more = ["Nom;Prénom;Date de naissance;Sexe;Ville", *["ROUX;Jean;03/04/1947;M;ALBI"] * 3]
    content = "\n".join(f"{line};{other}" for line, other in zip(lines, more, strict=True)).encode()
    proposal = infer(BytesIO(content), contract="person/1")
    assert (proposal.each, proposal.beside) == ((), "related_contact/1")
    assert any("`related_contact/1`" in question for question in list_questions(proposal))


def test_the_name_of_a_long_contract_is_still_an_id():
    proposal = infer(BytesIO(CONTACTS), name="aidants.csv")
    assert len(make_names("export des aidants de l'agence nord 2024", proposal).connector) <= 40
