"""Sight for a while: a name granted by others, and the glass that is broken when nobody else is there.

Calls incidents and below (S-14, S-36, ADR 37).
"""
