"""Events written with the change; an outbox row is lease and idempotency key (decisions 26). Calls db and kit."""
