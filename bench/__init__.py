"""What Qorgan costs beside the bare limit (architecture.md 7): `make bench`."""
