"""Form E: what a school counts of every calendar month, confirmed by its team and kept by the city."""
