"""What visitors bring, kept durably and for as long as was promised."""
