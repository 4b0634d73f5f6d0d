"""Under which rule of consent each shelf was read last: a rule that changed changes what may be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from passerelle.stores.database import insert_into, open_reader, open_writer
from passerelle.stores.following_schema import followed_rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

_RULE = followed_rule.c


class RuleBook:
    """The part of the store of the API about rules of consent. Every method is one transaction."""

    _engine: Engine

    def list_rules(self, reader: str) -> dict[str, str]:
        """Return by flow the rule under which a kind of process read its shelf last."""
        wanted = select(_RULE.flow, _RULE.rule).where(_RULE.reader == reader)
        with open_reader(self._engine) as connection:
            return {row.flow: row.rule for row in connection.execute(wanted)}

    def keep_rules(self, reader: str, rules: Mapping[str, str]) -> None:
        """Note the rules of flows, under which such a process reads from now on."""
        rows = [{"flow": flow, "reader": reader, "rule": rule} for flow, rule in rules.items()]
        with open_writer(self._engine) as connection:
            kept = insert_into(connection, followed_rule)
            kept = kept.on_conflict_do_update(index_elements=["flow", "reader"], set_={"rule": kept.excluded.rule})
            connection.execute(kept, rows)
