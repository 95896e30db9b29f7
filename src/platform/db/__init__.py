"""PostgreSQL: engines, the signed tenant context, the unit of work, table conventions. Calls kit."""
