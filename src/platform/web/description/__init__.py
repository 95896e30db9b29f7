"""The document of the API, made from what the routes themselves say (ADR 40)."""
