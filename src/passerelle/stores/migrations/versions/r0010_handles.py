"""References leave as handles from now on: each flow that delivered before is told of it once."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from passerelle.stores.instants import InstantType

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CODE = "deliver.references.handles"


def upgrade() -> None:
    """Raise a notice for each flow whose destination has records; a new journal has none, and says nothing."""
    notice = sa.table(
        "notice",
        sa.column("flow", sa.Text),
        sa.column("code", sa.Text),
        sa.column("since", InstantType),
        sa.column("seen_at", InstantType),
        sa.column("details", sa.Text),
    )
    connection, now = op.get_bind(), datetime.now(UTC)
    delivered = sa.text(
        "SELECT DISTINCT scope.flow FROM scope JOIN known ON known.scope_id = scope.id "
        "WHERE NOT EXISTS (SELECT 1 FROM notice WHERE notice.flow = scope.flow AND notice.code = :code)"
    )
    # which of these flows hide references is known to their connectors alone: the next run of a flow drops its notice
    for flow in connection.execute(delivered, {"code": CODE}).scalars().all():
        values = {"flow": flow, "code": CODE, "since": now, "seen_at": now, "details": "{}"}
        connection.execute(notice.insert().values(values))
