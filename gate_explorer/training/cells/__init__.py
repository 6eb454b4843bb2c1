"""Training that every cell shares: the loop, the model, the release of what was learned."""
