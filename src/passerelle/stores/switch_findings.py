"""What was found at changes of supplier, sealed: counts of comparisons and of rollbacks, time after time.

Of the weighed plan and of the differences in detail the latest alone is kept.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from passerelle.stores.database import open_reader, open_writer
from passerelle.stores.switch_schema import switch_finding
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Engine

COMPARED, ROLLED_BACK = "compare", "rollback"
"""Kinds that stay, time after time."""
WEIGHED, DIFFERENCES = "plan", "differences"
"""Kinds of which the latest takes the place of the one before; they are forgotten after a while."""
_FINDING = switch_finding.c


@dataclass(frozen=True, slots=True)
class SwitchFinding:
    """What was found once."""

    id: int
    content: Mapping[str, Any] = field(repr=False)
    who: str
    at: datetime


class SwitchBook:
    """The part of the journal about changes of supplier. Every method is one transaction."""

    _engine: Engine

    def keep_switch_finding(
        self, change: str, kind: str, content: Mapping[str, Any], *, who: str, now: datetime
    ) -> None:
        """Keep what was found, behind what was found before."""
        text = json.dumps(dict(content), ensure_ascii=False, sort_keys=True)
        values = {"change": change, "kind": kind, "content": text, "who": who, "at": now}
        with open_writer(self._engine) as connection:
            connection.execute(insert(switch_finding).values(values))

    def replace_switch_finding(
        self, change: str, kind: str, content: Mapping[str, Any], *, who: str, now: datetime
    ) -> None:
        """Keep what was found, in place of what was found before."""
        text = json.dumps(dict(content), ensure_ascii=False)
        values = {"change": change, "kind": kind, "content": text, "who": who, "at": now}
        with open_writer(self._engine) as connection:
            connection.execute(delete(switch_finding).where(_FINDING.change == change, _FINDING.kind == kind))
            connection.execute(insert(switch_finding).values(values))

    def forget_switch_details(self, before: datetime) -> None:
        """Forget weighed plans and differences in detail from before a moment; counts of comparisons stay."""
        old = _FINDING.kind.in_((WEIGHED, DIFFERENCES)) & (_FINDING.at < before)
        with open_writer(self._engine) as connection:
            connection.execute(delete(switch_finding).where(old))

    def list_switch_findings(self, change: str, kind: str, *, limit: int) -> tuple[SwitchFinding, ...]:
        """Return what was found of a change, the latest first."""
        wanted = select(switch_finding).where(_FINDING.change == change, _FINDING.kind == kind)
        with open_reader(self._engine) as connection:
            rows = connection.execute(wanted.order_by(_FINDING.id.desc()).limit(limit)).all()
        return tuple(SwitchFinding(row.id, json.loads(row.content), row.who, row.at) for row in rows)
