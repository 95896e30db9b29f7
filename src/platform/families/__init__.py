"""Accounts of students and parents: codes on paper, one class at a time. Calls roster, vault, accounts and below."""
