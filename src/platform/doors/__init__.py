"""The school's public address: reports without an account and their receipts. Calls incidents and what lies below."""
