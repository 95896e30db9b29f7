"""The promises of the service, each with the tests that hold it."""
