"""What is declared unread is counted and not reported; all else that is not read is reported, with its values."""

from __future__ import annotations

import io

import polars as pl
import pytest
import xlsxwriter

from passerelle.engine.path.plans import PlanCache
from passerelle.engine.rehearsal.file_check import check
from passerelle.engine.watches.drift_watch import DriftWatch
from passerelle.extension.supplier import Connector
from passerelle.stages.decode.dialects import Csv, Json, Xlsx, Xml
from passerelle.stages.translate import OutOfScope, Ref, Table, Text, Where
from passerelle.stages.translate.plan import compile_plan
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.parcels import DecodedBatch, TextTable
from passerelle.vocabulary.place import Place

FIELDS = {"ref": Ref("id", system="x", entity="organisation"), "name": Text("nom")}
TABLE = Table(contract="organisation/1", fields=FIELDS, waived={"stamp": "a technical time"})


def _connector(dialect, **more) -> Connector:
    return Connector(id="x-all", title="X", dialect=dialect, tables=(TABLE,), **more)


def _causes(data: bytes, connector: Connector) -> dict[tuple[str, str], int]:
    report = check(io.BytesIO(data), "x", connector)
    return {
        (key.code, key.column or key.member): cause.count
        for key, cause in report.causes.items()
        if "unread" in key.code or "unknown" in key.code
    }


CASES = [
    (Csv(), b"id;nom;stamp;fax\n1;a;t;\n2;b;t;9\n", ("translate.column.unknown", "fax"), 1),
    (Json(lists={"l": ""}), b'{"l":[{"id":1,"nom":"a"}],"fax":[1,2]}', ("decode.unread.list", "fax"), 2),
    (
        Xml(rows={"/E/R": ""}),
        b"<E><R><id>1</id><nom>a</nom></R><fax>1</fax></E>",
        ("decode.unread.element", "/E/fax"),
        1,
    ),
]


@pytest.mark.parametrize(("dialect", "data", "name", "count"), CASES)
def test_what_nobody_declares_is_one_cause_with_its_values(dialect, data, name, count):
    assert _causes(data, _connector(dialect)) == {name: count}


@pytest.mark.parametrize("pattern", ["fax", "/E/fax", "*fax"])
@pytest.mark.parametrize(("dialect", "data", "name", "count"), CASES)
def test_what_is_declared_by_name_or_pattern_is_counted_and_not_reported(dialect, data, name, count, pattern):
    connector = _connector(dialect, unread={pattern: "nobody faxes"})
    if pattern in {name[1], "*fax"}:
        assert _causes(data, connector) == {}
        unread = check(io.BytesIO(data), "x", connector).unread
        assert (unread[name[1]].reason, unread[name[1]].values) == ("nobody faxes", count)
    else:
        assert _causes(data, connector) == {name: count}


def test_a_sheet_is_declared_unread_in_any_capitals_and_however_its_accents_are_composed():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        book.add_worksheet("Données").write_row(0, 0, ("id", "nom"))
        book.get_worksheet_by_name("Données").write_row(1, 0, ("1", "a"))
        book.add_worksheet("Très caché").write_row(0, 0, ("x", "y", "z"))
    assert _causes(stream.getvalue(), _connector(Xlsx())) == {("decode.unread.sheet", "Très caché"): 3}
    assert _causes(stream.getvalue(), _connector(Xlsx(), unread={"TRE\u0300S*": "lists of words"})) == {}


def test_columns_that_a_table_waives_are_listed_with_their_reason_and_values():
    report = check(io.BytesIO(b"id;nom;stamp\n1;a;t\n2;b;\n"), "x", _connector(Csv()))
    assert {name: (entry.reason, entry.values) for name, entry in report.unread.items()} == {
        "stamp": ("a technical time", 1)
    }


def test_a_column_declared_unread_is_not_carried():
    records = []
    connector = _connector(Csv(), unread={"fax": "nobody faxes"})
    check(
        io.BytesIO(b"id;nom;stamp;fax\n1;a;t;9\n"), "x", connector, on_records=lambda one, _table: records.append(one)
    )
    assert "extra" not in records[0].frame.columns


@pytest.mark.parametrize("size", [1, 2, 100])
def test_values_add_up_wherever_a_parcel_is_cut(size):
    plan = compile_plan([TABLE], supplier="x")
    watch = DriftWatch(plan)
    cells = ["1", "", "3", None, "5", ""]
    total = 0
    for number, start in enumerate(range(0, len(cells), size)):
        part = cells[start : start + size]
        frame = pl.DataFrame(
            {"id": ["a"] * len(part), "nom": ["b"] * len(part), "fax": pl.Series(part, dtype=pl.String)}
        )
        lines = pl.Series([1] * len(part), dtype=pl.UInt32)
        warned = watch.observe(DecodedBatch(number, TextTable("", frame, lines))).warned
        total += sum(int(item.details["count"]) for item in warned if item.reason == "translate.column.unknown")
    assert total == 3


TYPED = OutOfScope(fr="autre", en="other", where=(Where("kind", ("A", "B"), negated=True),))
KINDS = Table(contract="organisation/1", fields=FIELDS, where=(Where("kind", ("A",)),))
LEFT_OUT = OutOfScope(fr="pas B", en="not B", where=(Where("kind", ("B",)),))


def _typed(**more) -> Connector:
    dialect = Json(lists={"l": ""}, types="kind")
    return Connector(id="x-typed", title="X", dialect=dialect, tables=(KINDS,), out_of_scope=(LEFT_OUT, TYPED), **more)


def test_a_type_of_record_that_no_table_and_no_scope_names_is_reported_with_its_values():
    data = b'{"l":[{"kind":"A","id":1,"nom":"a"},{"kind":"B","id":2},{"kind":"C","id":3,"nom":"c"},{"kind":"C"}]}'
    assert _causes(data, _typed()) == {("decode.unread.resource", "C"): 4}
    assert _causes(data, _typed(unread={"C": "not asked for"})) == {}


def test_a_type_that_may_be_anything_is_not_shown():
    data = b'{"l":[{"kind":"Mme Martin est venue","id":1,"nom":"a"}]}'
    assert _causes(data, _typed()) == {("decode.unread.resource", "?"): 3}


def test_without_columns_what_stands_beside_is_reported_all_the_same():
    assert _causes(b'{"l":[],"fax":[1]}', _connector(Json(lists={"l": ""}))) == {("decode.unread.list", "fax"): 1}


def test_where_columns_are_not_watched_what_is_declared_is_not_reported_either():
    plan = PlanCache().get("x", _connector(Csv(), unread={"fax*": "nobody faxes"}))
    warned = tuple(
        RowWarning("decode.unread.member", Place(1, member=name), {"count": "2"}) for name in ("fax.csv", "b")
    )
    table = TextTable("", pl.DataFrame(), pl.Series([], dtype=pl.UInt32))
    kept = DriftWatch(plan).unread.drop_declared(DecodedBatch(0, table, warned=warned)).warned
    assert [item.place.member for item in kept] == ["b"]


@pytest.mark.parametrize("declared", ["../fax", "fax"])
def test_what_stands_beside_the_records_can_be_declared_without_their_column_of_the_same_name(declared):
    data = b'{"l":[{"id":1,"nom":"a","fax":"9"}],"fax":[1]}'
    causes = _causes(data, _connector(Json(lists={"l": ""}), unread={declared: "nobody faxes"}))
    assert causes == ({("translate.column.unknown", "fax"): 1} if declared == "../fax" else {})
