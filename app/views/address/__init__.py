"""The address: the state of the explorer, its lanes and how it is framed."""
