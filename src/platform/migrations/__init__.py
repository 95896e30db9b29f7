"""Alembic migrations; `ddl` makes every table of an organisation the same way. Calls every module's models."""
