"""How alembic runs here: on the connection that ``Database.migrate`` hands over, and no other."""

from alembic import context

from sync_server.store.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
