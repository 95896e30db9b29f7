"""Classes, who learns in them, and the import of class lists. Calls vault, tenants, access, audit, outbox and below."""
