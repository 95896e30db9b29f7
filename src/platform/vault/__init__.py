"""People and who they are, sealed; nobody else opens an identity. Calls tenants, access, audit, db and kit."""
