"""What the server bears, measured: `make test-load`. No tests; docs/security.md has the figures."""
