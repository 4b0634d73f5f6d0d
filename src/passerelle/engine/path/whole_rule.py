"""What «whole» means for a flow: of which contracts, and of which days, each export holds everything there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from passerelle import contracts
from passerelle.engine.settings.api_settings import HandedSourceSettings
from passerelle.engine.settings.endpoint_settings import InboxSourceSettings
from passerelle.engine.settings.query_sources import SqlSourceSettings
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.engine.settings.whole_settings import WholeSettings
    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.extension.supplier import Connector
    from passerelle.stages.translate.table import Table

Period = Literal["day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class ContractRule:
    """How the exports are whole for one contract."""

    within: str = ""
    """The field whose day places a record; empty: an export holds every record, whatever its day."""
    window: str = ""
    """Contracts with the same word here span the same days together: plans and the visits that they become."""
    becomes: str = ""
    """The contract as which the same row may come later."""


@dataclass(frozen=True, slots=True)
class WholeRule:
    """The contracts of which the exports of a flow are the whole."""

    contracts: Mapping[str, ContractRule]
    per: Period = "day"

    @property
    def fields(self) -> frozenset[str]:
        """The contract fields that are read of every row."""
        return frozenset(("ref", *(rule.within for rule in self.contracts.values() if rule.within)))


def make_whole_rule(flow: Flow, connector: Connector) -> WholeRule | None:
    """Return the rule of a flow; None when its source does not send the whole.

    Raises FlowError `settings.whole.no_field` when no contract has the field that is to place records.
    """
    if isinstance(flow.source, InboxSourceSettings | HandedSourceSettings):
        return None  # each message tells of one change
    entry = flow.source.whole
    if isinstance(flow.source, SqlSourceSettings) and flow.source.cursor:
        if entry.enabled:
            raise FlowError("settings.query.not_whole", flow=flow.name)
        return None  # what was had before its cursor is in no look
    if not (connector.whole if entry.enabled is None else entry.enabled):
        return None
    tables: dict[str, list[Table]] = {}
    for table in connector.tables:
        tables.setdefault(table.contract, []).append(table)
    wanted = {name: tables[name] for name in tables if not entry.contracts or name in entry.contracts}
    rules = {name: _make_contract_rule(name, some, entry) for name, some in wanted.items()}
    if entry.within:
        # a contract without the field is left out: nothing would say which of its records an export speaks of
        rules = {name: rule for name, rule in rules.items() if entry.within in contracts.get(name).model_fields}
    if not rules:
        raise FlowError("settings.whole.no_field", field=entry.within or "–", connector=connector.id)
    return WholeRule(rules, entry.per)


def _make_contract_rule(contract: str, tables: Iterable[Table], entry: WholeSettings) -> ContractRule:
    within = entry.within or next((table.within for table in tables if table.within), "")
    becomes = next((table.becomes for table in tables if table.becomes), "")
    return ContractRule(within, becomes or contract, becomes)
