"""Working days of Kazakhstan: holidays, transfers, overrides, five- and six-day weeks. Calls tenants, db and kit.

No other module but `deadlines` does arithmetic with days (R-244).
"""
