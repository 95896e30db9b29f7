"""The school's security team: its order, members, training, duty. Calls vault, tenants, access, audit and below."""
