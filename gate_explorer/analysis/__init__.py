"""What the numbers of a run mean: the toy's three roles in a real step, and each step in words."""
