"""The models one can open: what each is, how it reads its input, and its runs."""
