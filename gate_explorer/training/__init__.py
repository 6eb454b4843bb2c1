"""Training: data, losses, optimisers and loops. Uses the zoo and the engine, never the web."""
