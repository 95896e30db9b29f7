"""Meetings of the full team: several incidents on one agenda, quorum without the conflicted, minutes."""
