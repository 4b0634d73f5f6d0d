"""Minimisation: drop what the purpose and the recipient may not have, and count what is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts.canonical import is_absent
from passerelle.contracts.field_meta import Sensitivity
from passerelle.contracts.field_types import list_shapes
from passerelle.contracts.release import NEVER, RECIPIENTS, Condition
from passerelle.contracts.types import FieldKind
from passerelle.vocabulary.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Collection

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.release_policy import ReleasePolicy


def check_purpose(contract: type[Contract], policy: ReleasePolicy) -> None:
    """Raise FlowError when a field that the contract requires may not go, before anything leaves.

    Codes: `gate.recipient.excluded` when a recipient of this kind can have nothing, `gate.ground.missing` when the
    processing would only have to state its ground for special categories, `gate.purpose.unserved` otherwise.
    """
    if policy.recipient_kind not in RECIPIENTS[policy.purpose]:
        purpose, kind = str(policy.purpose), str(policy.recipient_kind)
        known = ", ".join(sorted(RECIPIENTS[policy.purpose]))
        raise FlowError("gate.recipient.excluded", purpose=purpose, kind=kind, known=known)
    releases = policy.find_releases(contract)
    missing = [name for name in list_required(contract, policy) if releases[name] == NEVER]
    if not missing:
        return
    only_ground = set(missing) <= set(policy.list_held_back(contract, Condition.GROUND))
    code = "gate.ground.missing" if only_ground else "gate.purpose.unserved"
    raise FlowError(code, contract=contract.about.id, purpose=str(policy.purpose), fields=", ".join(missing))


def list_required(contract: type[Contract], policy: ReleasePolicy) -> list[str]:
    """List the fields without which a record of the contract is none for this purpose.

    Figures need nothing that names or links: a contract requires its numbers and references so that records can be
    told apart and put together, which is what figures must not allow.
    """
    fields = contract.describe_fields()
    return [
        name
        for name, info in contract.model_fields.items()
        if info.is_required()
        and not (policy.is_figures and not fields[name].key and fields[name].sensitivity is Sensitivity.IDENTIFYING)
    ]


def minimise(frame: pl.DataFrame, contract: type[Contract], policy: ReleasePolicy) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Drop the fields that may not go; count their known values (in a map: its cells).

    The counts have a row for each record, a column for each field that lost something.

    An explicit «nothing» is information too: `confirmed_none` keeps no name of a field that may not go.
    """
    releases = policy.find_releases(contract)
    # Total: a column that is no field of the contract (a new field, a slip) has no release either, but for the row.
    withheld = [name for name in contract.model_fields if releases.get(name, NEVER) == NEVER]
    counts = frame.select(_count_withheld(frame, contract, withheld))
    needed = frame.drop(withheld, strict=False)
    if "extra" in withheld and "extra" in frame.columns and (named := policy.list_columns()):
        extra, left = _keep_columns(frame.get_column("extra"), named)
        counts = counts.with_columns(left.alias("extra"))
        needed = needed if extra is None else needed.with_columns(extra)
    if isinstance(needed.schema.get("confirmed_none"), pl.List):
        needed = needed.with_columns(pl.col("confirmed_none").list.filter(~pl.element().is_in(withheld)))
    return needed, counts


def _keep_columns(extra: pl.Series, named: Collection[str]) -> tuple[pl.Series | None, pl.Series]:
    """Return the named columns of `extra`, None when it has none, and the known cells that each row leaves behind."""
    left, kept = pl.zeros(len(extra), pl.Int64, eager=True), []
    if not isinstance(extra.dtype, pl.Struct):
        return None, left
    for cells in extra.struct.unnest():
        if not isinstance(cells.dtype, pl.Struct):
            continue
        columns = cells.struct.unnest()
        going = [name for name in columns.columns if name in named]
        left = left + _count_present(columns.drop(going), len(extra))
        if going:
            kept.append(columns.select(going).to_struct(cells.name))
    if not kept:
        return None, left
    whole = pl.DataFrame(kept).to_struct("extra").to_frame()
    is_known = ~is_absent(pl.col("extra"), whole.schema["extra"])
    return whole.select(pl.when(is_known).then(pl.col("extra"))).to_series(), left


def _count_withheld(frame: pl.DataFrame, contract: type[Contract], withheld: list[str]) -> list[pl.Expr]:
    """Return, by field, the expression that counts the known values of each row."""
    kinds = list_shapes(contract)
    there, schema = [name for name in frame.columns if name in withheld], frame.schema
    counted = [
        pl.lit(_count_cells(frame.get_column(name))).alias(name)
        if kinds[name].kind is FieldKind.MAP
        else _count_known(pl.col(name), schema[name]).alias(name)
        for name in there
    ]
    if isinstance(schema.get("confirmed_none"), pl.List) and "confirmed_none" not in withheld:
        names = pl.col("confirmed_none").list.filter(pl.element().is_in(withheld))
        counted.append(names.list.len().fill_null(0).cast(pl.Int64).alias("confirmed_none"))
    return counted


def _count_cells(values: pl.Series) -> pl.Series:
    """Count the known cells of a map in each row; there may be thousands of them."""
    if not isinstance(values.dtype, pl.Struct):
        return values.to_frame().select(_count_known(pl.col(values.name), values.dtype)).to_series()
    parts = values.struct.unnest()
    flat = [name for name, dtype in parts.schema.items() if not dtype.is_nested()]
    return sum(map(_count_cells, parts.drop(flat)), start=_count_present(parts.select(flat), len(values)))


def _count_present(flat: pl.DataFrame, height: int = 0) -> pl.Series:
    """Count the cells of each row that are there, in one look at all columns."""
    if not flat.width:
        return pl.zeros(height, pl.Int64, eager=True)
    return flat.select(pl.sum_horizontal(pl.all().is_not_null().cast(pl.Int64))).to_series()


def _count_known(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return (~is_absent(value, dtype)).cast(pl.Int64)
