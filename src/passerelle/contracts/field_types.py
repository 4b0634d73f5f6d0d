"""The polars type and the shape of each field of a contract."""

from __future__ import annotations

import types
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import polars as pl
from annotated_types import MaxLen
from pydantic import BaseModel

from passerelle.contracts.types import FieldKind, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

    from passerelle.contracts.contract import Contract

_CONTAINERS = {Literal: FieldKind.WORD, list: FieldKind.LIST, dict: FieldKind.MAP}
_SCALARS = {bool: FieldKind.FLAG, int: FieldKind.INTEGER, str: FieldKind.TEXT}
# Days, amounts and quantities stay texts: their canonical text is what is compared and delivered.
_NARROW = {FieldKind.INTEGER: pl.Int64(), FieldKind.FLAG: pl.Boolean()}


def strip_optional(annotation: Any) -> Any:
    """Return an annotation without `| None`."""
    if get_origin(annotation) in (Union, types.UnionType):
        choices = [choice for choice in get_args(annotation) if choice is not type(None)]
        if len(choices) == 1:
            return choices[0]
    return annotation


def find_shape(annotation: Any, metadata: tuple[Any, ...] = ()) -> Shape:
    """Return the shape of a field's type. Raises TypeError for a type that contracts do not use."""
    # The shape stands in the outermost `Annotated` or further in: all metadata on the way is kept.
    annotation = strip_optional(annotation)
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return find_shape(inner, (*metadata, *more))
    for entry in metadata:
        if isinstance(entry, Shape):
            return entry
    kind = _CONTAINERS.get(get_origin(annotation))
    if kind is not None:
        return Shape(kind)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Shape(FieldKind.OBJECT)
    if annotation in _SCALARS:
        return Shape(_SCALARS[annotation])
    message = f"contracts do not use {annotation!r}"
    raise TypeError(message)


def get_item_type(annotation: Any) -> Any:
    """Return the item type of a list annotation."""
    annotation = strip_optional(annotation)
    if get_origin(annotation) is Annotated:
        return get_item_type(get_args(annotation)[0])
    return get_args(annotation)[0]


def get_model(annotation: Any) -> type[BaseModel]:
    """Return the model of an object annotation."""
    annotation = strip_optional(annotation)
    if get_origin(annotation) is Annotated:
        return get_model(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    message = f"not an object: {annotation!r}"
    raise TypeError(message)


def to_dtype(annotation: Any, metadata: tuple[Any, ...] = ()) -> pl.DataType:
    """Return the polars type of a field. A map (`extra`) is a Struct whose fields each batch decides: Null here."""
    shape = find_shape(annotation, metadata)
    if shape.kind is FieldKind.LIST:
        return pl.List(to_dtype(get_item_type(annotation)))
    if shape.kind is FieldKind.OBJECT:
        fields = get_model(annotation).model_fields
        return pl.Struct({name: to_dtype(info.annotation, tuple(info.metadata)) for name, info in fields.items()})
    # The fields of a map are those that a batch brings; polars has no type for an open object.
    if shape.kind is FieldKind.MAP:
        return pl.Null()
    return _NARROW.get(shape.kind, pl.String())


@cache
def list_columns(contract: type[Contract]) -> Mapping[str, pl.DataType]:
    """Return the polars type of every field of a contract, in canonical order."""
    fields = contract.model_fields
    return {name: to_dtype(fields[name].annotation, tuple(fields[name].metadata)) for name in contract.list_fields()}


@cache
def list_shapes(contract: type[Contract]) -> Mapping[str, Shape]:
    """Return the shape of every field of a contract, in canonical order."""
    fields = contract.model_fields
    return {name: find_shape(fields[name].annotation, tuple(fields[name].metadata)) for name in contract.list_fields()}


def list_part_types(dtype: pl.Struct) -> dict[str, pl.DataType]:
    """Return the types inside a Struct, by name, as instances."""
    return {field.name: _to_instance(field.dtype) for field in dtype.fields}


def get_item_dtype(dtype: pl.List) -> pl.DataType:
    """Return the type of a List's items, as an instance."""
    return _to_instance(dtype.inner)


def _to_instance(dtype: PolarsDataType) -> pl.DataType:
    return dtype() if isinstance(dtype, type) else dtype


def find_max_items(annotation: Any, metadata: tuple[Any, ...] = ()) -> int | None:
    """Return the highest number of items of a list, None without a bound."""
    annotation = strip_optional(annotation)
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return find_max_items(inner, (*metadata, *more))
    bounds = [bound for entry in metadata for bound in (entry, *getattr(entry, "metadata", ()))]
    return next((bound.max_length for bound in bounds if isinstance(bound, MaxLen)), None)


def list_words(annotation: Any) -> tuple[str, ...]:
    """Return the words of a closed list (a Literal)."""
    return tuple(get_args(strip_optional(annotation)))
