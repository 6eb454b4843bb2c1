"""What a run is: its card, inputs, layers, outputs and state; what is held in it; the cache."""
