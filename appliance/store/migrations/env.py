"""Alembic's entry: runs the migrations on the connection that `appliance.store.database` hands over."""

from alembic import context

from appliance.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=False,  # the caller's transaction holds all of it
    render_as_batch=True,
)
context.run_migrations()
