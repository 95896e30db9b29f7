"""What the school sees of itself: the five questions, hot spots, gaps in its records, the parents' committee report."""
