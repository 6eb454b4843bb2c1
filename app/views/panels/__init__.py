"""The panels of a page, each a view-model."""
