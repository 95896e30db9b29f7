"""Students and parents: their reports, what the team tells them of the own child."""
