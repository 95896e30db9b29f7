"""Who can see a record, said to its owner, and why a role may not; each kind of record registers itself.

Calls vault, tenants, access, audit and below.
"""
