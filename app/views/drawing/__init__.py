"""Bars and lines as SVG paths."""
