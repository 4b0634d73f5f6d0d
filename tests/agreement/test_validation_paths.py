"""Two paths, one authority: what the fast path accepts, the model path accepts without a finding, with the same value.

The rows are drawn from the contracts themselves: right but for one field, so that every kind of value meets the border
between what may pass and what may not.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle import contracts, nomenclatures
from passerelle.contracts import canonical
from passerelle.contracts.field_types import list_columns
from passerelle.contracts.types import Coded, FieldKind, Identifier
from passerelle.stages.validate.contract_tree import Node, read_tree
from passerelle.stages.validate.fast_path import check_rows
from passerelle.stages.validate.model_path import judge
from passerelle.stages.validate.validation import validate
from passerelle.vocabulary.doubts import WARN_ONLY, DoubtRules, can_be_strict
from passerelle.vocabulary.parcels import Records, TextTable
from passerelle.vocabulary.place import ROW
from passerelle.vocabulary.reasons import REASONS

if TYPE_CHECKING:
    from passerelle.contracts.contract import Contract

STRICT = DoubtRules(frozenset(code for code in REASONS if can_be_strict(code)))
IDS = sorted(contracts.catalogue())
EXTRA = pl.Struct({"compani": pl.Struct({"Équipe": pl.String(), "Motif#2": pl.String()})})

NASTY = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('\x00\x07\n\x7f\x9f\ufffd"\\ é😀'), max_size=6
)
DAYS = ["2024-12-31", "2024-02-29", "0001-01-01", "9999-12-31", "1947-04-03"]
NO_DAYS = [
    "2024-02-30",
    "2023-02-29",
    "0000-01-01",
    "2024-12-31\n",
    " 2024-12-31",
    "２０２４-12-31",
    "2024-1-31",
    "31/12/2024",
]
MOMENTS = [f"{day}T08:00:00+01:00" for day in DAYS] + ["2024-06-30T23:59:59+14:59", "2024-12-31T07:00:00+00:00"]
NO_MOMENTS = [
    *(f"{day}T08:00:00+01:00" for day in NO_DAYS),
    *("2024-12-31T08:00:00-00:00", "2024-12-31T24:00:00+01:00", "2024-12-31T08:00:00", "2024-12-31T08:00:00Z"),
    *(
        "2024-12-31T08:00:00+15:00",
        "2024-12-31T08:00:60+01:00",
        "2024-12-31T08:00:00+01:00\n",
        "2024-12-31 08:00:00+01:00",
    ),
]
GOOD: dict[FieldKind, st.SearchStrategy[Any]] = {
    FieldKind.URN: st.sampled_from(["compani:visit:1", "a:b:%C3%A9", 's-1.x_y:home_care:"\\~!']),
    FieldKind.DAY: st.sampled_from(DAYS),
    FieldKind.PARTIAL_DAY: st.sampled_from([*DAYS, "1947", "1947-04", "0000", "2024-02-30"]),
    FieldKind.INSTANT: st.sampled_from(MOMENTS),
    FieldKind.AMOUNT: st.sampled_from(["0.00", "-0.00", "12.50", "-999999999.99", "0.05"]),
    FieldKind.QUANTITY: st.sampled_from(["0", "1.75", "9999999.999", "0.001", "12", "1.50"]),
    FieldKind.FLAG: st.booleans(),
}
BAD: dict[FieldKind, st.SearchStrategy[Any]] = {
    FieldKind.URN: st.sampled_from(
        ["", "compani:visit:", "Compani:visit:1", "compani:visit:a b", "compani:visit:1\n", "a:b:é"]
    ),
    FieldKind.DAY: st.sampled_from(NO_DAYS),
    FieldKind.PARTIAL_DAY: st.sampled_from(["", "194", "1947-13", "1947-04-00", "1947\n", "１９４７"]),
    FieldKind.INSTANT: st.sampled_from(NO_MOMENTS),
    FieldKind.AMOUNT: st.sampled_from(
        ["", "12", "12.5", "12,50", "+1.00", "00.00", "1e2.00", "12.50\n", "1234567890.00"]
    ),
    FieldKind.QUANTITY: st.sampled_from(["", "-1", "01", "1.", "1.2345", "1e3", "NaN", "12345678", "1\n"]),
    FieldKind.INTEGER: st.sampled_from([-1, 2**63 - 1, -(2**63), 527_041, 1_000_001]),
    FieldKind.WORD: NASTY | st.sampled_from(["", "Realised", "phone\n"]),
    FieldKind.FLAG: st.none(),
}


def values(node: Node, *, bad: bool) -> st.SearchStrategy[Any]:
    """Make values for a place in a record: right ones, or ones that may be wrong somewhere inside."""
    match node.kind:
        case FieldKind.OBJECT:
            return _objects(node, bad=bad)
        case FieldKind.LIST:
            items = values(node.item, bad=bad) | st.none() if bad else values(node.item, bad=False)
            return st.lists(items, min_size=node.min_length, max_size=3) | (_too_many(node) if bad else st.nothing())
        case FieldKind.MAP:
            cells = {name: st.none() | NASTY for name in ("Équipe", "Motif#2")}
            return st.fixed_dictionaries({"compani": st.none() | st.fixed_dictionaries(cells)})
        case FieldKind.TEXT:
            return _texts(node, bad=bad)
        case kind:
            return BAD[kind] if bad else _good(node)


def _good(node: Node) -> st.SearchStrategy[Any]:
    if node.kind is FieldKind.INTEGER:
        return st.integers(node.minimum or 0, node.maximum or 2**31)
    if node.kind is FieldKind.WORD:
        return st.sampled_from(node.words)
    return GOOD[node.kind]


def _too_many(node: Node) -> st.SearchStrategy[Any]:
    if node.max_length is None:
        return st.nothing()
    return values(node.item, bad=False).map(lambda item: [item] * (node.max_length + 1))


def _texts(node: Node, *, bad: bool) -> st.SearchStrategy[str]:
    most = node.max_length or 40
    if bad:
        return NASTY | st.sampled_from(["", "é" * most, "x" * (most + 1), "a\x00b", "fin\n"])
    custom = [pattern for pattern in node.patterns if "\\x00" not in pattern]
    if custom:
        return st.from_regex(re.compile(custom[0].removesuffix("$") + r"\Z"))
    return st.sampled_from(["Toilette", 'Café "noir"\n\\', "😀", "x" * min(most, 300), "é" * (most // 2)])


def _objects(node: Node, *, bad: bool) -> st.SearchStrategy[Any]:
    if node.model is Coded:
        return _codes(node, bad=bad)
    if node.model is Identifier:
        return _identifiers(bad=bad)
    fields = {
        name: values(inner, bad=False) if inner.required else st.none() | values(inner, bad=False)
        for name, inner in node.fields.items()
    }
    if bad:
        fields = {name: st.none() | fields[name] | values(inner, bad=True) for name, inner in node.fields.items()}
    return st.fixed_dictionaries(fields)


def _codes(node: Node, *, bad: bool) -> st.SearchStrategy[Any]:
    listed = nomenclatures.get(node.codes) if node.codes else None
    codes = list(listed.codes[:3]) if listed else ["x"]
    systems = [None, "another", *((listed.name, listed.system) if listed else ())]
    words = st.none() | st.sampled_from(["Toilette", "", "a\x07"]) if bad else st.none() | st.just("Toilette")
    return st.fixed_dictionaries(
        {
            "code": st.sampled_from([None, "", "unheard of", *codes] if bad else codes),
            "system": st.sampled_from([*systems, ""] if bad else systems),
            "label": words,
            "original": words,
        }
    )


def _identifiers(*, bad: bool) -> st.SearchStrategy[Any]:
    right = [("nir", "255081416802538"), ("siret", "73282932000074"), ("compani", "12"), ("finess", "480787529")]
    wrong = [
        ("nir", "255081416802539"),
        ("siret", "12"),
        ("nir", ""),
        ("", "1"),
        ("nir", None),
        (None, None),
        ("iban", "FR76"),
    ]
    return st.sampled_from(right + (wrong if bad else [])).map(
        lambda pair: {"system": pair[0], "value": pair[1], "use": None}
    )


@cache
def plain(contract: type[Contract]) -> dict[str, Any]:
    """Give a small record that its contract accepts: what it requires, and at most two fields that rules ask for."""
    facts = contract.describe_fields()
    needed = {name: facts[name].example for name, info in contract.model_fields.items() if info.is_required()}
    examples = [(name, fact.example) for name, fact in facts.items() if name not in ("source", "extra")]
    more = chain.from_iterable(combinations(examples, size) for size in range(3))
    return next(needed | dict(fields) for fields in more if judge(pruned(needed | dict(fields)), contract) == ())


@cache
def piles(contract: type[Contract]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Make a pile of rows: a full one, and for each field one where only that field may be wrong."""
    fields = {name: node for name, node in read_tree(contract).fields.items() if name != "source"}
    right = {name: values(node, bad=False) for name, node in fields.items()}
    spoilt = {name: st.none() | right[name] | values(node, bad=True) for name, node in fields.items()}
    full = {name: right[name] | st.none() for name in fields}
    return st.tuples(st.fixed_dictionaries(full), st.fixed_dictionaries(spoilt)).map(
        lambda drawn: [drawn[0], *(plain(contract) | {name: value} for name, value in drawn[1].items())]
    )


