"""Runs migrations inside the transaction that `vault.stores.sqlite.migrate` holds open, which also commits."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
