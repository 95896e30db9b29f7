"""Tokens of partners' programs, and their requests that come twice. Calls vault, tenants, access, audit, outbox."""
