"""One machine without a database: PostgreSQL and Valkey from wheels, started and stopped by us. Not for production."""
