"""The service catalogue: what partners and statutory bodies offer, where and when, confirmed every school year (R-270).

Calls notifications and below; referrals propose by it.
"""
