"""What a supplier's layout leaves behind is counted, and enters the books as a warning for each field."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from passerelle.edges.destinations.own_answers import DELIVERED
from passerelle.engine.adapters import flow_adapters as adapters
from passerelle.engine.records.ledger import Ledger
from passerelle.engine.rehearsal.file_check import check
from passerelle.engine.settings.workspace_settings import FolderDestinationSettings
from passerelle.extension.loading import load_plugins
from passerelle.stores.settlement import WARNING, ReasonKey
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import BatchKey, Delivery
from passerelle.vocabulary.place import ROW
from passerelle.vocabulary.ports import BatchDestination

if TYPE_CHECKING:
    from pathlib import Path

RECORD = {
    "ref": "generic-telegestion:visit:1",
    "person_ref": "generic-telegestion:person:2",
    "status": "done",
    "planned_start": "2024-11-04T08:00:00+01:00",
    "payer_ref": "generic-telegestion:organisation:3",
    "comment": "gardé",
}


def _entry(folder: Path, **more: object) -> FolderDestinationSettings:
    return FolderDestinationSettings.model_validate({"kind": "folder", "path": folder, **more}, context=folder)


def _ready(*records: dict[str, str]) -> Delivery:
    frame = pl.DataFrame(records).with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW))
    return Delivery("f", "visit/1", BatchKey("0" * 64, 0), frame, (b"",) * len(records), ("",) * len(records), (1,))


def test_a_csv_layout_names_the_values_it_has_no_column_for(tmp_path):
    entry = _entry(tmp_path, layout="generic-telegestion-visits")
    plugins, ready = load_plugins(), _ready(RECORD, {**RECORD, "ref": "generic-telegestion:visit:2"})
    answers = adapters.open_destination(entry, plugins, None, settle_unknown=False).deliver(ready)
    assert [answer.unmapped for answer in answers] == [("payer_ref",)] * 2
    preview = adapters.make_preview(entry, plugins)(ready)
    assert (preview.refused, preview.unmapped) == ({}, {0: ("payer_ref",), 1: ("payer_ref",)})


def test_the_form_of_the_contract_leaves_nothing(tmp_path):
    entry, plugins = _entry(tmp_path), load_plugins()
    answers = adapters.open_destination(entry, plugins, None, settle_unknown=False).deliver(_ready(RECORD))
    assert answers == [DELIVERED]
    preview = adapters.make_preview(entry, plugins)(_ready(RECORD))
    assert (preview.refused, preview.unmapped) == ({}, {})


def test_what_is_left_is_a_warning_of_the_books_and_no_fate():
    ledger = Ledger("exports")
    ledger.received = 2
    ledger.count(Fate.DELIVERED, 2)
    ledger.count_unmapped({"travel_km": 2}, "visit/1")
    balance = ledger.make_balance()
    assert (balance.adds_up, balance.warnings) == (True, 2)
    assert ledger.causes == {ReasonKey("visit/1", "exports", "deliver.value.left", "", "travel_km", WARNING): 2}


def test_fields_to_fill_that_no_written_contract_has_are_told(tmp_path):
    entry = _entry(tmp_path, layout="esppadom-delivery", fill={"payeur": "x"})
    with pytest.raises(FlowError) as caught:
        adapters.open_destination(entry, load_plugins(), None, settle_unknown=False)
    assert (caught.value.code, caught.value.details["keys"]) == ("settings.fill.unknown", "payeur")


def test_a_file_has_every_column_of_its_layout_and_is_read_back(tmp_path):
    plugins = load_plugins(["carnet_de_bord"])
    entry = _entry(tmp_path, layout="carnet-de-bord-beneficiaries-csv")
    person = {"ref": "carnet-de-bord:person:7", "usual_name": "TREMEUR", "first_names": "Odile", "birth_date": "1950"}
    ready = replace(_ready(person), contract="person/1")
    destination = adapters.open_destination(entry, plugins, None, settle_unknown=False)
    assert isinstance(destination, BatchDestination)
    destination.begin_batch([(ready, ready.frame)])
    destination.deliver(ready)
    (file,) = tmp_path.glob("*.csv")
    supplier, connector, _plugin = plugins.find_connector("carnet-de-bord-beneficiaries-csv")
    with file.open("rb") as stream:
        report = check(stream, supplier.id, connector)
    assert report.accepted == {"person/1": 1, "case/1": 1}
    assert report.balance.adds_up
