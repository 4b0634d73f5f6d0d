"""Canonical JSON is exactly what Python writes of the same record without its unknowns."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

import polars as pl
import pytest
from growth import AS_ITS_SIZE, measure_growth
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.contract import Contract, ContractMeta
from passerelle.contracts.field_meta import ALL_PURPOSES, DataSubject, Sensitivity, declare_field
from passerelle.contracts.field_types import list_columns, list_shapes, list_words
from passerelle.contracts.types import Address, Coded, Flag, Minutes, Text
from passerelle.vocabulary.place import ROW


def _fact() -> Any:
    words = dict.fromkeys(("fr_title", "en_title", "fr", "en", "example"), "x")
    return declare_field(subject=DataSubject.NONE, sensitivity=Sensitivity.ORDINARY, purposes=ALL_PURPOSES, **words)


class Sheet(Contract):
    about: ClassVar[ContractMeta] = ContractMeta(
        family="sheet", version="1.0.0", fr_title="x", en_title="x", fr="x", en="x"
    )

    title: Text | None = _fact()
    minutes: Minutes | None = _fact()
    billed: Flag | None = _fact()
    motive: Coded | None = _fact()
    addresses: list[Address] | None = _fact()


EXTRA = pl.Struct({"zeta": pl.Struct({"b": pl.String(), "a": pl.String()}), "Éditeur": pl.Struct({"c d": pl.String()})})
DTYPES = {ROW: pl.UInt32(), **dict(reversed(list_columns(Sheet).items())), "extra": EXTRA}

# Polars holds no lone surrogate; everything else may come in a cell.
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n\r\t\b\f\x00\x1f\x7f é€😀'), max_size=8
)


def values(dtype: pl.DataType) -> st.SearchStrategy[Any]:
    """Make any value of a type, unknown ones often."""
    match dtype:
        case pl.Struct():
            inside = st.fixed_dictionaries({name: values(inner) for name, inner in dict(dtype).items()})
        case pl.List():
            inside = st.lists(values(dtype.inner), max_size=3)
        case pl.Boolean():
            inside = st.booleans()
        case pl.String():
            inside = TEXTS
        case _:
            inside = st.integers(0 if dtype == pl.UInt32() else -(2**63), 2**31)
    return st.none() | inside if dtype != pl.UInt32() else inside


FRAMES = st.lists(
    st.fixed_dictionaries({name: values(dtype) for name, dtype in DTYPES.items()}), min_size=1, max_size=5
).map(lambda rows: pl.DataFrame(rows, schema=DTYPES))


def pruned(value: Any) -> Any:
    """Leave out what is unknown, at any depth; None when nothing is left."""
    match value:
        case dict():
            kept = {name: pruned(inner) for name, inner in value.items()}
            return {name: inner for name, inner in kept.items() if inner is not None} or None
        case list():
            return [item for item in map(pruned, value) if item is not None] or None
        case _:
            return value


def arranged(record: dict[str, Any]) -> dict[str, Any]:
    """Put a row in the order that canonical JSON has."""
    record = {name: record[name] for name in Sheet.list_fields() if name in record}
    if record.get("extra"):
        groups = {group: record["extra"][group] or {} for group in sorted(record["extra"])}
        record["extra"] = {group: {name: cells[name] for name in sorted(cells)} for group, cells in groups.items()}
    return record


@given(FRAMES)
@settings(max_examples=count_examples(60), deadline=None)
def test_it_is_what_python_writes_of_the_record_without_its_unknowns(frame: pl.DataFrame):
    wanted = [
        json.dumps(pruned(arranged(row)) or {}, ensure_ascii=False, separators=(",", ":")) for row in frame.to_dicts()
    ]
    assert canonical.encode(frame, Sheet).to_list() == wanted


@given(FRAMES)
@settings(max_examples=count_examples(60), deadline=None)
def test_a_record_is_the_object_that_its_text_says(frame: pl.DataFrame):
    said = [json.loads(line) for line in canonical.encode(frame, Sheet)]
    assert list(map(json.dumps, canonical.to_records(frame, Sheet))) == list(map(json.dumps, said))


@given(FRAMES)
@settings(max_examples=count_examples(60), deadline=None)
def test_reading_it_back_loses_nothing(frame: pl.DataFrame):
    lines = canonical.encode(frame, Sheet)
    back = canonical.parse([line.encode() for line in lines], Sheet)
    assert canonical.encode(back, Sheet).to_list() == lines.to_list()
    known = list_columns(Sheet)
    assert {name: dtype for name, dtype in back.schema.items() if name != "extra"} == {
        name: dtype for name, dtype in known.items() if name != "extra"
    }


@given(FRAMES)
@settings(max_examples=count_examples(30), deadline=None)
def test_a_value_is_absent_exactly_where_the_json_leaves_it_out(frame: pl.DataFrame):
    records = canonical.to_records(frame, Sheet)
    for name, dtype in frame.schema.items():
        if name != ROW:
            found = frame.select(canonical.is_absent(pl.col(name), dtype).alias("absent")).to_series().to_list()
            assert found == [name not in record for record in records]


def test_fields_stand_in_the_order_of_the_contract():
    frame = pl.DataFrame({"minutes": [60], "title": ["Toilette"], "ref": ["s:sheet:1"], ROW: [0]})
    assert canonical.encode(frame, Sheet).to_list() == ['{"ref":"s:sheet:1","title":"Toilette","minutes":60}']


def test_an_empty_frame_gives_no_line():
    frame = pl.DataFrame(schema=DTYPES)
    assert canonical.encode(frame, Sheet).to_list() == []
    assert canonical.parse([], Sheet).height == 0


def test_a_row_that_knows_nothing_is_an_empty_object():
    frame = pl.DataFrame({"ref": [None]}, schema={"ref": pl.String()})
    assert canonical.encode(frame, Sheet).to_list() == ["{}"]


@pytest.mark.parametrize("known", [{}, {"addresses": []}, {"addresses": [{}, None]}, {"extra": {"zeta": {}}}], ids=str)
def test_rows_of_which_none_knows_anything_are_an_empty_object_each(known: dict[str, Any]):
    frame = pl.DataFrame([{ROW: 0}, {ROW: 1, **known}], schema=DTYPES)
    assert canonical.encode(frame, Sheet).to_list() == ["{}", "{}"]
    assert canonical.to_records(canonical.parse(["{}", "{}"], Sheet), Sheet) == [{}, {}]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "not json",
        '{"ref": "s:sheet:1"}',
        '{"ref":"s:sheet:1","title":null}',
        '{"title":"x","ref":"s:sheet:1"}',
        '{"ref":"s:sheet:1","minutes":"60"}',
        '{"ref":"s:sheet:1","minutes":1.5}',
        '{"ref":"s:sheet:1","title":12}',
        '{"ref":"s:sheet:1","unheard_of":"x"}',
        '{"ref":"s:sheet:1","extra":{"zeta":{}}}',
        '{"ref":"s:sheet:1","extra":{"zeta":"x"}}',
        '{"ref":"s:sheet:1","extra":"x"}',
        '{"ref":"s:sheet:1","ref":"s:sheet:2"}',
    ],
)
def test_what_is_not_canonical_is_not_read(line: str):
    with pytest.raises(ValueError, match=r"^not the canonical JSON of a record of this contract$") as caught:
        canonical.parse([line], Sheet)
    assert caught.value.__cause__ is None


def test_bytes_that_are_not_utf_8_are_not_read():
    with pytest.raises(ValueError, match=r"^not the canonical JSON"):
        canonical.parse([b'{"ref":"s:sheet:\xe9"}'], Sheet)


def test_a_type_that_records_do_not_have_is_refused():
    frame = pl.DataFrame({"ref": [1.5]})
    with pytest.raises(TypeError, match="records have no Float64"):
        canonical.encode(frame, Sheet)


@pytest.mark.parametrize("contract", contracts.catalogue().values(), ids=lambda contract: contract.about.family)
def test_forms_that_need_no_escaping_leave_no_room_for_it(contract):
    for name in canonical._list_unescaped(contract):
        shape, example = list_shapes(contract)[name], contract.describe_fields()[name].example
        accepted = re.compile(shape.pattern.removesuffix("$") + r"\Z") if shape.pattern else None
        for word in list_words(contract.model_fields[name].annotation) if accepted is None else ():
            assert not canonical._needs_escaping(pl.Series([word])), name
        for sign in [*map(chr, range(0x20)), '"', "\\"] if accepted else ():
            bent = [
                f"{example[:at]}{sign}{example[at + replaced :]}" for at in range(len(example)) for replaced in (0, 1)
            ]
            assert not any(map(accepted.match, [*bent, example + sign])), name


def test_what_may_hold_anything_is_escaped_in_valid_records_too():
    frame = pl.DataFrame({"ref": ['a:b:"'], "comment": ["\\"], "status": ["done"]})
    written = canonical.encode(frame, contracts.get("visit/1"), valid=True).item()
    assert written == r'{"ref":"a:b:\"","status":"done","comment":"\\"}'


@pytest.mark.parametrize("width", [64, 65, 300])
@pytest.mark.parametrize("text", ["v", 'a "b"'])
def test_a_map_of_many_cells_is_written_as_one_of_few(width, text):
    cells = [{f"c{place:03}": text if place % 3 else None for place in range(width)}, {"c000": None}, {"c001": "w"}]
    frame = pl.DataFrame({"ref": ["a:person:1", "a:person:2", "a:person:3"], "extra": [{"a": each} for each in cells]})
    person = contracts.get("person/1")
    written = canonical.encode(frame, person).to_list()
    assert written == [json.dumps(one, separators=(",", ":")) for one in canonical.to_records(frame, person)]
    assert '"extra"' not in written[1]


def test_cells_of_a_map_are_written_in_a_time_that_grows_as_they_do():
    def prepare(width: int):
        cells = pl.DataFrame([{f"c{place}": "v" for place in range(width)}] * 3)
        extra = pl.DataFrame([cells.to_struct("a")]).to_struct("extra")
        frame = pl.DataFrame([pl.Series("ref", [f"a:person:{place}" for place in range(3)]), extra])
        return lambda: canonical.encode(frame, contracts.get("person/1"))

    assert measure_growth(prepare, 4_000) < AS_ITS_SIZE
