"""Alembic environment: all revisions in one transaction, on the connection passed by `stores.database`."""

from __future__ import annotations

from alembic import context

from passerelle.stores.all_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
