"""The web: application, pages, API, errors, limits and headers."""
