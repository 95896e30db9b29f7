"""Turns beside the usual way: another investigator, measures for an employee, repeats, reconciliation, reopening."""
