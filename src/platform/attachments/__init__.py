"""Files beside a record: the original sealed, a cleaned copy to read, nothing ever deleted (S-21, S-56)."""
