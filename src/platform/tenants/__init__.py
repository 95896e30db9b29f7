"""Organisations, districts, memberships, settings and provisioning. Calls access, audit, outbox, db and kit."""
