"""What the city sees: prepared counters of what schools did in time, never a child. Calls deadlines and below."""
