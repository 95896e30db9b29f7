"""Who asks, which relations tie them to a record, and what the policy lets them do. Calls db and kit."""
