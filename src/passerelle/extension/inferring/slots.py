"""List the slots of a contract that a column may fill: its fields, lists part by part, with their possible names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from passerelle.contracts.catalogue import get
from passerelle.contracts.field_types import get_item_dtype, list_part_types, list_shapes
from passerelle.contracts.field_types import list_columns as layout_of
from passerelle.contracts.types import FieldKind
from passerelle.extension.inferring.name_likeness import load_lexicon, to_plain

if TYPE_CHECKING:
    from passerelle.contracts.field_meta import FieldMeta
    from passerelle.contracts.types import Shape

DAY = "@day"
"""The day of moments whose column only holds a time of day."""
_PARTS = {
    "telecoms": ("phone", "mobile", "email", "fax"),
    "addresses": ("lines", "postcode", "city", "commune", "country"),
    "identifiers": ("nir", "siret", "siren", "finess", "rpps", "caf", "france_travail"),
}
_OURS = ("confirmed_none", "extra", "source")
_ROOM = {"telecoms.phone": 2, "telecoms.mobile": 2, "telecoms.email": 2, "addresses.lines": 3}
"""How many columns may fill a part; others take one."""
_SEVERAL = 2
"""How many columns may fill a list of codes."""


@dataclass(frozen=True, slots=True)
class ColumnSlot:
    """A field of a contract, or a part of one, that a column may fill."""

    field: str
    part: str
    phrases: tuple[str, ...]
    shape: Shape | None
    fact: FieldMeta | None
    required: bool = False
    coded: bool = False
    room: int = 1
    titles: frozenset[str] = frozenset()
    """The field's own names, as `to_plain` writes them: a column that is called so needs no synonym."""

    @property
    def name(self) -> str:
        """`telecoms.phone`, `status`."""
        return f"{self.field}.{self.part}" if self.part else self.field

    @property
    def kind(self) -> FieldKind | None:
        """The kind of the field; None for the day of moments."""
        return self.shape.kind if self.shape else None


@cache
def list_slots(contract_id: str) -> tuple[ColumnSlot, ...]:
    """List what a contract's columns may fill. Raises KeyError when there is no such contract."""
    contract = get(contract_id)
    family, shape, slots = contract.about.family, list_shapes(contract), list[ColumnSlot]()
    for name, fact in contract.describe_fields().items():
        if name in _OURS:
            continue
        if name in _PARTS:
            for part in _PARTS[name]:
                path = f"{name}.{part}"
                phrases = _list_phrases(family, path)
                slots.append(ColumnSlot(name, part, phrases, shape[name], fact, room=_ROOM.get(path, 1)))
        elif _is_coded(layout_of(contract)[name]) or shape[name].kind not in (
            FieldKind.OBJECT,
            FieldKind.LIST,
            FieldKind.MAP,
        ):
            slots.append(
                _make_whole(family, name, fact, shape[name], required=contract.model_fields[name].is_required())
            )
    # A moment is often written in two columns: its day then needs a slot of its own.
    if any(slot.kind is FieldKind.INSTANT for slot in slots):
        slots.append(ColumnSlot(DAY, "", _list_phrases(family, DAY), None, None))
    return tuple(slots)


def _make_whole(family: str, name: str, fact: FieldMeta, shape: Shape, *, required: bool) -> ColumnSlot:
    phrases = (
        (fact.fr_title, fact.en_title, *_list_phrases(family, name)) if name != "ref" else _list_phrases(family, name)
    )
    coded = shape.kind in (FieldKind.OBJECT, FieldKind.LIST)
    return ColumnSlot(
        name,
        "",
        phrases,
        shape,
        fact,
        required=required,
        coded=coded,
        room=_SEVERAL if shape.kind is FieldKind.LIST else 1,
        titles=frozenset(map(to_plain, (fact.fr_title, fact.en_title, name)))
        if shape.kind is not FieldKind.URN
        else frozenset(),
    )


def _list_phrases(family: str, path: str) -> tuple[str, ...]:
    """Return the possible names of a field: those of this contract, or else of any."""
    own, any_contract = load_lexicon().fields.get(family, {}), load_lexicon().fields["*"]
    # One or the other, never both: a word that is common elsewhere may mean another field here.
    return tuple(own.get(path) or any_contract.get(path) or ())


def _is_coded(dtype: pl.DataType) -> bool:
    """Whether a field holds coded values, one or several."""
    inside = get_item_dtype(dtype) if isinstance(dtype, pl.List) else dtype
    return isinstance(inside, pl.Struct) and set(list_part_types(inside)) == {"code", "system", "label", "original"}
