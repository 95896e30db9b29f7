"""Agreements with partners, referrals, weekly reports (process (e)). Calls casework and below."""
