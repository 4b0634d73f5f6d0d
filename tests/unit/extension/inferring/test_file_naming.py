"""A name of a file in which a place stands is told; a shape is only proposed, and nothing where nobody needs it."""

from __future__ import annotations

from io import BytesIO

import pytest

from passerelle.extension.inferring.file_naming import guess_naming
from passerelle.extension.inferring.plugin_names import make_names
from passerelle.extension.inferring.proposing import infer
from passerelle.extension.inferring.toml_writing import write_toml
from passerelle.stages.translate.shapes import read_shapes

ABOUT = ("visite", "interventions", "passages", "télégestion")
VISITS = b"Id;Usager;D\xc3\xa9but;Fin;Statut\n" + b"".join(
    f"{n};U{n};0{n}/03/2024 08:00;0{n}/03/2024 09:00;fait\n".encode() for n in range(1, 8)
)


@pytest.mark.parametrize(
    ("name", "shape", "sure"),
    [
        ("passages_agence-nord_202403.csv", "passages_agence-{Agence}_{Mois:6}.csv", True),
        ("Agence Nord.xlsx", "Agence {Agence}.xlsx", True),
        ("export_SITE12_2024-03.csv", "export_SITE{Agence}_{Mois:7}.csv", True),
        ("visites_Mazamet_2024-03.csv", "visites_{Agence}_{Mois:7}.csv", False),
        ("202403_castres_interventions.csv", "{Mois:6}_{Agence}_interventions.csv", False),
    ],
)
def test_a_place_and_a_month_are_parts_of_the_name(name, shape, sure):
    found = guess_naming(name, ABOUT)
    assert (found.shape, found.sure) == (shape, sure)
    (read,) = read_shapes(shape)
    assert read.cut(name) is not None, "the shape fits the name that it was made from"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "export.csv",
        "interventions_202403.csv",
        "Mazamet.csv",
        "visites_Mazamet_Nord_202403.csv",
        "export_detail_visites_2024-03.csv",
        "agence_202403.csv",
        "visites_20240315.csv",
        "services.csv",
    ],
)
def test_nothing_is_said_of_a_name_that_tells_no_one_place(name):
    assert guess_naming(name, ABOUT).shape == ""


def test_a_description_asks_before_it_believes_a_name():
    proposal = infer(BytesIO(VISITS), contract="visit/1", name="passages_agence-nord_202403.csv")
    written = write_toml(proposal, make_names("passages", proposal))
    assert '# file_name = "passages_agence-{Agence}_{Mois:6}.csv"' in written
    assert proposal.questions == infer(BytesIO(VISITS), contract="visit/1", name="passages.csv").questions + 1


def test_a_place_that_a_column_says_is_not_looked_for_in_the_name():
    with_place = VISITS.replace(b"Statut\n", b"Statut;Code structure\n").replace(b"fait\n", b"fait;S1\n")
    assert infer(BytesIO(with_place), contract="visit/1", name="passages_agence-nord_202403.csv").naming.shape == ""
