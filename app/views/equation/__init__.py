"""The equation at one step: quantities, tape, verdict."""
