"""Mutants of the product: is every guard itself guarded."""
