"""The sentence model: a family of its own, taught by Tree-LSTMs."""
