"""Blocks of known records carry a digest; items of a replay that is not under way leave it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty: a block gets its digest when it is merged. Heal what a crash left «replaying» for ever."""
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("known")}
    if "digest" not in columns:  # a migration that stopped half-way is taken up again
        op.add_column("known", sa.Column("digest", sa.LargeBinary))
    op.execute(
        "UPDATE quarantine SET state = 'waiting' WHERE state = 'replaying' AND replay NOT IN "
        "(SELECT \"key\" FROM parcel WHERE state IN ('open', 'waiting', 'done'))"
    )
    # what was delivered by a replay that is done keeps no payload
    op.execute(
        "UPDATE quarantine SET state = 'replayed', payload = NULL, closed_at = "
        "(SELECT max(closed_at) FROM parcel WHERE \"key\" = quarantine.replay) WHERE state = 'replaying' AND replay IN "
        "(SELECT \"key\" FROM parcel WHERE state = 'done') AND replay NOT IN "
        "(SELECT \"key\" FROM parcel WHERE state IN ('open', 'waiting'))"
    )
