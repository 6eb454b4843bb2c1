"""What sets up a machine for the tests: the environment, the browser, htmx's bytes."""