def frame_of(contract: type[Contract], drawn: list[dict[str, Any]]) -> pl.DataFrame:
    """Lay rows out as translate does."""
    schema = {name: dtype for name, dtype in list_columns(contract).items() if name != "source"} | {"extra": EXTRA}
    frame = pl.DataFrame(drawn, schema=schema)
    return frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW), pl.all())


def table_of(height: int) -> TextTable:
    return TextTable("visites", pl.DataFrame({"A": ["x"] * height}), pl.Series(range(2, height + 2), dtype=pl.UInt32))


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


@pytest.mark.parametrize("name", IDS)
@given(data=st.data())
@settings(max_examples=count_examples(6), deadline=None, suppress_health_check=list(HealthCheck))
def test_the_lanes_agree(name: str, data: st.DataObject):
    contract = contracts.get(name)
    frame = frame_of(contract, data.draw(piles(contract)))
    _assert_admitted_is_admitted_by_the_verdict(frame, contract)
    _assert_only_the_speed_changes(Records(name, frame), strict=data.draw(st.booleans()))


def _assert_admitted_is_admitted_by_the_verdict(frame: pl.DataFrame, contract: type[Contract]) -> None:
    known = check_rows(frame, contract)
    for record in canonical.to_records(frame.filter(known.valid), contract):
        for strict in (False, True):
            judged = judge(record, contract, strict=STRICT.strict if strict else ())
            assert judge(record, contract, strict=STRICT.strict if strict else (), valid=True) == judged
    for record in canonical.to_records(frame.filter(known.plain), contract):
        assert judge(record, contract) == ()
        assert judge(record, contract, strict=STRICT.strict) == ()
        model = contract.model_validate(record)
        assert pruned(model.model_dump(mode="json", exclude_none=True)) == record


def _assert_only_the_speed_changes(records: Records, *, strict: bool) -> None:
    table = table_of(records.frame.height)
    fast = validate(records, table=table, fast_path=True, doubts=STRICT if strict else WARN_ONLY)
    slow = validate(records, table=table, fast_path=False, doubts=STRICT if strict else WARN_ONLY)
    assert fast.records.frame.equals(slow.records.frame)
    assert fast.records.frame.schema == slow.records.frame.schema == records.frame.schema
    assert fast.records.aside == slow.records.aside
    assert fast.records.warned == slow.records.warned
    assert fast.paths.fast_path + fast.paths.model_path == slow.paths.model_path == records.frame.height


@pytest.mark.parametrize("name", IDS)
def test_a_plain_record_takes_the_express_lane_with_any_field_more(name: str):
    contract = contracts.get(name)
    wanted = []
    for field, fact in contract.describe_fields().items():
        record = plain(contract) | {field: fact.example}
        if field not in ("source", "extra") and judge(pruned(record), contract) == ():
            wanted.append(record)
    assert check_rows(frame_of(contract, [plain(contract), *wanted]), contract).plain.all()
