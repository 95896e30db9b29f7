"""Users, sign-in names, sessions, second factor. Calls tenants, access, audit, db and kit."""
