"""One case a child, apart from the incident's file, with its own manager (process (b)). Calls incidents and below."""
