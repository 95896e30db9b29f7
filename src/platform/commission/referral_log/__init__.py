"""The commission's own record of what schools refer outside education."""
