"""What Alembic runs: one transaction for all steps, on the connection that `stores.database` hands over."""

from __future__ import annotations

from alembic import context

from passerelle.stores.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
