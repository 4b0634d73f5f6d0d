"""Tables of a connector: which rows become records of which contract, field by field."""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.stages.translate.conditions import Where
from passerelle.stages.translate.shaped import Parts, Shapes, wrap_fields
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.stages.translate.converter import Converter

__all__ = ["OutOfScope", "Table", "Where", "covers"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """How rows of one member become records of one contract.

    `fields` maps a contract field to its converter; a list field takes a sequence of converters, one an item, whose
    empty results are dropped. A supplier column that no converter reads is carried in `extra`, unless `waived` gives
    the reason why it is not (a technical column, a figure derived from others).
    """

    contract: str
    fields: Mapping[str, Converter | Sequence[Converter]]
    member: str = ""
    where: tuple[Where, ...] = ()
    """All must hold."""
    required: tuple[str, ...] = ()
    """Supplier columns whose absence parks the parcel. Those that required contract fields read always do."""
    waived: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    carried: tuple[str, ...] = ()
    """Columns known to have no contract field: carried in `extra` like any other, but not reported as drift.

    `Ressources/*` stands for all that such elements hold, however often they repeat; `bank.*` for all below `bank`.
    """
    optional: tuple[str, ...] = ()
    """Columns that are read, or decide, and often are not there at all (elements left out when empty): no drift, and
    nothing parks."""
    within: str = ""
    """For a whole export of a part of the calendar: the contract field whose day places a record. Records outside the
    days that the export spans did not vanish: it does not speak of them."""
    becomes: str = ""
    """The contract that the same row is of later, with the same local id in its `ref`: a plan becomes a visit."""
    deleted: tuple[Where, ...] = ()
    """Rows, all of which conditions hold, announce that the supplier deleted the record: only `ref` is read."""

    cut: Shapes = field(default_factory=lambda: _NOTHING)
    """Columns whose cells hold several things → their shapes (`{CP:5} {Ville}`): converters read the parts by name.

    A part that no converter reads is waived, with a reason.
    """
    glue: Shapes = field(default_factory=lambda: _NOTHING)
    """Columns that converters read and that are glued from several → their shapes (`{Dépt:02}{Commune:03}`)."""

    def __post_init__(self) -> None:
        parts = self.parts
        fields = wrap_fields(self.fields, parts) if parts else self.fields
        # An end that shares its day with a start is written behind it: the cell of the day is the start's.
        object.__setattr__(self, "fields", dict(sorted(fields.items(), key=lambda pair: _is_after(pair[1]))))

    @property
    def parts(self) -> Parts:
        """The columns that are made of others."""
        return Parts.of(self.cut, self.glue)


def _is_after(converters: Converter | Sequence[Converter]) -> bool:
    return bool(getattr(converters, "after", "")) or any(
        getattr(one, "after", "") for one in (converters if isinstance(converters, tuple | list) else ())
    )


def covers(carried: str, column: str) -> bool:
    """Whether a name in `carried` stands for a column: itself, or one of the family that `/*` or `.*` names."""
    stem = carried[:-2]
    below = {"/*": (f"{stem}/", f"{stem}#"), ".*": (f"{stem}.",)}.get(carried[-2:])
    return column == carried or (below is not None and (column == stem or column.startswith(below)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfScope:
    """Rows that the connector leaves out on purpose, with the reason people will read."""

    fr: str
    en: str
    member: str = ""
    where: tuple[Where, ...] = ()
    optional: tuple[str, ...] = ()
    """Columns that decide and often are not there at all: nothing parks."""
    is_error: bool = False
    """Whether the supplier's API says in these rows that it has no answer: they are rejected as its error, because
    somebody wanted a record and has none. `fr` and `en` then say what did not come."""
