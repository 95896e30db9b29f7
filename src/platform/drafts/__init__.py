"""What is typed and not sent: drafts, and forms of sessions that ended. Calls vault, outbox, tenants, workdays."""
