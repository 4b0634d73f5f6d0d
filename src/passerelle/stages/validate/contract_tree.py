"""A contract as a tree of what it asks of each value: read once from the model, used by both paths of validation.

The model path asks pydantic, and the tree for explanations; the fast path asks the tree alone. What the tree cannot
express of a model it marks as not `certain`, and the fast path leaves such values to the model path.
"""

from __future__ import annotations

from dataclasses import field, replace
from functools import cache
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic.fields import FieldInfo
from pydantic.types import Strict

from passerelle.contracts.field_types import find_shape, get_item_type, get_model, strip_optional
from passerelle.contracts.types import Coded, FieldKind, Shape
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from passerelle.contracts.contract import Contract
    from passerelle.contracts.field_meta import FieldMeta

_NO_FIELDS: Mapping[str, Node] = MappingProxyType({})
_PARSED_KINDS = (FieldKind.DAY, FieldKind.INSTANT, FieldKind.AMOUNT, FieldKind.QUANTITY)
"""Kinds whose Python object a validator of `contracts.types` builds from the text that their shape describes."""


@dataclass(frozen=True, slots=True)
class Node:
    """What a contract asks of a value at one place. Lengths count characters or items."""

    kind: FieldKind
    required: bool = False
    certain: bool = True
    """False when the model asks more than this tree says."""
    patterns: tuple[str, ...] = ()
    min_length: int = 0
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    words: tuple[str, ...] = ()
    item: Node | None = None
    """What a list asks of its items, a map of its values."""
    model: type[BaseModel] | None = None
    fields: Mapping[str, Node] = field(default_factory=lambda: _NO_FIELDS)
    codes: str = ""
    """Name of the nomenclature in which the code of a coded value is looked up."""
    open_codes: bool = True


@cache
def read_tree(contract: type[Contract]) -> Node:
    """Read a contract into its tree."""
    field_meta = contract.describe_fields()
    root = _read_object(contract)
    fields = {name: _attach_codes(node, field_meta[name]) for name, node in root.fields.items()}
    return replace(root, fields=MappingProxyType(fields))


def _attach_codes(node: Node, meta: FieldMeta) -> Node:
    """Attach its nomenclature to the coded values of a field: to the value itself, or to each item of a list."""
    if not meta.codes:
        return node
    if node.item is not None:
        return replace(node, item=_attach_codes(node.item, meta))
    return replace(node, codes=meta.codes, open_codes=meta.open_codes)


def _read_object(model: type[BaseModel]) -> Node:
    fields = {
        name: replace(_read_node(info.annotation, tuple(info.metadata)), required=info.is_required())
        for name, info in model.model_fields.items()
    }
    checks = model.__pydantic_decorators__
    own = {*checks.validators, *checks.field_validators, *checks.root_validators, *checks.model_validators}
    # A model that checks more than its fields is not certain; of `Coded`, the fast path repeats the check.
    certain = not own or (model is Coded and own == {"_require_code_or_original"})
    return Node(FieldKind.OBJECT, certain=certain, model=model, fields=MappingProxyType(fields))


def _read_node(annotation: Any, metadata: tuple[Any, ...] = ()) -> Node:
    annotation = strip_optional(annotation)
    while get_origin(annotation) is Annotated:
        inner_type, *more = get_args(annotation)
        annotation, metadata = strip_optional(inner_type), (*metadata, *more)
    shape = find_shape(annotation, metadata)
    node = _apply_constraints(shape, metadata)
    if shape.kind is FieldKind.WORD:
        words = get_args(annotation)
        return replace(node, words=words, certain=node.certain and all(isinstance(word, str) for word in words))
    if shape.kind is FieldKind.LIST:
        return replace(node, item=_read_node(get_item_type(annotation)))
    if shape.kind is FieldKind.MAP:
        keys, values = get_args(annotation)
        return replace(node, item=_read_node(values), certain=node.certain and keys is str)
    if shape.kind is FieldKind.OBJECT:
        inner = _read_object(get_model(annotation))
        return replace(inner, certain=inner.certain and node.certain)
    return node


def _apply_constraints(shape: Shape, metadata: tuple[Any, ...]) -> Node:
    """Gather the bounds that the shape and pydantic's own metadata declare; the narrower wins."""
    node = Node(
        shape.kind,
        patterns=(shape.pattern,) if shape.pattern else (),
        min_length=shape.min_length,
        max_length=shape.max_length or None,
        minimum=shape.minimum,
        maximum=shape.maximum,
    )
    # `Field(...)` inside an Annotated type keeps its own constraints one level deeper.
    nested = (entry.metadata if isinstance(entry, FieldInfo) else (entry,) for entry in metadata)
    for entry in chain.from_iterable(nested):
        node = _narrow(node, entry)
    return node


def _narrow(node: Node, entry: Any) -> Node:
    match entry:
        case MinLen():
            return replace(node, min_length=max(entry.min_length, node.min_length))
        case MaxLen():
            return replace(node, max_length=_take_least(entry.max_length, node.max_length))
        case Ge(ge=int() as minimum):
            return replace(node, minimum=minimum if node.minimum is None else max(minimum, node.minimum))
        case Le(le=int() as maximum):
            return replace(node, maximum=_take_least(maximum, node.maximum))
        case _:
            # The validators of `contracts.types` ask what the shape says already.
            is_redundant = isinstance(entry, Shape | Strict) or (
                node.kind in _PARSED_KINDS and isinstance(entry, BeforeValidator | PlainSerializer | WithJsonSchema)
            )
            return node if is_redundant else _add_pattern(node, entry)


def _take_least(one: int, other: int | None) -> int:
    return one if other is None else min(one, other)


def _add_pattern(node: Node, entry: Any) -> Node:
    """Read a `pattern` (pydantic keeps it in a class without a public name); anything else is beyond this tree."""
    attributes = dict(vars(entry)) if hasattr(entry, "__dict__") else {}
    if set(attributes) != {"pattern"} or not isinstance(attributes["pattern"], str):
        return replace(node, certain=False)
    if attributes["pattern"] in node.patterns:
        return node
    return replace(node, patterns=(*node.patterns, attributes["pattern"]))
