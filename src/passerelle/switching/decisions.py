"""Decisions about a change of supplier: codes, defaults, losses that are accepted, by whom and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts.catalogue import get
from passerelle.contracts.field_types import get_item_dtype, list_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODED = {"code", "system", "label", "original"}


@dataclass(frozen=True, slots=True)
class CodeReplacement:
    """The new code of a value. Empty: the value is left out."""

    code: str
    system: str = ""


@dataclass(frozen=True, slots=True)
class AcceptedLoss:
    """A loss that somebody accepts."""

    contract: str
    field: str
    """Empty: whole records of this contract stay behind."""
    kind: str
    """A value of `switching.difference_kinds.Kind`."""
    who: str
    why: str
    most: int | None = None
    """Records that it may concern at most; None: as many as there are."""


@dataclass(frozen=True, slots=True)
class PersonMatch:
    """Two records that somebody confirmed to be the same person, by their refs."""

    contract: str
    origin: str
    target: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """All decisions. The same object is applied when data moves and when both sides are compared."""

    codes: Mapping[tuple[str, str, str], CodeReplacement] = field(default_factory=lambda: MappingProxyType({}))
    """By contract, field and the code of the old side (its own word where it has no code)."""
    defaults: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    """What an empty field is filled with, by contract and field."""
    accepted: tuple[AcceptedLoss, ...] = ()
    matches: tuple[PersonMatch, ...] = ()
    """Confirmed in the worksheet of `switch compare`."""

    def find_acceptance(self, contract: str, field: str, kind: str, count: int = 0) -> AcceptedLoss | None:
        """Return who accepted a loss of so many records; None when nobody did, or not as much."""
        for loss in self.accepted:
            same = (loss.contract, loss.field, loss.kind) == (contract, field, kind)
            if same and (loss.most is None or count <= loss.most):
                return loss
        return None

    def apply(self, frame: pl.DataFrame, contract: str) -> pl.DataFrame:
        """Return records as they are to arrive: codes replaced, empty fields filled. Row order and schema stay."""
        kinds = list_columns(get(contract))
        changed = []
        for name in frame.columns:
            codes = {key[2]: to for key, to in self.codes.items() if key[:2] == (contract, name)}
            default = self.defaults.get((contract, name))
            if name in kinds and (codes or default is not None):
                value = _replace_codes(pl.col(name), frame.schema[name], codes) if codes else pl.col(name)
                changed.append(_fill_default(value, frame.schema[name], default).alias(name))
        absent = [
            _fill_default(pl.lit(None, kinds[name]), kinds[name], default).alias(name)
            for (wanted, name), default in self.defaults.items()
            if wanted == contract and name not in frame.columns
        ]
        return frame.with_columns(*changed, *absent) if changed or absent else frame


def is_coded(dtype: pl.DataType) -> bool:
    """Whether a column holds coded values."""
    return isinstance(dtype, pl.Struct) and {entry.name for entry in dtype.fields} == _CODED


def _replace_codes(value: pl.Expr, dtype: pl.DataType, codes: Mapping[str, CodeReplacement]) -> pl.Expr:
    if isinstance(dtype, pl.List) and is_coded(get_item_dtype(dtype)):
        items = value.list.eval(_replace_code(pl.element(), codes))
        return items.list.drop_nulls()
    if is_coded(dtype):
        return _replace_code(value, codes)
    word = value.replace({old: new.code or None for old, new in codes.items()})
    return word.cast(dtype)


def _replace_code(value: pl.Expr, codes: Mapping[str, CodeReplacement]) -> pl.Expr:
    """Replace one coded value; the old supplier's word goes with the code it stood for."""
    word = pl.coalesce(value.struct.field("code"), value.struct.field("original"))
    old_codes, left_out = list(codes), [old for old, new in codes.items() if not new.code]
    code = word.replace_strict(old_codes, [new.code for new in codes.values()], default=None, return_dtype=pl.String)
    system = word.replace_strict(
        old_codes, [new.system or None for new in codes.values()], default=None, return_dtype=pl.String
    )
    nothing = pl.lit(None, pl.String)
    replaced = pl.struct(code=code, system=system, label=nothing, original=nothing)
    chosen = pl.when(word.is_in(old_codes)).then(replaced).otherwise(value)
    # A value without any word gives null in `is_in`, and must stay.
    return pl.when(~word.is_in(left_out).fill_null(False)).then(chosen)


def _fill_default(value: pl.Expr, dtype: pl.DataType, default: str | None) -> pl.Expr:
    if default is None:
        return value
    nothing = pl.lit(None, pl.String)
    if is_coded(dtype):
        return value.fill_null(pl.struct(code=pl.lit(default), system=nothing, label=nothing, original=nothing))
    if isinstance(dtype, pl.Boolean):
        return value.fill_null(pl.lit(default == "true"))
    return value.fill_null(pl.lit(default).cast(dtype))
