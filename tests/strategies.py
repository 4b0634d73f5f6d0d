"""Records of any contract, built from the shapes of its fields: valid ones, and ones with one thing wrong."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, get_args

from hypothesis import strategies as st

from passerelle.contracts import field_types
from passerelle.contracts.types import Coded, FieldKind

if TYPE_CHECKING:
    from passerelle.contracts.contract import Contract

_CHARACTERS = st.one_of(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"], exclude_characters="\ufffd"),
    st.sampled_from("\n\t"),
)
_LOCAL_IDS = st.text("".join(map(chr, range(0x21, 0x7F))), min_size=1, max_size=12)
_OFFSETS = st.sampled_from([0, 60, 120, -240, 330]).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_DAYS = st.dates(date(2024, 1, 1), date(2024, 1, 5))
_MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2024, 1, 3), timezones=_OFFSETS)  # noqa: DTZ001  bounds are naive
"""Days and moments lie close together, so that equal and reversed ones occur."""


def _urns() -> st.SearchStrategy[str]:
    return st.builds("{}:{}:{}".format, st.sampled_from(["gaia", "compani"]), st.just("person"), _LOCAL_IDS)


def _partial_days() -> st.SearchStrategy[str]:
    return st.builds(lambda day, size: day.isoformat()[:size], _DAYS, st.sampled_from([4, 7, 10]))


def _amounts() -> st.SearchStrategy[str]:
    return st.integers(-99_999, 99_999).map(
        lambda cents: f"{'-' * (cents < 0)}{abs(cents) // 100}.{abs(cents) % 100:02}"
    )


def _quantities() -> st.SearchStrategy[str]:
    return st.builds(
        lambda whole, rest: f"{whole}{rest}", st.integers(0, 999), st.sampled_from(["", ".5", ".25", ".125"])
    )


def _texts(shape: Any) -> st.SearchStrategy[str]:
    if shape.pattern.startswith("^[0-9a-f]"):
        return st.text("0123456789abcdef", min_size=64, max_size=64)
    return st.text(_CHARACTERS, min_size=shape.min_length, max_size=min(shape.max_length or 12, 12))


def _objects(annotation: Any) -> st.SearchStrategy[Any]:
    model = field_types.get_model(annotation)
    fields = {name: values(info.annotation, tuple(info.metadata)) for name, info in model.model_fields.items()}
    required = {name: fields[name] for name, info in model.model_fields.items() if info.is_required()}
    optional = {name: fields[name] for name in fields if name not in required}
    built = st.fixed_dictionaries(required, optional=optional)
    return built.filter(lambda value: "code" in value or "original" in value) if model is Coded else built


def _extras() -> st.SearchStrategy[Any]:
    words = st.text("abcé ", min_size=1, max_size=6)
    return st.dictionaries(st.sampled_from(["compani", "gaia"]), st.dictionaries(words, words, min_size=1), min_size=1)


def values(annotation: Any, metadata: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """Give valid JSON values of a field's type."""
    shape = field_types.find_shape(annotation, metadata)
    simple = {
        FieldKind.URN: _urns,
        FieldKind.DAY: lambda: _DAYS.map(date.isoformat),
        FieldKind.PARTIAL_DAY: _partial_days,
        FieldKind.INSTANT: lambda: _MOMENTS.map(lambda moment: moment.replace(microsecond=0).isoformat()),
        FieldKind.AMOUNT: _amounts,
        FieldKind.QUANTITY: _quantities,
        FieldKind.INTEGER: lambda: st.integers(shape.minimum, shape.maximum),
        FieldKind.FLAG: st.booleans,
        FieldKind.TEXT: lambda: _texts(shape),
        FieldKind.WORD: lambda: st.sampled_from(get_args(field_types.strip_optional(annotation))),
        FieldKind.OBJECT: lambda: _objects(annotation),
        FieldKind.LIST: lambda: st.lists(values(field_types.get_item_type(annotation)), min_size=1, max_size=3),
        FieldKind.MAP: _extras,
    }
    return simple[shape.kind]()


def records(contract: type[Contract], only: tuple[str, ...] = ()) -> st.SearchStrategy[dict[str, Any]]:
    """Give records whose fields are valid, rules aside; `only` limits the optional fields."""
    fields = contract.model_fields
    required = {name: info for name, info in fields.items() if info.is_required()}
    optional = {name: info for name, info in fields.items() if name not in required and (not only or name in only)}

    def of(chosen: dict[str, Any]) -> dict[str, Any]:
        return {name: values(info.annotation, tuple(info.metadata)) for name, info in chosen.items()}

    return st.fixed_dictionaries(of(required), optional=of(optional))


_STRANGE = st.one_of(
    st.sampled_from(
        ["", " ", "\n", "0", "2024-02-30", "2024-1-1", "2024-01-01\n", "12,50", "1.2345", "٧", "oui", "a:b:c"]
    ),
    st.sampled_from(["2024-01-01T10:00:00", "2024-01-01T10:00:00Z", "2024-02-30T10:00:00+01:00", "24:00", "x" * 300]),
    st.sampled_from(
        [None, True, False, 0, -1, 1.5, 10**13, [], {}, ["a"], {"code": 1}, {"code": ""}, {"original": "x"}]
    ),
    st.text(max_size=5),
)


@st.composite
def mutated(draw: st.DrawFn, contract: type[Contract]) -> dict[str, Any]:
    """Give a record with one thing changed: a field dropped, added, or given a strange value."""
    record = draw(records(contract))
    field = draw(st.sampled_from([*contract.model_fields, "unheard_of"]))
    if field in record and draw(st.booleans()):
        del record[field]
    else:
        record[field] = draw(_STRANGE)
    return record
