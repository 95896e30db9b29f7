"""What a report asks of the team at once: its facts, their same-day duties, what it belongs together with."""
