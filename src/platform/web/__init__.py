"""The application factory: composes every module's routes, pages in three languages, one transaction a request."""
