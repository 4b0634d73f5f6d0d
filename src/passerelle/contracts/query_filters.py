"""What records of a contract can be asked by: fields that are keys, references or days, and no others."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.contracts.field_types import list_shapes
from passerelle.contracts.types import DAY, INSTANT, PARTIAL_DAY, URN, FieldKind
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.contracts.contract import Contract

_DATES = (FieldKind.DAY, FieldKind.PARTIAL_DAY, FieldKind.INSTANT)
_ENDINGS = ("ge", "lt")
"""From a moment on, and before one: half-open, so that two neighbouring spans share nothing."""
_PATTERNS: Mapping[FieldKind, tuple[str, ...]] = MappingProxyType(
    {
        FieldKind.URN: (URN,),
        FieldKind.DAY: (DAY,),
        FieldKind.PARTIAL_DAY: (PARTIAL_DAY,),
        # a day alone is that of the place of the record
        FieldKind.INSTANT: (DAY, INSTANT),
    }
)


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """One parameter of a list: `planned_start.ge`."""

    field: str
    kind: FieldKind
    ending: str = ""
    """`ge`, `lt`; empty: equal."""

    @property
    def name(self) -> str:
        """Return the parameter."""
        return f"{self.field}.{self.ending}" if self.ending else self.field

    @property
    def patterns(self) -> tuple[str, ...]:
        """Return the forms that its value may have."""
        return _PATTERNS[self.kind]


def list_filters(contract: type[Contract], fields: Sequence[str]) -> tuple[FieldFilter, ...]:
    """Return the filters of a contract for who may read these fields, in the order of the fields."""
    described, shapes = contract.describe_fields(), list_shapes(contract)
    found: list[FieldFilter] = []
    for name in fields:
        kind, meta = shapes[name].kind, described[name]
        if kind is FieldKind.URN and (meta.key or meta.reference):
            found.append(FieldFilter(name, kind))
        elif kind in _DATES:
            found += [FieldFilter(name, kind, ending) for ending in ("", *_ENDINGS)]
    return tuple(found)
