"""Records of several contracts make one file a batch, which a reader that is not ours reads."""

from __future__ import annotations

import csv
from io import StringIO

import polars as pl
import pytest
from joined_rows import make_head, make_home, make_joiner

from passerelle.edges.destinations.forms import CsvForm
from passerelle.engine.adapters.whole_row_destination import RowBatch, WholeRowDestination
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import BatchKey, Delivery
from passerelle.vocabulary.ports import BatchDestination


def _make_delivery(contract: str, bodies: list[dict]) -> Delivery:
    frame = pl.DataFrame(bodies) if bodies else pl.DataFrame(schema={"ref": pl.String})
    return Delivery("f", contract, BatchKey("0" * 64, 0), frame, [b""] * len(bodies), [""] * len(bodies), [1])


@pytest.fixture
def destination(tmp_path):
    form = CsvForm(None, ";", encoding="utf-8", keeps_formulas=True)
    return WholeRowDestination(tmp_path, RowBatch(make_joiner(), form))


def test_both_contracts_of_a_batch_make_one_file_that_an_independent_reader_reads(destination, tmp_path):
    homes, heads = (
        _make_delivery("organisation/1", [make_home()]),
        _make_delivery("professional/1", [make_head("nina")]),
    )
    assert isinstance(destination, BatchDestination)
    destination.begin_batch([(homes, homes.frame), (heads, heads.frame)])
    answers = [answer.fate for delivery in (homes, heads) for answer in destination.deliver(delivery)]
    assert answers == [Fate.DELIVERED] * 2
    (path,) = tmp_path.iterdir()
    assert path.name.startswith("f-organisation-1-")
    (row,) = csv.DictReader(StringIO(path.read_text(encoding="utf-8")), delimiter=";")
    assert row == {"Nom": "Maison", "Rue": "", "Ville": "Albi", "Mail": "nina", "Chef": "Nina"}


def test_what_changed_is_written_with_what_did_not(destination, tmp_path):
    homes = _make_delivery("organisation/1", [make_home(), make_home("Foyer")])
    heads = _make_delivery("professional/1", [make_head("nina")])
    nothing = _make_delivery("organisation/1", [])
    destination.begin_batch([(nothing, homes.frame), (heads, heads.frame)])
    destination.deliver(heads)
    (path,) = tmp_path.iterdir()
    rows = list(csv.DictReader(StringIO(path.read_text(encoding="utf-8")), delimiter=";"))
    assert [(row["Nom"], row["Chef"]) for row in rows] == [("Maison", "Nina")]
