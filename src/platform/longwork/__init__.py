"""Long work in steps: shown, cancelled between two steps, continued where it stopped. Calls vault and below."""
