"""A sample is read by the connector that knows it best; where two know it equally well, nobody is accused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.extension.supplier import Connector
from passerelle.stages.decode.dialects import Csv
from passerelle.stages.translate.converters.references import Ref
from passerelle.stages.translate.converters.texts import Text
from passerelle.stages.translate.table import Table
from passerelle.tender.scoring.reading import SampleReader, choose_reader
from passerelle.vocabulary.errors import UsageError

ASKED = ["person/1", "visit/1"]


def make_reader(name: str, columns: list[str], contract: str = "person/1") -> SampleReader:
    fields = dict(zip(("birth_name", "usual_name", "access_notes"), map(Text, columns), strict=False))
    ref = Ref("N° usager", system="essai", entity="person")
    table = Table(contract=contract, fields={"ref": ref, **fields})
    return SampleReader("essai", Connector(id=name, title=name, dialect=Csv(delimiter=";"), tables=(table,)), "1")


def write_sample(folder, *columns: str):
    path = folder / "echantillon.csv"
    path.write_text(";".join(columns) + "\n" + ";".join("x" for _ in columns) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("turned", [False, True])
def test_a_shared_column_does_not_make_a_reader_in_whatever_order_they_are_offered(tmp_path, turned):
    offered = [make_reader("essai-personnes", ["Nom"]), make_reader("essai-visites", ["Début", "Fin"])]
    path = write_sample(tmp_path, "N° usager", "Début", "Fin")
    chosen = choose_reader(path, offered[:: -1 if turned else 1], ASKED, is_alone=False)
    assert chosen.connector.id == "essai-visites"


def test_two_that_fit_equally_well_are_refused_by_name(tmp_path):
    offered = [make_reader("essai-un", ["Nom"]), make_reader("essai-deux", ["Nom"])]
    with pytest.raises(UsageError) as caught:
        choose_reader(write_sample(tmp_path, "N° usager", "Nom"), offered, ASKED, is_alone=False)
    assert caught.value.code == "usage.sample.tied"
    assert caught.value.details["connectors"] == "essai-un, essai-deux"


def test_of_two_that_know_every_column_the_one_whose_columns_are_all_there_is_taken(tmp_path):
    offered = [make_reader("essai-large", ["Nom", "Autre"]), make_reader("essai-juste", ["Nom"])]
    chosen = choose_reader(write_sample(tmp_path, "N° usager", "Nom"), offered, ASKED, is_alone=False)
    assert chosen.connector.id == "essai-juste"


def test_a_file_in_contract_form_is_read_as_such_beside_a_reader_that_shares_one_column(tmp_path):
    table = Table(contract="person/1", fields={"ref": Ref("ref", system="essai", entity="person")})
    shared = Connector(id="essai-personnes", title="Essai", dialect=Csv(delimiter=";"), tables=(table,))
    offered = [SampleReader("essai", shared, "1")] * 2
    path = write_sample(tmp_path, "ref", "birth_name", "birth_date")
    assert choose_reader(path, offered, ASKED, is_alone=False).is_contract_form


@given(extra=st.integers(0, 5), known=st.integers(1, 3))
def test_who_knows_more_columns_is_never_passed_over(tmp_path_factory, extra, known):
    columns = ["Nom", "Adresse", "Accès"][:known]
    path = write_sample(tmp_path_factory.mktemp("sample"), "N° usager", *columns, *map(str, range(extra)))
    offered = [make_reader("essai-peu", []), make_reader("essai-plus", columns)]
    assert choose_reader(path, offered, ASKED, is_alone=False).connector.id == "essai-plus"


def test_a_file_that_nobody_knows_is_refused(tmp_path):
    with pytest.raises(UsageError) as caught:
        choose_reader(write_sample(tmp_path, "a", "b"), [make_reader("essai", ["Nom"])] * 2, ASKED, is_alone=False)
    assert caught.value.code == "usage.sample.unrecognised"
