"""`qorgan …`: the commands of operators and developers. Calls every module's service."""
