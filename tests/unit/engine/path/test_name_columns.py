"""What the name of a file says of all its rows."""

from __future__ import annotations

import io

import pytest

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.path.flow_policy import FlowPolicy
from passerelle.engine.path.name_columns import name_parcel, read_name_columns
from passerelle.engine.path.plans import get_plan
from passerelle.engine.rehearsal.file_check import check
from passerelle.extension.supplier import Connector
from passerelle.stages.decode.dialects import Csv, Json
from passerelle.stages.translate import Ref, Table, Text
from passerelle.stores.depot import Depot
from passerelle.stores.seal import Seal
from passerelle.vocabulary.errors import ParcelError

FIELDS = {"ref": Ref(("Agence", "N°"), entity="organisation"), "name": Text("Nom")}
TABLE = Table(contract="organisation/1", fields=FIELDS, waived={"Mois": "of no use"})
NAMED = ("structures_{Agence}_{Mois:6}.csv", "structures_{Agence}.csv")


def connector(dialect=None):
    return Connector(id="x-all", title="X", dialect=dialect or Csv(), tables=(TABLE,), file_name=NAMED)


def records(name: str, content: str = "N°;Nom\n1;A\n2;B\n", dialect=None):
    found = []
    stream = io.BytesIO(content.encode())
    report = check(
        stream, "x", connector(dialect), name=name, on_records=lambda some, _t: found.extend(some.frame["ref"])
    )
    return found, report


def test_every_row_has_what_the_name_says_and_no_column_is_missed():
    refs, report = records("structures_nord_202411.csv")
    assert refs == ["x:organisation:nord~1", "x:organisation:nord~2"]
    assert report.causes == {}


def test_the_folder_before_the_name_does_not_count_and_a_part_that_is_not_said_is_empty():
    plan = get_plan("x", connector())
    assert read_name_columns(plan, "exports/structures_sud.csv") == {"Agence": "sud", "Mois": ""}
    assert plan.name_columns == ("Agence", "Mois")


def test_documents_have_it_too():
    refs, _report = records("structures_nord.csv", '[{"N°": 1, "Nom": "A"}]', Json(lists={"": ""}))
    assert refs == ["x:organisation:nord~1"]


def test_a_file_that_is_named_otherwise_is_parked_with_the_name_that_is_expected():
    with pytest.raises(ParcelError) as refused:
        records("export.csv")
    assert refused.value.code == "decode.name.other"
    assert refused.value.details["expected"].startswith("structures_Agence_Mois.csv")


def test_a_policy_takes_the_name_from_the_depot_only_where_the_connector_reads_it(tmp_path):
    depot = Depot(tmp_path / "depot", Seal.from_key_file(tmp_path / "key", create=True))
    digest = depot.put(io.BytesIO(b"N\n"), name="structures_nord.csv").digest
    policy = FlowPolicy(plan=get_plan("x", connector()), purpose=Purpose.PORTABILITY)
    assert name_parcel(policy, depot, digest).name == "structures_nord.csv"
    bare = get_plan("x", Connector(id="y", title="Y", dialect=Csv(), tables=(TABLE,)))
    bare_policy = FlowPolicy(plan=bare, purpose=Purpose.PORTABILITY)
    assert name_parcel(bare_policy, depot, digest) is bare_policy
