"""What the name of a file says of all its rows: an agency, a month. The connector describes the name as it does a cell.

The journal keeps no names, the depot does, sealed: a parcel that is read again says the same. Bytes that came under
two names keep the first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from passerelle.stages.translate.shapes import describe_shapes
from passerelle.vocabulary.composition import compose
from passerelle.vocabulary.errors import ParcelError

if TYPE_CHECKING:
    from passerelle.engine.path.flow_policy import FlowPolicy
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.stores.depot import Depot
    from passerelle.vocabulary.parcels import DecodedBatch


def name_parcel(policy: FlowPolicy, depot: Depot, digest: str) -> FlowPolicy:
    """Return the policy of a parcel that stands in the depot: with its name, where the connector reads it."""
    return replace(policy, name=depot.read_name(digest)) if policy.plan.file_name else policy


def read_name_columns(plan: TranslationPlan, name: str) -> dict[str, str]:
    """Return what a name says, by column. Raises ParcelError when it is written otherwise than the connector says."""
    base = compose(name.replace("\\", "/").rpartition("/")[2])
    cuts = (shape.cut(base) for shape in plan.file_name)
    found = next((parts for parts in cuts if parts is not None), None)
    if found is None:
        raise ParcelError("decode.name.other", expected=describe_shapes(plan.file_name)["expected"])
    return {column: found.get(column) or "" for column in plan.name_columns}


def add_name_columns(decoded: DecodedBatch, columns: dict[str, str]) -> DecodedBatch:
    """Return a batch whose rows also have what the name of their file says."""
    table = decoded.table
    frame = table.frame.with_columns(pl.lit(text, pl.String).alias(column) for column, text in columns.items())
    return replace(decoded, table=replace(table, frame=frame))
