"""Translation plans, compiled once a process for each connector: a look at an empty flow must not pay for one."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import field
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from passerelle.stages.decode.dialects import Json, Xlsx
from passerelle.stages.translate.localising import move_table
from passerelle.stages.translate.plan import compile_plan
from passerelle.vocabulary.light_dataclass import dataclass
from passerelle.vocabulary.locality import NOWHERE

if TYPE_CHECKING:
    from passerelle.extension.supplier import Connector
    from passerelle.stages.translate.plan import TranslationPlan
    from passerelle.vocabulary.locality import Locality

MAX_PLANS = 64
"""Plans kept, the least recently used dropped first: each loading of local descriptions makes new ones."""


class _Key(NamedTuple):
    """All that a plan is made from. Contracts are part of the tables; zones too, unless a flow says another."""

    supplier: str
    tables: int
    """Identity: converters may hold what cannot be hashed. The entry keeps the connector, so it is not used again."""
    out_of_scope: int
    nulls: tuple[str, ...]
    nothing: tuple[str, ...]
    true_cells: bool
    """Whether it reads workbooks: one that reads text may share its tables."""
    locality: Locality
    unread: int
    types: str
    typed: bool
    file_name: tuple[str, ...]


@dataclass(slots=True)
class PlanCache:
    """Compiled plans of connectors. Safe to share between threads: plans never change."""

    most: int = MAX_PLANS
    _entries: OrderedDict[_Key, tuple[Connector, TranslationPlan]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, supplier: str, connector: Connector, locality: Locality = NOWHERE) -> TranslationPlan:
        """Return the plan of a connector, compiled at the first request. Raises ValueError as `compile_plan` does."""
        tables, out_of_scope = connector.tables, connector.out_of_scope
        true_cells, types = isinstance(connector.dialect, Xlsx), getattr(connector.dialect, "types", "")
        typed = isinstance(connector.dialect, Json)
        nulls, nothing = tuple(connector.nulls), tuple(connector.nothing)
        words = nulls, nothing, true_cells, locality
        file_name = (connector.file_name,) if isinstance(connector.file_name, str) else tuple(connector.file_name)
        key = _Key(supplier, id(tables), id(out_of_scope), *words, id(connector.unread), types, typed, file_name)
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key][1]
            plan = compile_plan(
                tables if locality == NOWHERE else tuple(move_table(table, locality) for table in tables),
                supplier=supplier,
                out_of_scope=out_of_scope,
                nulls=nulls,
                nothing=nothing,
                true_cells=true_cells,
                unread=connector.unread,
                types=types,
                typed=typed,
                file_name=file_name,
            )
            self._entries[key] = connector, plan
            if len(self._entries) > self.most:
                self._entries.popitem(last=False)
            return plan


_plans = PlanCache()


def get_plan(supplier: str, connector: Connector, locality: Locality = NOWHERE) -> TranslationPlan:
    """Return the plan of a connector of a supplier, read where a flow says; from the cache of the process."""
    return _plans.get(supplier, connector, locality)
