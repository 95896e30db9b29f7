"""How long records are kept, what stops their end, and their end: confirmed by a person, certified, for good.

Calls incidents and below.
"""
