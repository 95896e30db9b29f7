"""Backups of a region: one sealed file of one snapshot, and the way back into an empty database (ADR 34)."""
