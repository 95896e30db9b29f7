"""Append-only, hash-chained record of who did and read what, one chain an organisation. Calls db and kit."""
