"""Whole pages, each a view-model."""
